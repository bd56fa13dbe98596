"""Regimens: the rx notation, the doses it comes to, and event tables (docs/RX.md)."""

from posology.regimen.adherence import Adherence
from posology.regimen.arithmetic import WeeklyTotals, weekly_totals
from posology.regimen.dose import CalendarDose, Dose
from posology.regimen.error import RxError
from posology.regimen.event_text import read_events, write_events
from posology.regimen.events import events_to_regimen, regimen_to_events
from posology.regimen.nonmem import Event, EventTable, EventTableError
from posology.regimen.parse import parse_rx
from posology.regimen.part import (
    ROUTES,
    Count,
    End,
    Every,
    For,
    Once,
    Part,
    Schedule,
    TimesADay,
    Until,
    Weekdays,
)
from posology.regimen.regimen import Regimen

__all__ = [
    "ROUTES",
    "Adherence",
    "CalendarDose",
    "Count",
    "Dose",
    "End",
    "Event",
    "EventTable",
    "EventTableError",
    "Every",
    "For",
    "Once",
    "Part",
    "Regimen",
    "RxError",
    "Schedule",
    "TimesADay",
    "Until",
    "Weekdays",
    "WeeklyTotals",
    "events_to_regimen",
    "parse_rx",
    "read_events",
    "regimen_to_events",
    "weekly_totals",
    "write_events",
]
