"""The calendar file: valid by RFC 5545, the same doses when a library expands it, right when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil import rrule, tz
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.errors import UsageError
from posology.regimen.planned import Plan, PlannedDose
from posology.show.calendar import render
from posology.show.series import series
from posology.show.timezone import changes

from . import plans

ZONES = [None, "Europe/Berlin", "Australia/Sydney", "America/Sao_Paulo", "Asia/Kolkata", "Africa/Casablanca"]


def events(file: bytes, category: str):
    calendar = icalendar.Calendar.from_ical(file)
    return [each for each in calendar.walk("VEVENT") if category in each["CATEGORIES"].cats]


def expanded(file: bytes) -> list[datetime]:
    """Local times of all dose events, expanded by dateutil from the text of the file, not by our code."""
    found = []
    for event in events(file, "Dose"):
        start = event["DTSTART"].dt.replace(tzinfo=None)
        if "RRULE" not in event:
            found.append(start)
            continue
        rules = rrule.rruleset()
        rules.rrule(rrule.rrulestr(event["RRULE"].to_ical().decode(), dtstart=start))
        if "EXDATE" in event:
            dates = event["EXDATE"]
            for line in dates if isinstance(dates, list) else [dates]:
                for each in line.dts:
                    rules.exdate(each.dt.replace(tzinfo=None))
        found += list(rules)
    return sorted(found)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", plans.ALL)
def test_it_expands_to_the_doses_of_the_plan(name, zone):
    plan = plans.ALL[name]
    assert expanded(render(plan, zone)) == [dose.when for dose in plan.doses]


dates = st.lists(st.integers(0, 120), min_size=1, max_size=80).map(sorted)


@settings(max_examples=200, deadline=None)
@given(
    dates, st.lists(st.sampled_from([time(8), time(21), time(2, 30)]), min_size=1, max_size=2, unique=True)
)
def test_any_days_expand_to_themselves(days, clocks):
    doses = [
        PlannedDose(datetime.combine(plans.START + timedelta(day), clock), 1.0, "1 mg", "po", 0, "")
        for day in days
        for clock in clocks
    ]
    doses.sort(key=lambda dose: dose.when)
    plan = plans.plan(doses, [plans.step("1 mg po", "1 mg", plans.START, None, None)])
    assert expanded(render(plan)) == [dose.when for dose in doses]
    for pauses in (True, False):
        made = series(doses, pauses)
        assert sorted(when for each in made for when in each.expanded()) == [dose.when for dose in doses]
        assert pauses or not any(each.left_out for each in made)


def test_a_rhythm_is_one_event_and_a_pause_is_left_out_of_it():
    rules = [
        (event["RRULE"].to_ical().decode(), len(event["EXDATE"].dts) if "EXDATE" in event else 0)
        for event in events(render(plans.titration()), "Dose")
    ]
    # 10 days without doses: 7 to 16 February.
    assert rules == [("FREQ=DAILY;COUNT=14", 0), ("FREQ=DAILY;COUNT=14", 0), ("FREQ=DAILY;COUNT=57", 10)]
    weekly = [event["RRULE"].to_ical().decode() for event in events(render(plans.weekly()), "Dose")]
    assert weekly == ["FREQ=WEEKLY;COUNT=10;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;COUNT=2"]
    depot = [event["RRULE"].to_ical().decode() for event in events(render(plans.depot()), "Dose")]
    assert depot == ["FREQ=WEEKLY;COUNT=3;INTERVAL=4"]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", date(2027, 3, 20)),  # summer time begins on 28 March 2027 and ends on 31 October
        ("Europe/Berlin", date(2027, 10, 20)),
        ("Australia/Sydney", date(2027, 3, 25)),  # ends on 4 April 2027, begins on 3 October
        ("Australia/Sydney", date(2027, 9, 25)),
        ("America/New_York", date(2027, 3, 5)),
    ],
)
@pytest.mark.parametrize("clock", [time(8), time(21), time(3, 30)])
def test_eight_stays_eight_when_the_clocks_change(zone, start, clock):
    """Read by dateutil, from the file's own VTIMEZONE: local times stay, and their UTC times are the zone's."""
    doses = plans.daily(start, 20, 50, 0, clock)
    plan = plans.plan(doses, [plans.step("50 mg po q24h x20", "50 mg", start, None, 20)])
    file = render(plan, zone)
    (event,) = events(file, "Dose")
    assert event["DTSTART"].params["TZID"] == zone
    own = tz.tzical(StringIO(unfolded(file))).get(zone)
    for when in expanded(file):
        assert when.time() == clock
        assert when.replace(tzinfo=own).utcoffset() == when.replace(tzinfo=ZoneInfo(zone)).utcoffset(), when


def unfolded(file: bytes) -> str:
    return file.decode().replace("\r\n ", "").replace("\r\n", "\n")


def test_changes_are_at_the_published_moments():
    # EU Directive 2000/84/EC: last Sundays of March and October at 01:00 UTC.
    found = changes(
        ZoneInfo("Europe/Berlin"), datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    )
    assert found == [datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)]
    file = unfolded(render(plans.titration(), "Europe/Berlin"))
    # RFC 5545 3.6.5: the local time before the change.
    assert "DTSTART:20270328T020000\nTZNAME:CEST\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200" in file


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("name", plans.ALL)
def test_it_is_valid(name, zone):
    file = render(plans.ALL[name], zone)
    assert file == render(plans.ALL[name], zone)
    text = file.decode("utf-8")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    calendar = icalendar.Calendar.from_ical(file)
    assert not [error for part in calendar.walk() for error in part.errors]
    found = calendar.walk("VEVENT")
    for event in found:
        if "EXDATE" in event:
            assert event["EXDATE"].params.get("TZID") == event["DTSTART"].params.get("TZID") == zone
    uids = [str(event["UID"]) for event in found]
    assert len(set(uids)) == len(uids)
    for event in found:
        for needed in ("UID", "DTSTAMP", "DTSTART", "SUMMARY"):
            assert needed in event
        assert event["CLASS"] == "PRIVATE"
    assert ("VTIMEZONE" in text) == (zone is not None)


def test_appointments_take_the_day_and_an_endless_plan_says_that_it_goes_on():
    plan: Plan = plans.titration()
    found = events(render(plan), "Appointment")
    assert [event["DTSTART"].dt for event in found[:-1]] == [each.day for each in plan.appointments]
    assert str(found[0]["SUMMARY"]) == "Naltrexone: Tolerability at 4 to 6 weeks"
    assert "the treatment does not" in found[-1]["SUMMARY"]


def test_two_equal_doses_are_two_events():
    doses = plans.daily(plans.START, 2, 1, 0) * 2
    plan = plans.plan(doses, [plans.step("1 mg po", "1 mg", plans.START, None, None)])
    uids = [str(event["UID"]) for event in events(render(plan), "Dose")]
    assert len(uids) == len(set(uids)) == 2


def test_text_cannot_begin_an_event_of_its_own():
    file = render(plans.hostile())
    assert file.count(b"\nBEGIN:VEVENT") == 2
    assert b"\x1b" not in file


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "Europe/Berlin\n", "CEST9"])
def test_a_zone_that_nobody_knows_is_refused(zone):
    with pytest.raises(UsageError, match="time zone"):
        render(plans.titration(), zone)
