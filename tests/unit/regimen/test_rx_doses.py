"""When the doses of a regimen are due, in hours and on a calendar."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.regimen import Count, For, Once, Regimen, RxError, parse_rx

from ...generative.profiles import tries
from .strategies import START, regimens


def _times(text: str, until_hours: float | None = None) -> list[float]:
    return [dose.time for dose in parse_rx(text).doses(until_hours=until_hours, weight=70)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("50 mg", [0]),
        ("50 mg q24h x3", [0, 24, 48]),
        ("50 mg nightly x2", [0, 24]),
        ("50 mg q24h x2 after 2 days", [48, 72]),
        ("2 mg iv q3min x5", [0, 0.05, 0.1, 0.15, 0.2]),
        ("50 mg bid x3", [0, 12, 24]),
        ("50 mg tid x4", [0, 6, 12, 24]),
        ("50 mg qid x5", [0, 4, 8, 12, 24]),
        # `for`: a dose that would fall on the end is not given
        ("50 mg q24h for 3 days", [0, 24, 48]),
        ("50 mg q24h for 49 hours", [0, 24, 48]),
        ("50 mg q4w for 6 weeks", [0, 672]),
        # days of the week, from a Monday
        ("50 mg mon,wed x3", [0, 48, 168]),
        ("100 mg sat x2", [120, 288]),
        ("50 mg fri-mon x4", [0, 96, 120, 144]),
        ("50 mg wed for 1 day", []),
        # `then`: where the next dose of the part before would have been
        ("25 mg q24h x1 then 50 mg q24h x2", [0, 24, 48]),
        ("25 mg q1h x2 then 50 mg q24h x2", [0, 1, 2, 26]),
        ("25 mg q4w for 6 weeks then 50 mg", [0, 672, 1344]),
        ("25 mg q24h x2 then 50 mg q24h x1 after 3 days", [0, 24, 120]),
        ("25 mg then 50 mg q24h x2 after 1 week", [0, 168, 192]),
        ("25 mg mon,wed x1 then 50 mg q24h x2", [0, 48, 72]),
        ("25 mg bid x2 then 50 mg q24h x2", [0, 12, 24, 48]),
        ("25 mg wed for 1 day then 50 mg q24h x1", [48]),
        # at its own clock time, but never sooner than one interval
        ("25 mg q24h x1 then 50 mg nightly x1", [0, 24 + 13]),
        ("25 mg nightly x1 then 50 mg q24h x1", [0, 24]),
        ("25 mg nightly x1 then 50 mg q24h x1 at 08:00", [0, 24 + 11]),
        ("25 mg q24h x1 then 50 mg q24h x1 at 06:00", [0, 24 + 22]),
        # `&`: hour 0 is the earliest clock time of the first day
        ("50 mg q24h x2 & 5 mg nightly x2", [0, 13, 24, 37]),
        ("50 mg q24h x1 & 5 mg q24h x1 at 06:00", [0, 2]),
        ("50 mg q24h x1 after 1 day & 5 mg x1", [0, 24]),
        ("50 mg mon-fri & 100 mg sat x1w", [0, 24, 48, 72, 96, 120]),
        # a steady state of doses at several times is told by the doses before
        ("50 mg q24h x2 ss", [0, 24]),
        ("50 mg mon,sat x2 ss", [-168, -48, 0, 120]),
        ("50 mg bid x2 ss", [-24, -12, 0, 12]),
        ("5 mg q24h x1 & 50 mg nightly x1 ss", [-11, 0, 13]),
    ],
)
def test_hours(text: str, hours: list[float]) -> None:
    assert _times(text) == hours


def test_a_dose() -> None:
    (first, second) = parse_rx("10 mcg iv over 90 min q24h x2 ss").doses()
    assert (first.time, first.amount, first.text, first.route) == (0, 0.01, "10 mcg", "iv")
    assert (first.duration, first.ss, first.ii, first.reset, first.part) == (1.5, True, 24, False, 0)
    assert (second.time, second.ss, second.ii) == (24, False, 0)


def test_ss_of_weekdays() -> None:
    doses = parse_rx("50 mg mon,sat ss").doses(until_hours=168)
    assert [(dose.time, dose.ss, dose.ii) for dose in doses] == [
        (-168, True, 168),
        (-48, True, 168),
        (0, False, 0),
        (120, False, 0),
    ]


@pytest.mark.parametrize(
    ("unit", "mg"),
    [("ng", 0.0000045), ("mcg", 0.0045), ("mg", 4.5), ("g", 4500.0), ("mg/kg", 315.0), ("mcg/kg", 0.315)],
)
def test_amounts_are_mg(unit: str, mg: float) -> None:
    (dose,) = parse_rx(f"4.5 {unit} po").doses(weight=70)
    assert dose.amount == mg
    assert dose.text == f"4.5 {unit}"


def test_times_do_not_drift() -> None:
    doses = parse_rx("2 mg iv q3min x100000").doses()
    assert doses[-1].time == 99_999 * 3 / 60
    assert [dose.time for dose in doses[::20]] == list(range(5000))


@pytest.mark.parametrize("until", [0, 0.5, 24, 24.5, 1e6])
def test_until_hours_is_not_included(until: float) -> None:
    assert _times("50 mg q24h x30", until) == [hour * 24 for hour in range(30) if hour * 24 < until]


def test_the_day_of_the_start() -> None:
    regimen = parse_rx("100 mg sat x1 & 50 mg q24h until 2026-01-08")
    doses = regimen.doses(start=START)
    assert [(dose.time, dose.amount) for dose in doses] == [(0, 50), (24, 50), (72, 100)]


def test_the_order_is_that_of_the_text() -> None:
    doses = parse_rx("50 mg q24h x2 & 5 mg q24h x2 & 1 mg q24h x2").doses()
    assert [(dose.part, dose.amount) for dose in doses] == [(0, 50), (1, 5), (2, 1)] * 2


def test_calendar() -> None:
    regimen = parse_rx("4.5 mg po nightly x1 & 1 mg bid x2 & 50 mg po mon-fri & 100 mg po sat at 10:00")
    found = [
        (f"{dose.when:%a %H:%M}", dose.dose.amount) for dose in regimen.calendar(START, date(2026, 1, 10))
    ]
    assert found == [
        ("Wed 08:00", 1),
        ("Wed 08:00", 50),
        ("Wed 20:00", 1),
        ("Wed 21:00", 4.5),
        ("Thu 08:00", 50),
        ("Fri 08:00", 50),
        ("Sat 10:00", 100),
    ]


def test_a_calendar_leaves_out_what_went_before() -> None:
    found = parse_rx("50 mg mon-fri ss").calendar(date(2026, 1, 5), date(2026, 1, 6))
    assert [dose.when for dose in found] == [datetime(2026, 1, 5, 8), datetime(2026, 1, 6, 8)]
    assert not any(dose.dose.ss for dose in found)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("50 mg q24h", {}, "has no end: say until when"),
        ("50 mg q24h until 2027-01-01", {}, "say on which date it starts"),
        ("50 mg q24h until 2026-01-06", {"start": START}, "ends on 2026-01-06, before it begins"),
        ("5 mg q24h x30 then 50 mg q24h until 2026-01-31", {"start": START}, "before it begins"),
        ("0.1 mg/kg", {}, "needs a body weight: give it in kg"),
        ("0.1 mg/kg", {"weight": 0}, "a weight of 0 kg"),
        ("0.1 mg/kg", {"weight": float("nan")}, "a weight of nan kg"),
        ("1 mg q1min for 5000 weeks", {}, "more than 1000000 doses"),
        ("1 mg q24h", {"until_hours": float("inf")}, "more than 1000000 doses"),
        ("1 mg q24h", {"until_hours": float("nan")}, "give a number of hours"),
        ("1 mg q24h", {"until_hours": -1}, "give a number of hours"),
    ],
)
def test_refused(text: str, options: dict, message: str) -> None:
    with pytest.raises(RxError, match=message):
        parse_rx(text).doses(**options)


def test_refused_calendars() -> None:
    regimen = parse_rx("50 mg q52w x1000")
    with pytest.raises(RxError, match="before it starts on 2026-01-07"):
        regimen.calendar(START, date(2026, 1, 6))
    with pytest.raises(RxError, match="past the year 9999"):
        regimen.calendar(date(9990, 1, 1))
    assert parse_rx("50 mg q24h").calendar(date(9999, 12, 31), date(9999, 12, 31))


@tries(100)
@given(regimens())
def test_doses_are_sorted_and_counted(regimen: Regimen) -> None:
    doses = regimen.doses(until_hours=24 * 60, start=START, weight=70)
    assert [dose.time for dose in doses] == sorted(dose.time for dose in doses)
    for number, part in enumerate(regimen.all_parts):
        given_here = [dose for dose in doses if dose.part == number and not (dose.ss and dose.time < 0)]
        assert all(dose.time >= 0 for dose in given_here)
        if isinstance(part.end, Count):
            assert len(given_here) <= part.end.doses
        if isinstance(part.schedule, Once):
            assert len(given_here) <= 1
        if isinstance(part.end, For) and given_here:
            assert given_here[-1].time - given_here[0].time < part.end.hours


@tries(100)
@given(regimens(), st.integers(0, 24 * 60))
def test_a_shorter_time_gives_the_first_doses(regimen: Regimen, hours: int) -> None:
    longer = regimen.doses(until_hours=24 * 60, start=START, weight=70)
    assert regimen.doses(until_hours=hours, start=START, weight=70) == [
        dose for dose in longer if dose.time < hours
    ]


@tries(100)
@given(regimens())
def test_the_calendar_is_the_same_doses(regimen: Regimen) -> None:
    last = START + timedelta(days=60)
    calendar = regimen.calendar(START, last, weight=70)
    assert all(START <= dose.when.date() <= last for dose in calendar)
    if calendar:
        zero = calendar[0].when - timedelta(hours=calendar[0].dose.time)
        doses = [
            dose for dose in regimen.doses(until_hours=24 * 62, start=START, weight=70) if dose.time >= 0
        ]
        assert [dose.dose for dose in calendar] == doses[: len(calendar)]
        assert all(
            abs(dose.when - zero - timedelta(hours=dose.dose.time)) < timedelta(seconds=1)
            for dose in calendar
        )


@tries(100)
@given(
    st.sets(st.integers(0, 6), min_size=1), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 30)
)
def test_weekdays_by_a_naive_loop(days: set[int], start: date, count: int) -> None:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    text = f"50 mg {','.join(names[day] for day in days)} x{count}"
    expected, day = [], start
    while len(expected) < count:
        if day.weekday() in days:
            expected.append(day)
        day += timedelta(days=1)
    assert [dose.when.date() for dose in parse_rx(text).calendar(start)] == expected
    assert [dose.time / 24 for dose in parse_rx(text).doses(start=start)] == [
        (day - start).days for day in expected
    ]


@tries(100)
@given(st.integers(1, 2000), st.integers(1, 20), st.integers(1, 20))
def test_then_goes_on_where_the_part_before_would_have(minutes: int, first: int, second: int) -> None:
    one = parse_rx(f"50 mg q{minutes}min x{first + second}")
    two = parse_rx(f"50 mg q{minutes}min x{first} then 50 mg q{minutes}min x{second}")
    assert [dose.time for dose in one.doses()] == [dose.time for dose in two.doses()]


@tries(100)
@given(st.integers(1, 2000), st.integers(1, 20_000))
def test_a_time_is_a_number_of_doses(interval: int, minutes: int) -> None:
    count = -(-minutes // interval)
    timed, counted = (
        parse_rx(f"50 mg q{interval}min {end} then 25 mg") for end in (f"for {minutes} min", f"x{count}")
    )
    assert timed.doses() == counted.doses()


@tries(100)
@given(regimens(dates=False), regimens(dates=False))
def test_parallel_parts_do_not_disturb_each_other(one: Regimen, other: Regimen) -> None:
    """Together they are the doses of both, except that hour 0 is the earlier of the two."""
    try:
        both = Regimen(one.parts + other.parts)
    except RxError:
        return
    ends = START + timedelta(days=40)
    together = [(dose.when, dose.dose.amount) for dose in both.calendar(START, ends, weight=70)]
    # What only stands for doses before hour 0 moves with hour 0.
    apart = [(d.when, d.dose.amount) for each in (one, other) for d in each.calendar(START, ends, weight=70)]
    assert sorted(together) == sorted(apart)
