"""People of a finished run by answer and by reason. They are named here: nothing of this is fit to hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from posology.errors import InputError
from posology.screen.folder import Results
from posology.show.html import natural

SHOWN = 100
"""People on one page."""
STATUSES = ("met", "unknown")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to find: with this answer at this stage, to whom this statement applies. Empty: no matter."""

    stage: str = ""
    verdict: str = ""
    statement: str = ""
    status: str = "met"

    def __bool__(self) -> bool:
        return bool(self.verdict or self.statement)


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list. `because` are the statements that impose the verdict."""

    patient: str
    stage: str
    verdict: str
    because: tuple[str, ...]
    earliest: date | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Some of those found, from the number `start` on, of `total`."""

    people: tuple[Person, ...]
    start: int
    total: int


def living(results: Results, wanted: Wanted, start: int = 0) -> Listed:
    """Living people who are wanted, as the report counts them, by id.

    Raises `InputError` if the results cannot be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sought = ~pc.field("dead")
    if wanted.verdict:
        sought &= (pc.field("stage") == wanted.stage) & (pc.field("verdict") == wanted.verdict)
    columns = ["patient", "stage", "verdict", "because", "earliest"]
    try:
        if wanted.statement:
            found = (pc.field("statement") == wanted.statement) & (pc.field("status") == wanted.status)
            whom = results.table("findings").to_table(columns=["patient"], filter=found).column("patient")
            sought &= pc.field("patient").isin(whom.unique())
        verdicts = results.table("verdicts")
        names = verdicts.to_table(columns=["patient"], filter=sought).column("patient").to_pylist()
        shown = sorted(names, key=natural)[start : start + SHOWN]
        rows = verdicts.to_table(
            columns=columns, filter=pc.field("patient").isin(pa.array(shown, pa.string()))
        ).to_pylist()
    except (OSError, pa.ArrowException) as wrong:
        raise InputError(f"the results cannot be read ({type(wrong).__name__}); screen again") from None
    by_name = {row["patient"]: _person(row) for row in rows}
    return Listed(tuple(by_name[name] for name in shown), start, len(names))


def _person(row: Mapping[str, Any]) -> Person:
    return Person(row["patient"], row["stage"], row["verdict"], tuple(row["because"]), row["earliest"])
