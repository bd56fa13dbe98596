"""Mutated records: an answer or an error of ours, never another exception; never more permissive by damage.

Some of these records are of real shape and some are real: on failure only the file, the seed and the kind
of error are told, never anything that the record holds.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import posology
from posology.check.result import Result, Survey
from posology.errors import PosologyError

from . import knowledge
from .bundles import EXAMPLES, Parts, joined, parts, shared
from .destroy import DESTROY
from .knowledge import Asked
from .mutate import mutated
from .oracle import CANNOT_TELL, RANK, ask, stopping
from .profiles import FACTOR, SEED

ON = "2026-06-30"
ASKED = (
    Asked("naltrexone", "chronic-pain", "US", "low-dose"),
    Asked("naltrexone", "opioid-use-disorder", "US", "tablet"),
    Asked("methylnaltrexone", "oic-chronic-pain", "US", "tablet"),
    Asked("nalmefene", "alcohol-reduction", "EU", "tablet"),
    Asked("naloxone", "opioid-itch", "US", "injection"),
)
SHARED = shared() or (
    pytest.param(
        None,
        marks=pytest.mark.skip(
            reason="the shared Bundles are not here; set POSOLOGY_DATA to the folder that holds bundles/"
        ),
    ),
)


def name_of(path: Path | None) -> str:
    return path.name if path else "none"


def failure(data: bytes, asked: Asked) -> str:
    """The kind of error and where in the program it was raised, or nothing. No value of the record."""
    try:
        result = posology.check(
            data,
            drug=asked.drug,
            use=asked.use,
            on=ON,
            region=asked.region,
            product=asked.product,
            monographs=knowledge.engine(),
        )
        assert isinstance(result, Result | Survey)
        counts = result.counts
        if counts["read"] != sum(
            counts[each] for each in ("matched", "unmatched", "set_aside", "unreadable")
        ):
            return "the counts do not add up"
        json.dumps(result.to_dict())
    except PosologyError:
        return ""
    except Exception as wrong:
        trace = wrong.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        return f"{type(wrong).__name__} at {where}"
    return ""


def crashes(bundle: Parts, tries: int) -> dict[str, int]:
    """Each failure with the seed that leads to it."""
    found: dict[str, int] = {}
    for seed in range(SEED, SEED + tries):
        chance = random.Random(f"{bundle.name} {seed}")
        raw = list(bundle.raw)
        for _ in range(chance.choice((1, 1, 3, 10))):
            number = chance.randrange(len(raw)) if chance.random() < 0.9 else 0
            raw[number] = mutated(bundle.resources[number], chance, chance.choice((1, 1, 2, 6)))
        data = joined(raw)
        if chance.random() < 0.1:
            data = b"\n".join(raw)
        if why := failure(data, chance.choice(ASKED)):
            found.setdefault(why, seed)
    return found


def permissive(bundle: Parts, asked: Asked) -> list[tuple[str, str]]:
    """Ways of destroying what stops a drug that leave it permitted: the way, and the resource types destroyed."""
    found = []
    before = ask(joined(bundle.raw), asked, knowledge_day())
    refs = {entry.ref.partition("#")[0] for each in stopping(before) for entry in each.entries}
    chosen = [
        number
        for number, each in enumerate(bundle.resources)
        if f"{each['resourceType']}/{each.get('id')}" in refs and each["resourceType"] != "Patient"
    ]
    for way, destroy in DESTROY.items():
        for these in ([chosen], [[each] for each in chosen[:3]]):
            for some in these:
                raw, done = list(bundle.raw), []
                for number in some:
                    made = destroy(bundle.resources[number])
                    if made is not None:
                        raw[number] = json.dumps(made).encode()
                        done.append(bundle.resources[number]["resourceType"])
                if done and RANK[ask(joined(raw), asked, knowledge_day()).verdict] < CANNOT_TELL:
                    found.append((way, ", ".join(sorted(set(done)))))
    return found


def knowledge_day():  # type: ignore[no-untyped-def]
    from datetime import date

    return date.fromisoformat(ON)


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_a_mutated_example_never_crashes(path: Path) -> None:
    assert crashes(parts(path), 300 * FACTOR) == {}


@pytest.mark.parametrize("path", SHARED, ids=name_of)
def test_a_mutated_record_never_crashes(path: Path) -> None:
    small = len(parts(path).raw) < 1500
    assert crashes(parts(path), (12 if small else 3) * FACTOR) == {}


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_damage_to_an_example_permits_nothing(path: Path) -> None:
    for asked in ASKED:
        assert permissive(parts(path), asked) == []


@pytest.mark.parametrize("path", SHARED, ids=name_of)
def test_damage_to_a_record_permits_nothing(path: Path) -> None:
    if len(parts(path).raw) > 600 * FACTOR:
        return
    for asked in ASKED[:2] if FACTOR == 1 else ASKED:
        assert permissive(parts(path), asked) == []
