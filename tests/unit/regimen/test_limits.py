"""Which doses pass a limit, and which only seem to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from posology.monograph.model import Statement
from posology.monograph.planning import Cap
from posology.regimen import parse_rx
from posology.regimen.limits import passed

START = date(2026, 1, 5)


def first(rx: str, **cap: Any) -> str:
    """The day of the first dose that passes the limit; empty if none does."""
    statement = Statement(
        id="limit", kind="dosage", says="x", basis="label", sources=("x",), cap=Cap(answer="warn", **cap)
    )
    found = passed([statement], parse_rx(rx).calendar(START, date(2026, 6, 30)))
    return found[0][1].when.date().isoformat() if found else ""


@pytest.mark.parametrize(
    ("rx", "above", "day"),
    [
        # 350 mg a week each, by the arithmetic of the labels: four weeks hold 14, 10 or 12 doses at most.
        ("50 mg po q24h", 350, ""),
        ("100 mg po q48h", 350, ""),
        ("100 mg po mon,wed & 150 mg po fri", 350, ""),
        ("150 mg po q72h", 375, ""),
        # 10 doses in 28 days: the tenth is on day 27 after the first.
        ("150 mg po q72h", 374, "2026-02-01"),
        # 29 doses of 50 mg are more than 1400 mg in four weeks; the fifteenth day begins with two too many.
        ("50 mg po q12h", 350, "2026-01-19"),
        ("100 mg po q24h x14 then 50 mg po q24h", 350, "2026-01-19"),
        # Short courses never fill four weeks.
        ("150 mg po q24h x9", 350, ""),
    ],
)
def test_a_week_is_a_quarter_of_four(rx: str, above: float, day: str) -> None:
    assert first(rx, above_mg=above, per="week") == day


def test_other_routes_do_not_count() -> None:
    assert first("50 mg po q12h", above_mg=350, per="week", routes=("im",)) == ""
