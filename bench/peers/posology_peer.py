"""Posology itself, in process: `posology.check` of each Bundle, for the drug that holds just these criteria."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import posology
from posology.api import engine

from .rounds import CRITERIA, Ready, in_process

MONOGRAPHS = Path(__file__).parent / "monographs"
DRUG, USE = "benchdrug", "bench"


def start(bundles: Sequence[bytes], on: str) -> Ready:
    """Load the knowledge; each turn then answers from bytes (reading is part of the answer)."""
    begun = perf_counter()
    kept = engine(MONOGRAPHS)
    kept.planner(DRUG)

    def evaluate(bundle: bytes) -> tuple[str, list[str]]:
        result = posology.check(bundle, drug=DRUG, use=USE, on=on, monographs=kept)
        met = [
            each.statement for each in result.findings if each.status == "met" and each.statement in CRITERIA
        ]
        return result.patient.removeprefix("Patient/"), met

    taken = perf_counter() - begun
    # `check` reads bytes itself: all of it is counted as evaluation, nothing as parsing.
    return Ready(f"posology {posology.__version__}", in_process(bundles, taken, bytes, evaluate))
