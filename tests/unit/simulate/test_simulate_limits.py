"""Doses beyond the monograph's limits: refused or warned of as it says, with its sources, in every answer."""

from __future__ import annotations

import pytest

import posology
from posology.errors import UsageError
from tests.unit.simulate.simulating import library, plainol

SMALL = {"outputs": ["plainol"], "for_hours": 24.0}


def said(rx: str, **asked: object) -> list[str]:
    return [each.id for each in plainol(rx, **SMALL, **asked).said if each.id.startswith("plainol-")]


@pytest.mark.parametrize(
    ("rx", "told"),
    [
        ("500 mg po", "refuses 500 mg on day 1: More than 400 mg a day was never given. Correct the order."),
        ("100 mg po q4h x12", "refuses 100 mg on day 1"),
        ("100 mg po x3 then 450 mg po", "refuses 450 mg on day 4"),
        ("8 mg/kg po", "refuses 8 mg/kg on day 1"),
    ],
)
def test_what_the_monograph_refuses_is_refused_with_its_words_and_sources(rx: str, told: str) -> None:
    weighed = {"covariates": {"weight": 70}} if "kg" in rx else {}
    with pytest.raises(UsageError) as caught:
        plainol(rx.replace("po x3", "po q24h x3"), **weighed)
    for words in (told, "[label: plainol-label]", "--despite-limits"):
        assert words in str(caught.value)


def test_it_can_be_simulated_all_the_same_and_says_so() -> None:
    found = plainol("500 mg po", **SMALL, despite_limits=True).said
    assert [each.id for each in found[:2]] == ["plainol-most", "plainol-much"]
    assert found[0].says.startswith(
        "500 mg po: the monograph refuses 500 mg on day 1. Not a regimen to prescribe."
    )
    assert (found[0].basis, found[0].sources) == ("label", ("plainol-label",))


def test_what_the_monograph_warns_of_is_said_first() -> None:
    found = plainol("250 mg po", **SMALL).said
    assert found[0].says == (
        "250 mg po: the monograph warns of 250 mg on day 1. More than 200 mg at once may make drowsy."
        " Divide the dose."
    )


def test_at_the_limit_and_by_other_routes_nothing_is_said() -> None:
    assert said("200 mg po q12h x2") == []
    assert said("500 mg iv") == []


def test_a_limit_of_some_uses_counts_only_for_regimens_that_are_for_them() -> None:
    assert said("50 mg po q24h x3") == []
    named = posology.simulate("plainol", regimen="example", monographs=library(), **SMALL)
    assert "plainol-example" in [each.id for each in named.said]
