"""A population of random records under random monographs: everyone gets the answer of the naive oracle.

The records stand in one file, as Bundles one a line, so that what is said of nobody in particular is still
that person's; which file forms are read alike is tested with whole exports (tests/acceptance/test_screen_same).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random
from unittest import mock

import pytest

import posology
from posology.screen import run
from tests import exports
from tests.naive.answer import Answer

from .made_up.compare import differences
from .made_up.people import record
from .made_up.vocabulary import Json
from .made_up.world import Asked, expected, world
from .profiles import FACTOR, SEED

WORLDS = 6
RECORDS = 25


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Snapshots of made-up monographs would drive those of the packaged ones out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSOLOGY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def _named(resources: list[Json], name: str) -> list[Json]:
    """The same record, of a person of another id."""
    text = (
        json.dumps(resources)
        .replace('"id": "p"', f'"id": "{name}"')
        .replace('Patient/p"', f'Patient/{name}"')
    )
    made: list[Json] = json.loads(text)
    return made


@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS * FACTOR))
def test_everyone_gets_the_answer_of_the_oracle(seed: int, tmp_path: Path) -> None:
    made = world(tmp_path / "world", seed, records=1)
    (drug, question, _), random = made.asked[0], Random(seed)
    people = {f"q{number}": record(random, date.fromisoformat(question["on"])) for number in range(RECORDS)}
    source = exports.bundle_lines(
        tmp_path / "in", {name: _named(resources, name) for name, resources in people.items()}
    )
    with mock.patch.object(run, "_pool", exports._inline), exports.units_of(20_000):
        told = posology.screen(source, drug=drug, out=tmp_path / "out", monographs=made.folder, **question)
    assert told["patients"]["patients"] == len(people)
    for name, resources in people.items():
        result = posology.explain(tmp_path / "out", name, monographs=made.folder)
        said = Answer({each.statement: each.status for each in result.findings}, result.stage, result.verdict)
        oracle = expected(made, Asked(drug, question, resources))
        assert not list(differences(said, oracle)), (name, resources)
