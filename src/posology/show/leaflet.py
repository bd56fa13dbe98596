"""The leaflet for the person who takes the drug: their own dates, and the monograph's plain sentences.

`leaflet` gathers what both forms show (HTML here, PDF in `leaflet_pdf`); `render` is the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from posology.errors import UsageError, unknown_name
from posology.monograph.load import Library
from posology.monograph.model import Use
from posology.monograph.planning import LeafletItem
from posology.regimen.planned import Plan, PlannedDose
from posology.version import VERSION

from .citing import cited
from .escape import plain
from .html import page
from .plan_words import MONTHS, WEEKDAYS, every
from .series import Series, series

SECTIONS = {
    "what-it-is": "What is this medicine?",
    "before": "Before you start",
    "how-to-take": "How to take it",
    "expect": "What to expect, and when",
    "missed": "If you miss a dose",
    "avoid": "What to avoid",
    "call": "When to call for help",
    "stopping": "Do not stop without asking",
}
"""Headings, in the order they are printed."""
WEEKS = 4
"""Weeks that the calendar shows, from the Monday before the first dose."""
FEW = 8
"""With fewer doses in those weeks a list of days is clearer than a calendar."""
ROWS = 24
"""Lines that the table of doses has at most; a regimen without any rhythm would fill pages."""
LISTED = 14
"""Days that such a list has at most."""
OPEN_END = "until you are told"
DATES = {
    "decide": "Visit: you and your doctor decide if you go on",
    "look": "Visit: how do you feel with it?",
    "check": "Check-up or test: ask your clinic which one",
    "hold": "Last dose before your operation",
    "operation": "Your operation",
    "restart": "You may start again if your doctor agrees; later if you took opioids",
    "stop": "Last day",
}
"""What an appointment is called here, the weightiest first; words for professionals are not repeated."""
VISITS = ("decide", "look", "check")
FIRST_CHECK = "Check-ups that come before your first dose"


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of the plan: from when to when, how much, and how often."""

    first: str
    last: str
    amount: str
    often: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar; `doses` are the amounts of that day."""

    number: str
    month: str
    doses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences; those of `urgent` are set apart."""

    heading: str
    urgent: tuple[str, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaflet:
    """Everything the page and the PDF show: plain text, no markup."""

    drug: str
    product: str
    help: tuple[str, ...]
    """What to do when it is urgent; printed at the top and not again."""
    rows: tuple[Row, ...]
    more: int
    """Lines of the table that are left out, which is said."""
    dated: bool
    """False for a single dose, which is taken when it is needed and on no set day."""
    goes_on: bool
    open_end: str
    weeks: tuple[tuple[Cell, ...], ...]
    days: tuple[str, ...]
    dates: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    sources: tuple[tuple[str, str], ...]
    """For each heading the documents that its sentences rest on."""
    region: str
    made: str


def render(plan: Plan, library: Library) -> str:
    """The leaflet as one HTML file that fetches nothing.

    Raises `UsageError` if the monograph has no leaflet for this product.
    """
    return page("leaflet.html", leaflet=leaflet(plan, library))


def leaflet(plan: Plan, library: Library) -> Leaflet:
    """What the leaflet of this plan shows; raises `UsageError` if there is none for its product."""
    items = items_for(library, plan.drug, plan.product, plan.use, plan.region)
    urgent = [each for each in items if each.section == "call" and each.urgent]
    sections = []
    sources = []
    for name, heading in SECTIONS.items():
        own = [each for each in items if each.section == name]
        told = [each for each in own if each not in urgent]
        sections.append(
            Section(
                heading,
                tuple(plain(each.says) for each in told if each.urgent),
                tuple(plain(each.says) for each in told if not each.urgent),
            )
        )
        citations = [citation for each in own for citation in each.sources]
        titles = dict.fromkeys(plain(each.title) for each in cited(library, citations))
        sources.append((heading, "; ".join(titles)))
    rows, shown, dated = _rows(plan), _weeks(plan), len(plan.doses) > 1
    version = plan.versions.get("monograph", "")[:12]
    return Leaflet(
        drug=plain(plan.drug_name),
        product=plain(plan.product_name),
        help=tuple(plain(each.says) for each in urgent),
        rows=tuple(rows[:ROWS]),
        more=max(0, len(rows) - ROWS),
        dated=dated,
        goes_on=plan.endless,
        open_end=OPEN_END,
        weeks=shown,
        days=() if shown else _days(plan),
        dates=_dates(plan) if dated else (),
        sections=tuple(section for section in sections if section.urgent or section.says),
        sources=tuple(sources),
        region=plan.region,
        made=plain(f"Posology {VERSION}, {plan.drug} {version}; {plan.rx}; {plan.region}"),
    )


def items_for(library: Library, drug: str, product: str, use: str, region: str) -> list[LeafletItem]:
    """The sentences for a product, a use and a region; raises `UsageError` if they do not make a leaflet."""
    everything = library.leaflet(drug)
    if not everything:
        raise UsageError(
            f"the monograph of {plain(drug)} has no leaflet; write its sentences in leaflet.yaml, or ask for text"
        )
    wanted = _with_wider(use, library.monograph(drug).uses)
    items = [
        each
        for each in everything
        if (not each.products or product in each.products)
        and (not each.uses or wanted & {*each.uses})
        and (not each.regions or region in each.regions)
    ]
    covered = {name for each in everything for name in each.products}
    missing = [name for name in SECTIONS if not any(each.section == name for each in items)]
    if missing or (covered and product not in covered):
        raise unknown_name(f"product of {plain(drug)} with a leaflet", product, covered)
    return items


def _with_wider(use: str, uses: tuple[Use, ...]) -> set[str]:
    """A use and the wider ones that it is part of."""
    wider = {each.id: each.part_of for each in uses}
    found: set[str] = set()
    while use and use not in found:
        found.add(use)
        use = wider.get(use, "")
    return found


# --- the person's own dates -----------------------------------------------------------------------


def spoken(day: date) -> str:
    """``Tue 1 Dec 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def _rows(plan: Plan) -> list[Row]:
    rows: list[tuple[date, Row]] = []
    for number, step in enumerate(plan.steps):
        parts = series([dose for dose in plan.doses if dose.step == number], pauses=False)
        latest = max((part.doses[-1].when for part in parts), default=None)
        for part in parts:
            first, last = part.first.when.date(), part.doses[-1].when.date()
            goes_on = step.last is None and part.doses[-1].when == latest
            until = OPEN_END if goes_on else spoken(last) if last != first else ""
            rows.append((first, Row(spoken(first), until, _amount(part.first), _often(part))))
    for pause in plan.pauses:
        first, last = pause.last_dose + timedelta(days=1), pause.restart - timedelta(days=1)
        why = f"operation on {spoken(pause.operation)}"
        rows.append((first, Row(spoken(first), spoken(last), "no doses", why)))
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def _amount(dose: PlannedDose) -> str:
    return plain(f"{dose.text} ({dose.taken_as})" if dose.taken_as else dose.text)


def _often(part: Series) -> str:
    hour = part.clock.hour
    time = "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"
    at = f"{(hour - 1) % 12 + 1}:{part.clock:%M} {'am' if hour < 12 else 'pm'}"
    rhythm = every(part) if part.count > 1 else "once"
    if part.every > 7:  # at a clinic, whose hours nobody knows here
        return rhythm
    return f"{rhythm}, in the {time} ({at})"


def _weeks(plan: Plan) -> tuple[tuple[Cell, ...], ...]:
    """The first weeks as a calendar from Monday to Sunday; nothing if that would be nearly empty."""
    monday = plan.start - timedelta(days=plan.start.weekday())
    end = monday + timedelta(weeks=WEEKS)
    by_day: dict[date, list[str]] = {}
    for dose in plan.doses:
        if dose.when.date() < end:
            by_day.setdefault(dose.when.date(), []).append(plain(dose.text))
    if len(by_day) < FEW:
        return ()
    days = [monday + timedelta(days=n) for n in range(7 * WEEKS)]
    cells = [
        Cell(
            str(day.day),
            MONTHS[day.month - 1] if day.day == 1 or day == monday else "",
            tuple(by_day.get(day, ())),
        )
        for day in days
    ]
    return tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7))


def _days(plan: Plan) -> tuple[str, ...]:
    if len(plan.doses) < 2:
        return ()
    told = [f"{spoken(dose.when.date())}: {plain(dose.text)}" for dose in plan.doses[:LISTED]]
    return (*told, "and so on, as the table says") if len(plan.doses) > LISTED else tuple(told)


def _dates(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Days to keep: of the visits of one day only the weightiest, because they are one visit."""
    found: dict[tuple[date, str], str] = {}
    for kind, what in DATES.items():
        for each in plan.appointments:
            if each.kind == kind:
                first = kind == "check" and each.day <= plan.start
                visit = VISITS[0] if kind in VISITS else kind
                found.setdefault((each.day, visit), FIRST_CHECK if first else what)
    return tuple((spoken(day), what) for (day, _), what in sorted(found.items()))
