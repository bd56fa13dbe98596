"""Doses as people take them: some are missed, and the others are early or late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from posology.errors import UsageError
from posology.regimen.dose import Dose

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from numpy.random import Generator

_TAKEN, _JITTER = 0x7461_6B65_6E, 1
"""Each question has its own stream, so that the answer to one does not depend on whether the other is asked."""
_WORDS = 4
"""64-bit words that one step of Philox4x64 gives."""
_LARGEST_SEED = 2**64 - 1


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
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise UsageError(f"seed {self.seed}: give a whole number from 0 to {_LARGEST_SEED}")

    def apply(self, doses: Sequence[Dose], subject: int = 0) -> list[Dose]:
        """The doses that `subject` takes, in order of time; times are whole minutes and not below zero.

        Doses that stand for a steady state, and resets, stay as they are: they are not something a person takes.
        """
        taken = [self.takes(subject, subject + 1, number)[0] for number in range(len(doses))]
        shifts = self._stream(subject, _JITTER).normal(0.0, self.jitter_minutes, len(doses))
        kept = []
        for dose, is_taken, shift in zip(doses, taken, shifts, strict=True):
            if not can_be_missed(dose):
                kept.append(dose)
            elif is_taken:
                minutes = max(0, round(dose.time * 60) + round(float(shift))) if self.jitter_minutes else None
                kept.append(dose if minutes is None else replace(dose, time=minutes / 60))
        return sorted(kept, key=lambda dose: dose.time)

    def takes(self, start: int, stop: int, dose: int) -> npt.NDArray[np.bool_]:
        """Whether dose number `dose` is taken by each of the subjects from `start` to before `stop`.

        The random number belongs to seed, subject and dose (a counter-based generator), so that it does not matter
        who else is asked about. It is not asked here whether the dose can be missed at all.
        """
        if start < 0:
            raise UsageError(f"subject {start}: give a whole number from 0 on")
        step = start // _WORDS
        # The key as one number: a list with a large one would go through float64.
        philox = _numpy_random().Philox(key=self.seed | _TAKEN << 64, counter=[step, dose, 0, 0])
        words = philox.random_raw(stop - step * _WORDS)[start - step * _WORDS :]
        found: npt.NDArray[np.bool_] = (words >> 11) * 2.0**-53 < self.taken
        return found

    def _stream(self, subject: int, question: int) -> Generator:
        random = _numpy_random()
        if subject < 0:
            raise UsageError(f"subject {subject}: give a whole number from 0 on")
        found: Generator = random.Generator(
            random.Philox(random.SeedSequence((self.seed, subject, question)))
        )
        return found


def can_be_missed(dose: Dose) -> bool:
    """Whether it is a dose that a person takes: not what stands for a steady state, and no reset."""
    return not (dose.ss or dose.reset)


def _numpy_random() -> Any:
    # Imported here because NumPy comes with the extra `simulate`.
    try:
        import numpy.random
    except ModuleNotFoundError as missing:
        raise UsageError("adherence needs NumPy: pip install 'posology[simulate]'") from missing
    return numpy.random
