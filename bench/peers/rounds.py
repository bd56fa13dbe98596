"""What every peer hands back, and how a Python peer is measured."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

CRITERIA = (
    "opioid-within-10-days",
    "anticoagulant-now",
    "alt-above-uln",
    "egfr-below-60",
    "cirrhosis",
    "opioid-use-disorder",
    "age-65",
    "pregnant",
)
"""Names of the criteria, the same for every peer."""


class Skipped(Exception):
    """A peer cannot run on this machine; the message says what it lacks."""


@dataclass(frozen=True)
class Round:
    """One run over all patients, from bytes. `true_for` holds the patients for whom a criterion is true."""

    patients: int
    parse_seconds: float
    evaluate_seconds: float
    true_for: dict[str, frozenset[str]]

    @property
    def seconds(self) -> float:
        """From bytes to answers."""
        return self.parse_seconds + self.evaluate_seconds


@dataclass(frozen=True)
class Ready:
    """A peer that can run: its versions, and `run`, which takes turns and says what the start took."""

    versions: str
    run: Callable[[int], tuple[float, list[Round]]]


def in_process(
    bundles: Sequence[bytes],
    startup_seconds: float,
    parse: Callable[[bytes], Any],
    evaluate: Callable[[Any], tuple[str, Sequence[str]]],
) -> Callable[[int], tuple[float, list[Round]]]:
    """Turns of a Python peer: `parse` each Bundle, then `evaluate` it to its patient and the criteria met."""

    def turn() -> Round:
        true_for: dict[str, set[str]] = {name: set() for name in CRITERIA}
        begun = perf_counter()
        parsed = [parse(each) for each in bundles]
        between = perf_counter()
        for each in parsed:
            patient, met = evaluate(each)
            for name in met:
                true_for[name].add(patient)
        done = perf_counter()
        found = {name: frozenset(patients) for name, patients in true_for.items()}
        return Round(len(bundles), between - begun, done - between, found)

    def run(turns: int) -> tuple[float, list[Round]]:
        # As a service does once it has started: what stays is not looked through again at each collection.
        gc.collect()
        gc.freeze()
        rounds = [turn() for _ in range(turns)]
        gc.unfreeze()
        return startup_seconds, rounds

    return run
