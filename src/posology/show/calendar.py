"""The calendar file: iCalendar (RFC 5545) for any calendar program.

Doses that follow a rhythm are one repeating event, all else are events of their own; the file expands to
exactly the plan's doses. Nothing in it says who takes them, and every event is marked private. Times are
floating (08:00 wherever the reader is) or in a named zone, where 08:00 stays 08:00 when the clocks change.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar, Event

from posology.errors import UsageError
from posology.regimen.planned import Appointment, Plan, PlannedDose
from posology.version import VERSION

from .escape import plain
from .series import Series, series
from .timezone import component

NAMESPACE = UUID("7a4cf5a2-90ab-5e0c-8f5d-4f1c6f3d2b60")
"""Ids of events are uuid5 in this namespace of what they say: the same plan gives the same ids."""
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LENGTH = timedelta(minutes=15)
"""Programs hide events without length, so a dose takes a quarter of an hour that is not shown as busy."""
NO_PLACE = {"localtime", "Factory", "posixrules"}
"""Names of files beside the zones, which mean something else on each machine."""
DOSE, APPOINTMENT = "Dose", "Appointment"
"""Categories, by which doses can be told from appointments."""


def render(plan: Plan, timezone: str | None = None) -> bytes:
    """The plan as an iCalendar file in UTF-8. `timezone` is an IANA name; None: floating times.

    Raises `UsageError` for a zone that nobody knows.
    """
    zone = _zone(timezone)
    calendar = Calendar()
    calendar.add("prodid", f"-//Posology//Posology {VERSION}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", plain(plan.drug_name))
    calendar.add("x-wr-calname", plain(plan.drug_name))
    if zone is not None:
        days = [dose.when.date() for dose in plan.doses] or [plan.start]
        calendar.add_component(component(zone, min(days), max(days)))
    events = [_doses(plan, each, zone) for each in series(plan.doses)]
    events += [_appointment(plan, appointment) for appointment in plan.appointments]
    if plan.endless:
        events.append(_end(plan))
    said: Counter[str] = Counter()
    for event in events:
        content = event.to_ical().decode("utf-8")
        event.add("uid", str(uuid5(NAMESPACE, f"{content}{said[content]}")))
        said[content] += 1
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    known = available_timezones() - NO_PLACE
    if name not in known:
        near = get_close_matches(name, sorted(known), n=1) or ["Europe/Berlin"]
        raise UsageError(
            f"unknown time zone '{plain(name, 60)}'; write a name of the IANA database, such as {near[0]}"
        )
    return ZoneInfo(name)


def _doses(plan: Plan, each: Series, zone: ZoneInfo | None) -> Event:
    first = each.first
    event = _event(plan, f"{plan.drug_name} {first.text}", _described(plan, first), DOSE)
    event.add("dtstart", _local(first.when, zone))
    event.add("duration", LENGTH)
    if each.count > 1:
        event.add("rrule", _rule(each))
    if each.left_out:
        event.add("exdate", [_local(datetime.combine(day, each.clock), zone) for day in each.left_out])
    return event


def _rule(each: Series) -> dict[str, object]:
    rule: dict[str, object]
    if each.weekdays:
        rule = {"freq": "WEEKLY", "byday": [DAYS[day] for day in each.weekdays]}
    else:
        weeks, rest = divmod(each.every, 7)
        rule = {"freq": "DAILY" if rest else "WEEKLY", "interval": each.every if rest else weeks}
        if rule["interval"] == 1:
            del rule["interval"]
    return {**rule, "count": each.count}


def _described(plan: Plan, dose: PlannedDose) -> str:
    step = plan.steps[dose.step]
    lines = [step.says, f"Take: {dose.taken_as}" if dose.taken_as else "", plan.product_name]
    return "\n".join(plain(line) for line in lines if line)


def _appointment(plan: Plan, appointment: Appointment) -> Event:
    cited = ", ".join(appointment.sources)
    said = (appointment.says, f"Basis: {appointment.basis} [{cited}]" if cited else "")
    event = _event(
        plan,
        f"{plan.drug_name}: {appointment.title}",
        "\n".join(plain(line) for line in said if line),
        APPOINTMENT,
    )
    return _whole_day(event, appointment.day)


def _end(plan: Plan) -> Event:
    text = "The doses go on after this day as before. Make the plan anew for the time that follows."
    event = _event(plan, f"{plan.drug_name}: this calendar ends, the treatment does not", text, APPOINTMENT)
    return _whole_day(event, plan.until)


def _whole_day(event: Event, day: date) -> Event:
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    return event


def _event(plan: Plan, title: str, text: str, category: str) -> Event:
    event = Event()
    # Not the clock's time: the same plan gives the same file.
    event.add("dtstamp", datetime.combine(plan.asked_start, time(), UTC))
    event.add("summary", plain(title))
    if text:
        event.add("description", text)
    event.add("categories", [category])
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event


def _local(when: datetime, zone: ZoneInfo | None) -> datetime:
    return when.replace(tzinfo=zone)
