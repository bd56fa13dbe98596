"""Random days around the one asked about: on the edges of windows on purpose, of every precision."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from .criteria import WINDOWS

ZONES = ("Z", "+02:00", "-05:00", "+09:30", "-11:00", "+14:00")
EDGES = sorted({edge for window in WINDOWS.values() for edge in (window - 1, window)})
QUESTIONS = ("2026-06-30", "2026-03-01", "2024-02-29", "2025-01-01", "2026-06-15")


def back(random: Random, longest: int = 800) -> int:
    """So many days before the day asked about: often an edge, often lately."""
    draw = random.random()
    if draw < 0.15:
        return min(random.choice([0, 0, 1]), longest)
    if draw < 0.55:
        return random.choice([each for each in EDGES if each <= longest] or [longest])
    return random.randint(0, min(40, longest) if draw < 0.8 else longest)


def ahead(random: Random) -> int:
    """So many days after it."""
    return random.choice([0, 1, 9, 10, 11, 29, 30, 31, random.randint(1, 60)])


def day(on: date, days_before: int) -> str:
    """The day so many days before, as FHIR writes it."""
    return (on - timedelta(days=days_before)).isoformat()


def timed(random: Random, text: str) -> str:
    """The same day with a time and a zone."""
    hour, minute = random.choice([(0, 0), (0, 30), (8, 0), (16, 0), (23, 30), (23, 59)])
    return f"{text}T{hour:02}:{minute:02}:00{random.choice(ZONES)}"


def partial(random: Random, text: str) -> str:
    """Only its month, or only its year."""
    return text[: random.choice([4, 7, 7])]


def vague(random: Random, text: str, unsure: float = 0.15, clock: float = 0.15) -> str:
    """A day as it may be written: whole, with a time, or in part."""
    draw = random.random()
    if draw < unsure:
        return partial(random, text)
    return timed(random, text) if draw < unsure + clock else text


def birthday(random: Random, on: date) -> str:
    """A birth date: often one that turns a bound today, tomorrow or yesterday."""
    years = random.choice([12, 18, 55, 56, 65, random.randint(0, 90), random.randint(15, 45)])
    if random.random() < 0.15:
        born = on - timedelta(days=random.choice([20, 21, 22, 89, 90, 91, 539, 540, 541]))
    else:
        month, one = (on.month, on.day) if (on.month, on.day) != (2, 29) else (3, 1)
        shift = random.choice([-1, 0, 1, random.randint(-180, 180)])
        born = date(on.year - years, month, one) + timedelta(days=shift)
    if (born.month, born.day) == (2, 29):
        born += timedelta(days=1)
    text = min(born, on).isoformat()
    return partial(random, text) if random.random() < 0.15 else text
