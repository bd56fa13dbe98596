"""What holds for every plan, on made-up questions."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import posology
from posology.check.engine import Engine
from posology.errors import NotPossible
from posology.monograph.load import load_library
from posology.regimen.planned import Plan

REGIMENS = ("aud", "oud-induction", "oud-a", "oud-b", "oud-c", "oud-d", "xr", "ldn-titration", "ldn-cautious")
OPIOIDS = {
    # section 4.1 of the facts, the recommended interval
    "oxycodone": 10,
    "tramadol": 10,
    "morphine tablet": 10,
    "heroin": 10,
    "oxycodone ER": 14,
    "methadone": 14,
    "fentanyl patch removed": 14,
    "kratom": 14,
    "buprenorphine film": 14,
    "diphenoxylate": 7,
}
HOLDS = {"tablet": (3, 10), "low-dose": (3, 7), "xr-injection": (30, 10)}
"""Section 4.3: days before and after an operation."""
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@cache
def engine() -> Engine:
    return Engine(load_library())


def plan(**asked: object) -> Plan:
    return posology.plan("naltrexone", monographs=engine(), on="2026-01-01", **asked)  # type: ignore[arg-type]


@given(
    st.sampled_from(REGIMENS),
    days,
    st.lists(st.tuples(st.sampled_from(sorted(OPIOIDS)), st.integers(-30, 60)), min_size=1, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_no_plan_starts_before_the_opioid_free_interval_is_over(
    regimen: str, start: date, taken: list[tuple[str, int]]
) -> None:
    opioids = [(name, start - timedelta(days=ago)) for name, ago in taken]
    made = plan(regimen=regimen, start=start, last_opioid=opioids)
    free = max([start, *(last + timedelta(days=OPIOIDS[name]) for name, last in opioids)])
    # Not a day earlier, and where every day can have the first dose, not a day later.
    sunday = timedelta(days=1 if regimen == "oud-b" and free.weekday() == 6 else 0)
    assert made.start == made.doses[0].when.date() == free + sunday


@given(st.sampled_from(REGIMENS), days, st.lists(st.integers(-20, 200), min_size=1, max_size=3))
@settings(max_examples=80, deadline=None)
def test_no_dose_falls_into_the_days_around_an_operation(regimen: str, start: date, ahead: list[int]) -> None:
    operations = [start + timedelta(days=each) for each in ahead]
    made = plan(regimen=regimen, start=start, surgery=operations)
    before, after = HOLDS[made.product]
    for day in operations:
        for dose in made.doses:
            distance = (dose.when.date() - day).days
            # Before the first dose the waits of `check` hold: 7 days after the operation, 10 for the injection.
            least = min(after, 7) if day < made.start and made.product != "xr-injection" else after
            assert not -before < distance < least, (day, dose.when)
    for pause in made.pauses:
        assert not any(pause.last_dose < dose.when.date() < pause.restart for dose in made.doses)


@given(
    st.integers(1, 400),
    st.sampled_from(["q24h", "bid", "q48h", "q12h", "mon,thu", "weekly"]),
    days,
)
@settings(max_examples=60, deadline=None)
def test_no_day_has_more_than_150_mg(halves: int, rhythm: str, start: date) -> None:
    rx = f"{halves / 2:g} mg po {rhythm}"
    most = halves / 2 * (2 if rhythm in ("bid", "q12h") else 1)
    if most > 150:  # D9
        with pytest.raises(NotPossible, match="above 150 mg"):
            plan(rx=rx, start=start, use="aud")
        return
    totals: dict[date, float] = defaultdict(float)
    for dose in plan(rx=rx, start=start, use="aud").doses:
        totals[dose.when.date()] += dose.amount_mg
    assert max(totals.values()) <= 150


@pytest.mark.parametrize("regimen", ["oud-a", "oud-b", "oud-c", "oud-d"])
@given(start=days)
@settings(max_examples=20, deadline=None)
def test_the_four_maintenance_schedules_come_to_350_mg_a_week(regimen: str, start: date) -> None:
    weeks = 84  # whole cycles of 7, 14 and 21 days
    made = plan(regimen=regimen, start=start, until=start + timedelta(weeks=weeks + 1))
    first = made.start
    total = sum(d.amount_mg for d in made.doses if (d.when.date() - first).days < 7 * weeks)
    assert total / weeks == 350
    assert made.week is not None
    assert made.week.mean_mg == pytest.approx(350)


@given(st.sampled_from(REGIMENS), days, st.lists(st.integers(0, 200), max_size=2))
@settings(max_examples=40, deadline=None)
def test_a_plan_holds_together(regimen: str, start: date, ahead: list[int]) -> None:
    asked = {"regimen": regimen, "start": start, "surgery": [start + timedelta(days=each) for each in ahead]}
    made = plan(**asked)
    assert made.to_dict() == plan(**asked).to_dict()
    times = [dose.when for dose in made.doses]
    assert times == sorted(times)
    assert made.start == times[0].date()
    assert times[-1].date() <= made.until
    for number, step in enumerate(made.steps):
        of_step = [dose.when.date() for dose in made.doses if dose.step == number]
        assert not of_step or of_step[0] == step.first
    assert all(made.start <= each.day <= made.until for each in made.appointments if each.kind != "operation")
    stated = {each.id for each in engine().library.monograph("naltrexone").statements}
    said = [*made.said, *made.warnings, *(wait.said for wait in made.waits)]
    assert {each.statement for each in said} <= stated
    assert all(each.sources for each in said)


@given(days, st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_a_later_last_opioid_never_brings_the_start_forward(start: date, later: int) -> None:
    starts = [
        plan(
            regimen="ldn-titration",
            start=start,
            last_opioid=[("methadone", start - timedelta(days=20 - each))],
        ).start
        for each in (0, later)
    ]
    assert starts == sorted(starts)
