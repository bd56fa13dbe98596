"""The page that holds models against observations says what passes, what misses, and what that is worth."""

from __future__ import annotations

from posology.monograph.load import load_library
from posology.show import validation
from posology.simulate.validation import validate

LIBRARY = load_library()
CHECKED = {drug: validate(LIBRARY, drug) for drug in ("naltrexone", "naloxone")}
TEXT = validation.page(LIBRARY)


def test_the_page_in_docs_is_not_stale() -> None:
    assert validation.PLACE.read_text(encoding="utf-8") == TEXT, "run: python -m posology.show.validation"


def test_every_observation_has_its_row_and_every_miss_is_said() -> None:
    for checked in CHECKED.values():
        for one in checked:
            seen = one.observation
            rows = [
                line
                for line in TEXT.splitlines()
                if line.startswith(f"| {seen.says} |") and seen.published in line
            ]
            assert rows, seen.id
            if one.passes is False:
                assert any("**miss**" in row for row in rows)
                assert f"- {seen.says}: published {seen.published}, predicted" in TEXT


def test_the_summary_counts_what_is_no_evidence() -> None:
    checked = CHECKED["naltrexone"]
    said = validation.summary(checked)
    fits = sum(one.observation.use == "fit" and bool(one.passes) for one in checked)
    misses = sum(one.passes is False for one in checked)
    assert f"**{misses} miss**" in said
    assert f"{fits} of numbers the model was fitted to" in said
    assert "no evidence" in said


def test_what_the_bars_are_worth_and_the_other_sets_stand_on_the_page() -> None:
    for needed in (
        "they are not\nvalidated",
        "What the bars are worth",
        "Other sets of values",
        "recalled, unverified",
    ):
        assert needed in TEXT


def test_numbers_are_plain() -> None:
    given = [3166.7, 100, 99.94, 36, 1.5, 0.173, 0.0000001, 0]
    assert [validation.number(one) for one in given] == [
        "3167",
        "100",
        "99.9",
        "36.0",
        "1.50",
        "0.173",
        "0.00",
        "0.00",
    ]
