"""Missed and late doses: the same for the same seed and subject, whatever else is asked."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.errors import UsageError
from posology.regimen import Adherence, Dose, parse_rx

from ...generative.profiles import tries
from ...naive.philox import philox

DOSES = parse_rx("50 mg po q24h x1000").doses()


def test_everything_taken_on_time_changes_nothing() -> None:
    assert Adherence().apply(DOSES) == DOSES


def test_the_part_that_is_taken() -> None:
    kept = Adherence(taken=0.8, seed=1).apply(DOSES)
    assert 760 < len(kept) < 840
    assert set(kept) <= set(DOSES)
    assert Adherence(taken=0).apply(DOSES) == []


def test_jitter() -> None:
    late = [
        dose.time - on_time.time
        for dose, on_time in zip(Adherence(1, 30, 1).apply(DOSES), DOSES, strict=True)
    ]
    mean = sum(late) / len(late)
    assert abs(mean) < 0.05
    assert 0.45 < (sum((hours - mean) ** 2 for hours in late) / len(late)) ** 0.5 < 0.55
    assert all(abs(hours * 60 - round(hours * 60)) < 1e-6 for hours in late)


def test_order_of_time_and_none_before_the_beginning() -> None:
    times = [dose.time for dose in Adherence(1, 600, 3).apply(parse_rx("5 mg q4h x200").doses())]
    assert times == sorted(times)
    assert times[0] >= 0


def test_what_is_missed_does_not_depend_on_jitter() -> None:
    missed = {dose.time for dose in Adherence(0.5, 0, 7).apply(DOSES)}
    jittered = Adherence(0.5, 1, 7).apply(DOSES)
    assert {round(dose.time / 24) * 24 for dose in jittered} == missed


def test_steady_states_and_resets_stay() -> None:
    doses = [Dose(-24, 50, "50 mg", ss=True, ii=24), Dose(0, 0, "0 mg", reset=True), Dose(5, 50, "50 mg")]
    assert Adherence(taken=0, jitter_minutes=60).apply(doses) == doses[:2]


@tries(100)
@given(st.integers(0, 2**64 - 1), st.integers(0, 10_000), st.integers(0, 1000))
def test_the_first_doses_do_not_depend_on_later_ones(seed: int, subject: int, length: int) -> None:
    adherence = Adherence(0.7, 0, seed)
    some = adherence.apply(DOSES[:length], subject)
    assert some == adherence.apply(DOSES, subject)[: len(some)]


def test_subjects_and_seeds_differ() -> None:
    results = [tuple(Adherence(0.5, 0, seed).apply(DOSES, subject)) for seed in (0, 1) for subject in (0, 1)]
    assert len(set(results)) == 4


def test_the_oracle_is_philox() -> None:
    """Known answer of Random123 (kat_vectors: philox4x64 10, counter and key 0)."""
    zero = 0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B
    assert philox((0, 0, 0, 0), (0, 0)) == zero


@pytest.mark.parametrize(("seed", "subject"), [(1, 2), (1, 3), (0, 0), (2**64 - 1, 10_001)])
def test_the_stream_is_the_same_for_ever(seed: int, subject: int) -> None:
    """A dose is taken if its word is low enough: the one of seed, dose and subject, of which four share a counter.

    NumPy counts up before it draws, so the first counter is one above the one that it is given.
    """
    question = int.from_bytes(b"taken", "big")
    words = [philox((subject // 4 + 1, dose, 0, 0), (seed, question))[subject % 4] for dose in range(40)]
    expected = [day for day, word in enumerate(words) if (word >> 11) * 2.0**-53 < 0.5]
    kept = Adherence(taken=0.5, seed=seed).apply(DOSES[:40], subject)
    assert [round(dose.time / 24) for dose in kept] == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"taken": 1.1}, "from 0 to 1"),
        ({"taken": float("nan")}, "from 0 to 1"),
        ({"jitter_minutes": -1}, "from 0 to 1440"),
        ({"seed": -1}, "whole number from 0"),
    ],
)
def test_refused(options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Adherence(**options)


def test_refused_subject() -> None:
    with pytest.raises(UsageError, match="subject -1: give a whole number"):
        Adherence().apply(DOSES, subject=-1)


def test_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy.random", None)
    with pytest.raises(UsageError, match=r"posology\[simulate\]"):
        Adherence().apply(DOSES)
