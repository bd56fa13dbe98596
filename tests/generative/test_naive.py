"""The program against an oracle that was written from the specification and shares no code with it.

Random monographs, with every kind of criterion, and random records: every statement's status, the stage and
the verdict must be the same. A disagreement is a bug in one of the two.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

import tests.naive
from posology.monograph.criterion import KINDS
from tests.naive.answer import KINDS as ANSWERED

from .made_up.compare import report
from .made_up.criteria import LEAVES, NESTED
from .made_up.world import expected, world
from .profiles import FACTOR, SEED

WORLDS = 15
"""Monographs of one test, each with 40 records."""
NEVER = {("recorded", "not-met"), ("use", "unknown")}
"""What is never answered: see the specification."""


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Snapshots of made-up monographs would drive those of the packaged ones out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSOLOGY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.parametrize("part", range(4))
def test_program_and_oracle_agree(part: int, tmp_path: Path) -> None:
    first = SEED + part * WORLDS * FACTOR
    wrong = report(range(first, first + WORLDS * FACTOR), tmp_path)
    assert not wrong, "\n\n".join(wrong)


def test_every_criterion_kind_has_a_generator() -> None:
    assert {*LEAVES, *NESTED} == set(KINDS)


def test_every_criterion_kind_has_an_answer_of_the_oracle() -> None:
    assert set(ANSWERED) == set(KINDS)


def test_every_kind_is_met_and_not_met_and_unknown_and_every_verdict_occurs(tmp_path: Path) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(SEED, SEED + 3 * WORLDS):
        made = world(tmp_path / str(seed), seed, records=20)
        for asked in made.asked:
            answer = expected(made, asked)
            seen[answer.stage, answer.verdict] += 1
            seen.update((name.rpartition("-")[0], status) for name, status in answer.statements.items())
    wanted = {(kind, status) for kind in KINDS for status in ("met", "not-met", "unknown")} - NEVER
    wanted |= {("starting", each) for each in ("avoid", "not-now", "suitable")}
    wanted |= {("taking", each) for each in ("stop", "hold", "continue")}
    wanted |= {
        (stage, each) for stage in ("starting", "taking") for each in ("cannot-tell", "with-precautions")
    }
    assert not wanted - set(seen)


def test_the_oracle_shares_no_code_with_the_program() -> None:
    """Of what is not Python's own it imports only itself, solvers of others, and the shape of a kinetic model."""
    allowed = {"__future__", "calendar", "collections", "dataclasses", "datetime", "fractions", "itertools"}
    allowed |= {"re", "typing", "mpmath", "numpy", "scipy"}
    for path in Path(tests.naive.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert {each.name.partition(".")[0] for each in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom) and not node.level:
                declared = node.module == "posology.monograph.kinetics"
                assert declared or (node.module or "").partition(".")[0] in allowed, path


def test_the_same_seed_gives_the_same_world(tmp_path: Path) -> None:
    one, two = (world(tmp_path / name, 7, drugs=2) for name in ("one", "two"))
    assert one.asked == two.asked
    assert one.monographs == two.monographs
