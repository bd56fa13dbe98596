"""What a regimen adds up to in a week."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.regimen import RxError, WeeklyTotals, parse_rx, weekly_totals

from ...generative.profiles import tries


@pytest.mark.parametrize(
    ("text", "least", "most", "mean"),
    [
        ("50 mg po q24h", 350, 350, 350),
        ("50 mg po mon-fri & 100 mg po sat", 350, 350, 350),
        ("50 mg po mon-fri & 100 mg po sat x26w", 350, 350, 350),
        ("100 mg po q48h", 300, 400, 350),
        ("150 mg po q72h", 300, 450, 350),
        ("100 mg po mon & 100 mg po wed & 150 mg po fri", 350, 350, 350),
        ("25 mg po q24h x1 then 50 mg po q24h", 350, 350, 350),
        ("380 mg im-xr q4w x3", 0, 380, 95),
        ("4.5 mg po nightly", 31.5, 31.5, 31.5),
        ("10 mg po q6h", 280, 280, 280),
        ("10 mg po q20h at 21:00", 80, 90, 84),
        ("10 mg po tid", 210, 210, 210),
        ("1 mg/kg po q24h", 490, 490, 490),
        ("0.1 mg po q24h", 0.7, 0.7, 0.7),
    ],
)
def test_totals(text: str, least: float, most: float, mean: float) -> None:
    assert weekly_totals(parse_rx(text), weight=70) == WeeklyTotals(least, most, mean)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("50 mg po", "no weekly total"),
        ("50 mg po q24h & 10 mg iv", "no weekly total"),
        ("1 mg/kg po q24h", "needs a body weight"),
        ("1 mg q1009h & 1 mg q1013h & 1 mg q1019h", "repeat only after"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(RxError, match=message):
        weekly_totals(parse_rx(text))


@tries(100)
@given(st.sampled_from([6, 12, 24, 36, 48, 60, 72, 120, 168, 200, 336]))
def test_against_the_calendar(hours: int) -> None:
    """Weeks of a real calendar, counted over whole cycles."""
    regimen = parse_rx(f"1 mg q{hours}h")
    monday, weeks = date(2026, 1, 5), 7 * 25 * 6
    counts = [0] * weeks
    for dose in regimen.calendar(monday, monday + timedelta(days=weeks * 7 - 1)):
        counts[(dose.when.date() - monday).days // 7] += 1
    totals = weekly_totals(regimen)
    assert (totals.least, totals.most) == (min(counts[1:]), max(counts))
    assert totals.mean == pytest.approx(168 / hours)
