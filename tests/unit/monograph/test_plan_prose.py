"""What a monograph's page says of regimens, limits, pauses, missed doses and dates."""

from __future__ import annotations

from typing import Any

import pytest

from posology.monograph.load import load_library
from posology.monograph.model import Statement
from posology.monograph.page import monograph_page
from posology.monograph.plan_prose import plan_sentences
from posology.monograph.planning import Cap, Due, Hold, Missed

CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"rx": "1 mg po q24h"}, ["Regimen: `1 mg po q24h`"]),
    ({"rx": "1 mg po q24h", "names": ("a", "b")}, ["Regimen `a` or `b`: `1 mg po q24h`"]),
    (
        {"cap": Cap(answer="refuse", above_mg=150, routes=("po",))},
        ["A plan refuses more than 150 mg a day (po)"],
    ),
    (
        {"cap": Cap(answer="warn", above_mg=6, below_mg=25)},
        ["A plan warns of more than 6 mg and less than 25 mg a day"],
    ),
    ({"cap": Cap(answer="warn", from_mg=25, per="dose")}, ["A plan warns of at least 25 mg in one dose"]),
    (
        {"cap": Cap(answer="warn", above_mg=375, per="week")},
        ["A plan warns of more than 375 mg a week, on average over four weeks"],
    ),
    (
        {"cap": Cap(answer="refuse", only_mg=(380,), per="dose", routes=("im-xr",))},
        ["A plan refuses any amount but 380 mg in one dose (im-xr)"],
    ),
    (
        {"cap": Cap(answer="refuse", days_between=28)},
        ["A plan refuses doses less than 28 days apart"],
    ),
    (
        {"hold": Hold(days_before=3, days_after=1)},
        [
            "Around an operation a plan has the last dose 3 days before it and the next 1 day after it at the"
            " earliest"
        ],
    ),
    (
        {"missed": Missed(answer="late", days_to=0)},
        ["On the day itself: take it now and go on from there"],
    ),
    (
        {"missed": Missed(answer="skip", days_from=1, days_to=14)},
        ["After a gap of 1 to 14 days: leave it out and go on at the same dose"],
    ),
    (
        {"missed": Missed(answer="step-back", days_from=15)},
        ["After a gap of 15 days or more: go back to the step before"],
    ),
    ({"missed": Missed(answer="late")}, ["After any gap: take it now and go on from there"]),
    (
        {
            "title": "Mood",
            "schedule": (Due(weeks=(4, 8, 12)), Due(each_dose=True, title="Urine", uses=("x",))),
        },
        ["In the calendar of a plan: Mood in weeks 4, 8 and 12; Urine before each dose (only x)"],
    ),
    (
        {"schedule": (Due(weeks=(26,), every_weeks=26, products=("tablet", "depot")),)},
        ["In the calendar of a plan: s in week 26, then every 26 weeks (only tablet, depot)"],
    ),
]


@pytest.mark.parametrize(("given", "sentences"), CASES)
def test_in_words(given: dict[str, Any], sentences: list[str]) -> None:
    statement = Statement(id="s", kind="dosage", says="x", basis="label", sources=("x",), **given)
    assert list(plan_sentences(statement)) == sentences


def test_every_regimen_limit_pause_gap_and_date_is_on_the_page() -> None:
    """What is executed can be read: nothing that a plan uses is missing from the page of its drug."""
    library = load_library()
    for name in library.names():
        monograph = library.monograph(name)
        page = monograph_page(monograph, library.vocabulary, library.sources)
        for statement in monograph.statements:
            line = next(each for each in page.splitlines() if f"(`{statement.id}`)" in each)
            assert all(sentence in line for sentence in plan_sentences(statement)), statement.id
            assert all(f"`{each}`" in line for each in statement.names)
