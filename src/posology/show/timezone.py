"""The VTIMEZONE of a calendar file: when the clocks change in a zone, as far as the file reaches.

Written here because the library's own generator gives the change to summer time an hour late: RFC 5545
(3.6.5) wants the local time *before* the change.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

MARGIN = timedelta(days=366)
"""How far before the first and after the last day changes are given."""
_MINUTE = timedelta(minutes=1)


def component(zone: ZoneInfo, first: date, last: date) -> Timezone:
    """The zone's offsets from a year before `first` to a year after `last`, one observance a change."""
    start = datetime.combine(first, time(), UTC) - MARGIN
    made = Timezone()
    made.add("tzid", zone.key)
    before = _offset(zone, start)
    made.add_component(_observance(zone, start, before))
    for change in changes(zone, start, datetime.combine(last, time(), UTC) + MARGIN):
        made.add_component(_observance(zone, change, before))
        before = _offset(zone, change)
    return made


def changes(zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """The moments (UTC) from `start` to `end` at which the offset from UTC changes."""
    found = []
    day = start
    while day < end:
        after = day + timedelta(days=1)
        if _state(zone, day) != _state(zone, after):
            low, high = day, after
            while high - low > _MINUTE:
                middle = low + ((high - low) / 2 // _MINUTE) * _MINUTE
                low, high = (middle, high) if _state(zone, middle) == _state(zone, day) else (low, middle)
            found.append(high)
        day = after
    return found


def _observance(zone: ZoneInfo, at: datetime, before: timedelta) -> TimezoneDaylight | TimezoneStandard:
    local = at.astimezone(zone)
    made = TimezoneDaylight() if local.dst() else TimezoneStandard()
    made.add("dtstart", (at + before).replace(tzinfo=None))
    made.add("tzoffsetfrom", before)
    made.add("tzoffsetto", _offset(zone, at))
    made.add("tzname", local.tzname() or zone.key)
    return made


def _state(zone: ZoneInfo, at: datetime) -> tuple[timedelta, bool]:
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(), bool(local.dst())


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return _state(zone, at)[0]
