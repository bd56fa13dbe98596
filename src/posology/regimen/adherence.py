"""Doses as people take them: some are missed, and the others are early or late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posology.errors import UsageError
from posology.regimen.dose import Dose

if TYPE_CHECKING:
    from numpy.random import Generator

_TAKEN, _JITTER = 0, 1
"""Each question has its own stream, so that the answer to one does not depend on whether the other is asked."""


@dataclass(frozen=True, slots=True)
class Adherence:
    """Each dose is taken with the probability `taken`, at its time plus a normal error of `jitter_minutes` (SD).

    The same `seed` and subject give the same result, whatever other subjects there are and in whatever order; more
    doses of the same regimen do not change what happens to the first ones.
    """

    taken: float = 1.0
    jitter_minutes: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.taken <= 1:
            raise UsageError(f"adherence of {self.taken}: give the part of doses taken, from 0 to 1")
        if not 0 <= self.jitter_minutes <= 24 * 60:
            raise UsageError(
                f"jitter of {self.jitter_minutes} minutes: give a standard deviation from 0 to 1440"
            )
        if self.seed < 0:
            raise UsageError(f"seed {self.seed}: give a whole number from 0 on")

    def apply(self, doses: Sequence[Dose], subject: int = 0) -> list[Dose]:
        """The doses that `subject` takes, in order of time; times are whole minutes and not below zero.

        Doses that stand for a steady state, and resets, stay as they are: they are not something a person takes.
        """
        taken = self._stream(subject, _TAKEN).random(len(doses)) < self.taken
        shifts = self._stream(subject, _JITTER).normal(0.0, self.jitter_minutes, len(doses))
        kept = []
        for dose, is_taken, shift in zip(doses, taken, shifts, strict=True):
            if dose.ss or dose.reset:
                kept.append(dose)
            elif is_taken:
                minutes = max(0, round(dose.time * 60) + round(float(shift))) if self.jitter_minutes else None
                kept.append(dose if minutes is None else replace(dose, time=minutes / 60))
        return sorted(kept, key=lambda dose: dose.time)

    def _stream(self, subject: int, question: int) -> Generator:
        # Imported here because NumPy comes with the extra `simulate`.
        try:
            from numpy.random import Generator, Philox, SeedSequence
        except ModuleNotFoundError as missing:
            raise UsageError("adherence needs NumPy: pip install 'posology[simulate]'") from missing
        if subject < 0:
            raise UsageError(f"subject {subject}: give a whole number from 0 on")
        return Generator(Philox(SeedSequence((self.seed, subject, question))))
