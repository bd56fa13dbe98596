"""Words that the readable forms of a plan share: days, rhythms, amounts, and what is said with its basis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from posology.regimen.planned import Appointment, Plan, PlannedDose, Said

from . import words
from .escape import plain
from .series import Series, series

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LINES = 8
"""Stretches of one step that are named; the doses of the rest are counted."""
KINDS = {
    "check": "check",
    "look": "early look",
    "decide": "decision",
    "step": "new step",
    "hold": "pause",
    "operation": "operation",
    "restart": "restart",
    "stop": "stop",
}
"""What each kind of appointment is called."""


def day(when: date) -> str:
    """``Tue 2026-12-01``."""
    return f"{WEEKDAYS[when.weekday()]} {when.isoformat()}"


def mg(amount: float) -> str:
    """``350 mg``; two decimals at most."""
    return f"{round(amount, 2):g} mg" if amount < 1e5 else f"{amount:.0f} mg"


def counted(number: int, what: str) -> str:
    """``14 doses``, ``1 dose``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def headline(plan: Plan) -> str:
    """Drug and title, as in ``Drug: Usual titration in practice``."""
    return plain(f"{plan.drug_name}: {plan.title or plan.rx}")


def context(plan: Plan) -> str:
    """The product, the use and the region."""
    use = f"for {plan.use.replace('-', ' ')}" if plan.use else ""
    return " · ".join(plain(part) for part in (plan.product_name, use, plan.region) if part)


def span(plan: Plan) -> str:
    """From when to when, and whether it goes on."""
    start = f"First dose {day(plan.start)}"
    if plan.start != plan.asked_start:
        start += f" (asked for {day(plan.asked_start)})"
    end = "the regimen goes on after it" if plan.endless else "nothing is planned after it"
    return f"{start}. This calendar ends {day(plan.until)}; {end}."


def rhythms(doses: Iterable[PlannedDose]) -> list[str]:
    """Doses in short lines: ``Tue 2026-12-01 to Mon 2026-12-14: every day at 21:00, 14 doses``.

    Days are left out where there is only one line.
    """
    parts = series(doses, pauses=False)
    if len(parts) == 1 and parts[0].count > 1:
        return [_rhythm(parts[0]).partition(": ")[2]]
    lines = [_rhythm(part) for part in parts[:LINES]]
    hidden = sum(part.count for part in parts[LINES:])
    return [*lines, f"and {counted(hidden, 'dose')} more (--format json)"] if hidden else lines


def rhythms_of(plan: Plan, step: int) -> list[str]:
    """The short lines of one step."""
    return rhythms(dose for dose in plan.doses if dose.step == step)


def _rhythm(part: Series) -> str:
    first = part.first
    if part.count == 1:
        return f"{day(first.when.date())} at {first.when:%H:%M}: {plain(first.text)}, once"
    when = f"{day(first.when.date())} to {day(part.doses[-1].when.date())}"
    return f"{when}: {plain(first.text)} {every(part)} at {first.when:%H:%M}, {counted(part.count, 'dose')}"


def every(part: Series) -> str:
    """``every day``, ``every 3 days``, ``every Sat``, ``every 4 weeks``, ``on Mon, Wed``."""
    if part.weekdays:
        return f"on {days_of_week(part.weekdays)}"
    if part.every == 7:
        return f"every {WEEKDAYS[part.first.when.weekday()]}"
    weeks, rest = divmod(part.every, 7)
    number, unit = (part.every, "day") if rest else (weeks, "week")
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def days_of_week(days: Sequence[int]) -> str:
    """``Mon to Fri``, ``Mon, Wed, Fri``."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0]]} to {WEEKDAYS[days[-1]]}"
    return ", ".join(WEEKDAYS[each] for each in days)


def week(plan: Plan) -> str:
    """The arithmetic of a week; empty where there is none."""
    if plan.week is None:
        return ""
    least, most, mean = plan.week.least_mg, plan.week.most_mg, plan.week.mean_mg
    settled = "from Monday to Sunday, once the doses have settled"
    if least == most:
        return f"{mg(most)} {settled}."
    return f"{mg(least)} to {mg(most)} {settled}; {mg(mean)} on average."


def by_day(plan: Plan) -> list[tuple[date, list[str]]]:
    """The titles of each day's appointments, those of one kind after its name: ``check: this, that``."""
    days: dict[date, dict[str, list[str]]] = {}
    for each in plan.appointments:
        kind = KINDS.get(each.kind, each.kind)
        days.setdefault(each.day, {}).setdefault(kind, []).append(plain(each.title))
    return [
        (day, [f"{kind}: {', '.join(titles)}" for kind, titles in kinds.items()])
        for day, kinds in sorted(days.items())
    ]


def basis(said: Said | Appointment) -> str:
    """Basis and sources, as in ``Basis: label [some-label#2].``."""
    return f"Basis: {words.BASIS.get(said.basis, said.basis)} [{', '.join(map(plain, said.sources))}]."


def to_make(plan: Plan) -> list[str]:
    """What the pharmacy has to make, each need once, with the amounts that need it."""
    needs: dict[str, list[str]] = {}
    for number, step in enumerate(plan.steps):
        if step.needs:
            amounts = needs.setdefault(plain(step.needs), [])
            amounts += {plain(dose.text): None for dose in plan.doses if dose.step == number}
    return [
        f"{', '.join(dict.fromkeys(amounts))}: {need}" if amounts else need for need, amounts in needs.items()
    ]
