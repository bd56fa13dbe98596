"""What rx texts mean, as parts; and that there is one way to write each meaning."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

import posology
from posology.regimen import Count, Every, For, Once, Part, Regimen, TimesADay, Until, Weekdays, parse_rx
from posology.regimen.measures import DAY, WEEK

from ...generative.profiles import tries
from .strategies import regimens

MONOGRAPHS = Path(posology.__file__).parent / "monographs"


def _rx_of_monographs() -> list[str]:
    written = (
        re.findall(r"^\s+rx: (.+)$", path.read_text(), re.MULTILINE) for path in MONOGRAPHS.glob("*/*.yaml")
    )
    return sorted({text for texts in written for text in texts})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("50 mg", Part(50)),
        ("4 mg nasal", Part(4, route="nasal")),
        ("50 mg po x1", Part(50, route="po")),
        ("50 mg po q24h x28", Part(50, route="po", schedule=Every(DAY), end=Count(28))),
        ("50 mg po q24h", Part(50, route="po", schedule=Every(DAY))),
        ("50 mg po q24h ongoing", Part(50, route="po", schedule=Every(DAY))),
        ("4.5 mg po nightly x90", Part(4.5, route="po", schedule=Every(DAY, nightly=True), end=Count(90))),
        ("380 mg im-xr q4w x3", Part(380, route="im-xr", schedule=Every(4 * WEEK), end=Count(3))),
        ("2 mg iv q3min x5", Part(2, route="iv", schedule=Every(3), end=Count(5))),
        (
            "10 mg iv over 30 min q6h x4",
            Part(10, route="iv", over_minutes=30, schedule=Every(6 * 60), end=Count(4)),
        ),
        (
            "50 mg po q24h x28 after 2 days",
            Part(50, route="po", schedule=Every(DAY), end=Count(28), after_minutes=2 * DAY),
        ),
        (
            "50 mg po q24h at 08:00 until 2027-03-01",
            Part(50, route="po", schedule=Every(DAY), end=Until(date(2027, 3, 1)), at=8 * 60),
        ),
        ("50 mg po q24h ss", Part(50, route="po", schedule=Every(DAY), ss=True)),
        (
            "0.1 mg/kg po q24h for 8 weeks",
            Part(0.1, per_kg=True, route="po", schedule=Every(DAY), end=For(8 * WEEK)),
        ),
        (
            "50 mg po mon-fri x26w",
            Part(50, route="po", schedule=Weekdays(frozenset(range(5))), end=For(26 * WEEK)),
        ),
        ("50 mg po sat", Part(50, route="po", schedule=Weekdays(frozenset({5})))),
        ("50 mg po fri-mon", Part(50, route="po", schedule=Weekdays(frozenset({4, 5, 6, 0})))),
        ("50 mg po mon, wed - fri", Part(50, route="po", schedule=Weekdays(frozenset({0, 2, 3, 4})))),
        ("10 mg po bid for 5 d", Part(10, route="po", schedule=TimesADay("bid"), end=For(5 * DAY))),
        ("50 mg po daily", Part(50, route="po", schedule=Every(DAY))),
        ("50 mg po weekly", Part(50, route="po", schedule=Every(WEEK))),
        ("50 mg q1.5h", Part(50, schedule=Every(90))),
    ],
)
def test_meaning_of_one_part(text: str, part: Part) -> None:
    assert parse_rx(text) == Regimen(((part,),))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  50MG\tPO\nQ24H   X28 ", "50 mg po q24h x28"),
        ("50.0 mg po q1d x 28", "50 mg po q24h x28"),
        ("007.50 mg", "7.5 mg"),
        ("50 µg po", "50 mcg po"),
        ("50 μg / kg po", "50 mcg/kg po"),
        ("50 ug po q60min", "50 mcg po q1h"),
        ("50 mg x28 q24h po", "50 mg po q24h x28"),
        ("50 mg po q48h", "50 mg po q48h"),
        ("50 mg po q3d", "50 mg po q72h"),
        ("50 mg po q96h", "50 mg po q4d"),
        ("50 mg po q7d", "50 mg po q1w"),
        ("50 mg po q24h for 7 days", "50 mg po q24h for 1 week"),
        ("50 mg po q24h x28 days", "50 mg po q24h for 4 weeks"),
        ("50 mg po q24h for 1 day", "50 mg po q24h for 1 day"),
        ("50 mg po q24h for 36 hours", "50 mg po q24h for 36 hours"),
        ("50 mg iv over 90 min", "50 mg iv over 90 min"),
        ("50 mg iv over 2 hours", "50 mg iv over 2 h"),
        ("50 mg po sun,sat", "50 mg po sat,sun"),
        ("50 mg po sun,mon,tue", "50 mg po mon,tue,sun"),
        ("50 mg po mon-sun", "50 mg po mon-sun"),
        ("50 mg po q24h at 7:05", "50 mg po q24h at 07:05"),
        ("(25 mg po q24h x1 then 50 mg po q24h)", "25 mg po q24h x1 then 50 mg po q24h"),
        ("(25 mg po) & 50 mg iv", "25 mg po & 50 mg iv"),
        (
            "50 mg po mon-fri & 100 mg po sat x26w",
            "50 mg po mon-fri for 26 weeks & 100 mg po sat for 26 weeks",
        ),
        (
            "50 mg po mon-fri x5 & 10 mg po & 100 mg po sat until 2027-03-01",
            "50 mg po mon-fri x5 & 10 mg po & 100 mg po sat until 2027-03-01",
        ),
        ("50 mg po q24h ongoing & 5 mg po bid x5d", "50 mg po q24h ongoing & 5 mg po bid for 5 days"),
        ("5 mg po bid x5d & 50 mg po q24h", "5 mg po bid for 5 days & 50 mg po q24h"),
        ("50 mg po q24h & 5 mg po bid ongoing", "50 mg po q24h & 5 mg po bid"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert str(parse_rx(text)) == canonical
    assert str(parse_rx(canonical)) == canonical


def test_tracks_and_sequences() -> None:
    regimen = parse_rx("(25 mg po q24h x1 then 50 mg po q24h) & 4 mg nasal")
    assert [[part.amount for part in track] for track in regimen.parts] == [[25, 50], [4]]
    assert [part.amount for part in regimen.all_parts] == [25, 50, 4]
    assert regimen.is_endless
    assert parse_rx("50 mg po").parts[0][0].schedule == Once()


def test_hours_of_a_part() -> None:
    (((part,)),) = parse_rx("50 mg iv over 90 min q24h for 2 d after 36 h").parts
    assert isinstance(part.schedule, Every)
    assert isinstance(part.end, For)
    assert (part.over, part.after, part.schedule.hours, part.end.hours) == (1.5, 36, 24, 48)


@pytest.mark.parametrize("text", _rx_of_monographs())
def test_every_regimen_of_the_monographs_is_understood(text: str) -> None:
    regimen = parse_rx(text)
    assert parse_rx(str(regimen)) == regimen
    assert regimen.doses(until_hours=24 * 7 * 8)


def test_the_monographs_have_regimens() -> None:
    assert len(_rx_of_monographs()) > 20


@tries(100)
@given(regimens())
def test_round_trip(regimen: Regimen) -> None:
    assert parse_rx(str(regimen)) == regimen
    assert str(parse_rx(str(regimen))) == str(regimen)
