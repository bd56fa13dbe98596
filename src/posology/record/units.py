"""Units of measure: equal spelling, the concept's own conversions, then UCUM through a library.

Conversions that need a molar mass (mg/dL to umol/L) are knowledge and stand with the concept; all others
are left to pint with ucumvert, imported only when a record really uses another unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol


class Rule(Protocol):
    """Anything with a unit and a factor, such as `posology.monograph.model.Conversion`."""

    @property
    def unit(self) -> str:
        """The unit converted from."""

    @property
    def factor(self) -> float:
        """What to multiply by."""


SCORE = "{score}"
LONGEST = 100
"""Characters of the longest unit that is parsed: no real one comes near, and parsing is slow."""
_SPELLINGS = {
    "µ": "u",
    "μ": "u",
    "×10": "10*",
    "x10": "10*",
    "x 10": "10*",
    "10^": "10*",
    "10e": "10*",
    "iu/l": "U/L",
    "mcg": "ug",
}
_SAME = {
    "IU/L": "U/L",
    "[iU]/L": "U/L",
    "U/l": "U/L",
    "u/l": "U/L",
    "units/L": "U/L",
    "UNT/L": "U/L",
    "ml/min": "mL/min",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "mL/min/1.73m2": "mL/min/{1.73_m2}",
    "mL/min/1.73 m2": "mL/min/{1.73_m2}",
    "mL/min/1.73_m2": "mL/min/{1.73_m2}",
    "mL/min/{1.73m2}": "mL/min/{1.73_m2}",
    "mL/min/1.73m*2": "mL/min/{1.73_m2}",
    "mL/min/1.73.m2": "mL/min/{1.73_m2}",
    "mL/min": "mL/min/{1.73_m2}",
    "mg/dl": "mg/dL",
    "g/dl": "g/dL",
    "umol/l": "umol/L",
    "years": "a",
    "year": "a",
    "yr": "a",
    "{INR}": "{ratio}",
    "K/uL": "10*3/uL",
    "k/uL": "10*3/uL",
    "thou/uL": "10*3/uL",
    "10*9/l": "10*9/L",
    "points": SCORE,
    "score": SCORE,
    "{points}": SCORE,
    "{scores}": SCORE,
    "{Score}": SCORE,
    "{#}": SCORE,
    "1": SCORE,
    "ratio": "{ratio}",
    "INR": "{ratio}",
}


@lru_cache(maxsize=4096)
def tidy(unit: str) -> str:
    """The same unit in UCUM spelling where the difference is only a habit of writing."""
    unit = unit.strip()
    for habit, ucum in _SPELLINGS.items():
        unit = unit.replace(habit, ucum)
    return _SAME.get(unit, unit)


@lru_cache(maxsize=4096)
def _library_factor(unit: str, wanted: str) -> float | None:
    try:
        from ucumvert import PintUcumRegistry

        registry = _registry(PintUcumRegistry)
        return float((1.0 * registry.from_ucum(unit)).to(registry.from_ucum(wanted)).magnitude)
    except ImportError:
        raise
    except Exception:  # the parsers raise their own many kinds; all mean: not comparable
        return None


@lru_cache(maxsize=1)
def _registry(make):  # type: ignore[no-untyped-def]
    return make()


def factor(unit: str, wanted: str, rules: Iterable[Rule] = ()) -> float | None:
    """What to multiply a number in `unit` by to have it in `wanted`; None if that has no meaning.

    A missing unit is comparable only where the wanted unit is a score, which UCUM writes without one.
    """
    if len(unit) > LONGEST:
        return None
    unit, wanted = tidy(unit), tidy(wanted)
    if unit == wanted:
        return 1.0
    if not unit:
        return 1.0 if wanted in (SCORE, "{ratio}", "") else None
    for rule in rules:
        if tidy(rule.unit) == unit:
            return rule.factor
    return _library_factor(unit, wanted)
