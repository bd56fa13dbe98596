"""Limits of dose: what the monograph refuses or warns of, in the doses that are to be simulated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from posology.errors import UsageError
from posology.monograph.model import Monograph, Statement
from posology.regimen.dose import CalendarDose, Dose
from posology.regimen.limits import passed
from posology.simulate.regimens import Wanted
from posology.simulate.result import Said

_MIDNIGHT = datetime(2001, 1, 1)  # noqa: DTZ001 - a clock on a wall has no zone
"""Doses of one day count together from the first moment of a regimen on; any Monday will do."""


def beyond_limits(
    monograph: Monograph, asked: Iterable[tuple[Wanted, Sequence[Dose]]], *, despite: bool
) -> tuple[Said, ...]:
    """What has to be said of doses that pass a cap of the monograph.

    A cap that holds for some uses only counts for a regimen of the monograph that is for one of them: what a
    regimen written by hand is for is not known. Likewise one of some products, unless everything that is given by
    its routes is one of them.

    Raises `UsageError` for doses that the monograph refuses, unless they are simulated `despite` that.
    """
    found: list[Said] = []
    for wanted, doses in asked:
        for statement, first in _passed(monograph, wanted, doses):
            assert statement.cap is not None
            sentence = f"{statement.says} {statement.do}".strip()
            if statement.cap.answer == "refuse" and not despite:
                raise UsageError(
                    f"'{wanted.name}': the monograph refuses {_told(first)}: {sentence}"
                    f" [{statement.basis}: {', '.join(statement.sources)}] To see what it would do in the body all"
                    " the same: --despite-limits"
                )
            verb = "refuses" if statement.cap.answer == "refuse" else "warns of"
            said = f"Not a regimen to prescribe. {sentence}" if verb == "refuses" else sentence
            found.append(
                Said(
                    statement.id,
                    f"{wanted.name}: the monograph {verb} {_told(first)}. {said}",
                    statement.basis,
                    statement.sources,
                    "Not a regimen to prescribe: the monograph refuses it." if verb == "refuses" else "",
                )
            )
    return tuple(found)


def _passed(
    monograph: Monograph, wanted: Wanted, doses: Sequence[Dose]
) -> Iterator[tuple[Statement, CalendarDose]]:
    uses = set(wanted.statement.uses) if wanted.statement is not None else set()
    routes = {dose.route for dose in doses}
    made = {each.id for each in monograph.identity.products if each.rx_route in routes}
    if wanted.statement is not None and wanted.statement.products:
        made &= set(wanted.statement.products)
    spoken = [
        each
        for each in monograph.statements
        if (not each.uses or uses.intersection(each.uses))
        and (not each.products or (made and made <= set(each.products)))
    ]
    dated = [CalendarDose(_MIDNIGHT + timedelta(hours=dose.time), dose) for dose in doses if dose.amount]
    yield from passed(spoken, dated)


def _told(first: CalendarDose) -> str:
    return f"{first.dose.text} on day {(first.when - _MIDNIGHT).days + 1}"
