"""Regimens of all kinds for property tests: every field, alone and together, as far as it means something."""

from datetime import date

from hypothesis import strategies as st

from posology.regimen import (
    ROUTES,
    Count,
    Every,
    For,
    Once,
    Part,
    Regimen,
    RxError,
    TimesADay,
    Until,
    Weekdays,
)
from posology.regimen.measures import DAY, UNITS, WEEK

START = date(2026, 1, 7)  # a Wednesday

amounts = st.one_of(
    st.integers(1, 1000).map(float),
    st.decimals("0.001", "999", places=3).map(float),
    st.floats(1e-6, 1e6, allow_nan=False),
)
minutes = st.one_of(
    st.sampled_from([60, 90, 7 * 60, 8 * 60, DAY, 2 * DAY, 5 * DAY, WEEK, 4 * WEEK]),
    st.integers(60, 9 * WEEK),
)
often = st.one_of(
    minutes.map(Every),
    st.just(Every(DAY, nightly=True)),
    st.sampled_from(["bid", "tid", "qid"]).map(TimesADay),
    st.sets(st.integers(0, 6), min_size=1).map(lambda days: Weekdays(frozenset(days))),
)
counts = st.integers(1, 60).map(Count)
clocks = st.one_of(st.none(), st.integers(0, DAY - 1))


@st.composite
def parts(draw, *, last: bool = True, first: bool = True, dates: bool = True, single: bool = True):
    schedule = draw(st.one_of(st.just(Once()), often) if single else often)
    ends = [counts, st.integers(1, 12 * WEEK).map(For)]
    if dates:
        ends.append(st.dates(date(2027, 1, 1), date(2027, 12, 31)).map(Until))
    if last:
        ends.append(st.none())
    once = isinstance(schedule, Once)
    ss = first and not once and draw(st.booleans())
    after = 0 if ss else draw(st.one_of(st.just(0), minutes))
    if once and not last:
        ss = False
    return Part(
        amount=draw(amounts),
        unit=draw(st.sampled_from(UNITS)),
        per_kg=draw(st.booleans()),
        route=draw(st.sampled_from([None, *ROUTES])),
        over_minutes=draw(st.one_of(st.none(), st.integers(1, 600))),
        schedule=schedule,
        end=None if once else draw(st.one_of(ends)),
        at=None if isinstance(schedule, TimesADay) else draw(clocks),
        after_minutes=after,
        ss=ss,
    )


@st.composite
def tracks(draw, *, dates: bool = True):
    length = draw(st.integers(1, 3))
    return tuple(
        draw(parts(last=n == length - 1, first=n == 0, dates=dates, single=n == length - 1))
        for n in range(length)
    )


@st.composite
def regimens(draw, *, dates: bool = True):
    found = tuple(draw(st.lists(tracks(dates=dates), min_size=1, max_size=3)))
    try:
        return Regimen(found)
    except RxError:  # a steady state that begins long after the rest: rare, and refused
        return Regimen(found[:1])
