"""Units of a product in words, and what has to be ordered instead."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.monograph.model import Product
from posology.regimen.making import can_make, making, units
from posology.regimen.parse import parse_rx
from posology.regimen.words import part_in_words

from ...generative.profiles import tries

TABLET = Product(
    id="t",
    name="tablet of 50 mg",
    ingredients=("x",),
    form="tablet",
    route="oral",
    rx_route="po",
    unit="tablet",
    unit_mg=50,
    splits=2,
    sources=("s",),
)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (25, "half a tablet"),
        (50, "one tablet"),
        (75, "one and a half tablets"),
        (100, "two tablets"),
        (150, "three tablets"),
        (550, "11 tablets"),
    ],
)
def test_tablets(amount: float, words: str) -> None:
    assert making(amount, TABLET, ()) == (words, "")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (Fraction(1, 4), "a quarter of a tablet"),
        (Fraction(3, 4), "three quarters of a tablet"),
        (Fraction(7, 3), "two and a third tablets"),
    ],
)
def test_other_parts(count: Fraction, words: str) -> None:
    assert units(count, "tablet") == words


@tries(100)
@given(st.integers(1, 4000))
def test_what_is_made_is_what_was_asked(tenths: int) -> None:
    amount = tenths / 10
    assert can_make(amount, TABLET) == (tenths % 250 == 0)
    made = making(amount, TABLET, ())
    assert bool(made.taken_as) == can_make(amount, TABLET) != bool(made.needs)


@pytest.mark.parametrize(
    ("rx", "words"),
    [
        ("1.5 mg po nightly", "1.5 mg by mouth every evening"),
        ("50 mg po q24h", "50 mg by mouth once a day"),
        ("100 mg po q48h", "100 mg by mouth every other day"),
        ("150 mg po q72h", "150 mg by mouth every third day"),
        ("50 mg po mon-fri", "50 mg by mouth from Monday to Friday"),
        ("100 mg po mon,wed,fri", "100 mg by mouth on Monday, Wednesday and Friday"),
        ("380 mg im-xr q4w", "380 mg into a muscle, extended release every 4 weeks"),
        ("350 mg po weekly", "350 mg by mouth every week"),
        ("5 mg po bid", "5 mg by mouth twice a day"),
        ("5 mg po q8h", "5 mg by mouth every 8 hours"),
        ("2 mg iv over 30 min", "2 mg into a vein over 30 min once"),
        ("5 mg po q24h at 07:30", "5 mg by mouth once a day at 07:30"),
    ],
)
def test_words(rx: str, words: str) -> None:
    assert part_in_words(parse_rx(rx).all_parts[0]) == words
