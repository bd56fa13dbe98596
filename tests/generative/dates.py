"""Strategies for days around the one asked about: edges of windows, partial dates, time zones."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

DAYS = (date(2026, 6, 30), date(2024, 2, 29), date(2025, 1, 1), date(2026, 12, 31))
"""Days asked about: an ordinary one, a leap day, the first and the last of a year."""
FORMS = ("day",) * 10 + ("zulu", "zone", "month", "year")


def written(day: date, form: str) -> str:
    """The day as FHIR may write it."""
    if form == "zulu":
        return f"{day.isoformat()}T08:30:00Z"
    if form == "zone":
        return f"{day.isoformat()}T23:30:00.000-05:00"
    if form == "month":
        return day.isoformat()[:7]
    return day.isoformat()[:4] if form == "year" else day.isoformat()


@st.composite
def around(draw: st.DrawFn, on: date, window: int | None = None, future: bool = False) -> str:
    """A day at or near the edge of a window that ends on `on`, or long before, or (rarely, or `future`) after."""
    if future:
        ago = -draw(st.sampled_from((1, 2, 10, 30, 400)))
        return (on - timedelta(days=ago)).isoformat()
    edges = (0, 1, 3) if window is None else (window - 1, window, window + 1, 0, 1, window // 2)
    ago = draw(st.sampled_from((*edges, *edges, 2, 9, 45, 200, 364, 366, 1500, -1)))
    return written(on - timedelta(days=max(ago, -1)), draw(st.sampled_from(FORMS)))
