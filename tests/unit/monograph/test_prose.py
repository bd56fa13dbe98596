# ruff: noqa: E501 (tables read better with a row in one line)
"""Criteria, statements and whole monographs in plain English."""

from __future__ import annotations

from typing import Any

import pytest

from posology.monograph.criterion import parse
from posology.monograph.model import Concept, Frequency, Statement, Until, Use
from posology.monograph.page import monograph_page
from posology.monograph.prose import Teller, consequence, days, scope, statement_text, todo
from tests.unit.monograph.conftest import Knowledge


def concept(name: str, kind: Any, says: str) -> Concept:
    return Concept(id=name, kind=kind, name=says, sources=("x",))


TELLER = Teller(
    {
        c.id: c
        for c in (
            concept("short-opioid", "medicine", "short-acting opioids"),
            concept("alt", "observation", "ALT"),
            concept("urine", "observation", "urine opioid test"),
            concept("gout", "condition", "gout"),
            concept("x-allergy", "allergy", "allergy to xamab"),
            concept("surgery", "procedure", "surgery"),
        )
    },
    {"pain": Use(id="pain", name="chronic pain", says="x", basis="label", sources=("x",))},
)
ULN = "the upper limit of normal"

PHRASES: list[tuple[Any, str]] = [
    ({"medication": "short-opioid", "within": "10 days"}, "short-acting opioids taken within the last 10 days"),
    ({"medication": "short-opioid"}, "short-acting opioids taken now"),
    ({"medication": "short-opioid", "ever": True}, "short-acting opioids ever taken"),
    ({"observation": "alt", "above": "3 x ULN", "within": "90 days"}, f"ALT above 3 times {ULN}, within the last 90 days"),
    ({"observation": "alt", "above": "1 x ULN", "to": "5 x ULN"}, f"ALT above {ULN} and at most 5 times {ULN}"),
    ({"observation": "urine", "is": "positive", "within": "10 days"}, "positive urine opioid test within the last 10 days"),
    ({"condition": "gout"}, "gout"),
    ({"condition": "gout", "within": "12 weeks"}, "gout within the last 12 weeks"),
    ({"condition": "gout", "ever": True}, "gout at any time"),
    ({"condition": "not-known-here"}, "not known here"),
    ({"allergy": "x-allergy"}, "an allergy to or intolerance of xamab"),
    ({"allergy": "x-allergy", "is": "intolerance"}, "an intolerance of xamab"),
    ({"procedure": "surgery", "next": "30 days"}, "surgery planned within the next 30 days"),
    ({"age": {"below": "18 years"}}, "age below 18 years"),
    ({"sex": "female"}, "female sex"),
    ({"pregnancy": True}, "pregnancy"),
    ({"lactation": True}, "breastfeeding"),
    ({"dose": "short-opioid", "above": "6 mg/day"}, "an ordered dose of short-acting opioids above 6 mg/day"),
    ({"on-drug": "short-opioid", "from": "12 weeks"}, "short-acting opioids taken without a break for at least 12 weeks"),
    ({"change": "alt", "below": "30 %"}, "a fall of ALT since the start of treatment below 30 %"),
    ({"recorded": "alt", "within": "90 days"}, "ALT on record from the last 90 days"),
    ({"recorded": "conditions"}, "a list of conditions on record"),
    ({"use": "pain"}, "use for chronic pain"),
    ({"not": {"condition": "gout"}}, "no gout"),
    ({"not": {"recorded": "conditions"}}, "no list of conditions on record"),
    ({"not": {"allergy": "x-allergy"}}, "no allergy to or intolerance of xamab"),
    ({"not": {"age": {"below": "18 years"}}}, "not (age below 18 years)"),
    ({"all": [{"condition": "gout"}]}, "gout"),
    ({"all": [{"condition": "gout"}, {"sex": "male"}, {"pregnancy": True}]}, "gout, male sex and pregnancy"),
    ({"any": [{"all": [{"condition": "gout"}, {"sex": "male"}]}, {"pregnancy": True}]}, "(gout and male sex) or pregnancy"),
    ({"at-least": {"count": 1, "of": [{"condition": "gout"}, {"sex": "male"}]}}, "at least 1 of: gout; male sex"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "text"), PHRASES, ids=[text for _, text in PHRASES])
def test_a_criterion_in_words(given: Any, text: str) -> None:
    assert TELLER.criterion(parse(given)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 day"),
        (10, "10 days"),
        (14, "14 days"),
        (28, "4 weeks"),
        (90, "90 days"),
        (365, "1 year"),
        (730, "2 years"),
    ],
)
def test_days_in_words(count: int, text: str) -> None:
    assert days(count) == text


def statement(**given: Any) -> Statement:
    plain = {"id": "s", "kind": "warning", "says": "It harms.", "basis": "label", "sources": ("x",)}
    return Statement(**{**plain, **given})


GOUT = parse({"condition": "gout"})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, ""),
        ({"verdict": "avoid"}, "avoid; if already taking: stop"),
        ({"verdict": "avoid", "taking": "hold"}, "avoid; if already taking: hold"),
        ({"verdict": "avoid", "taking": "none"}, "avoid; if already taking: no consequence"),
        ({"verdict": "avoid", "stage": "starting"}, "avoid"),
        ({"verdict": "with-precautions"}, "only with precautions"),
        ({"verdict": "stop", "stage": "taking"}, "stop"),
        (
            {"verdict": "not-now", "until": Until(days=10, after="last dose")},
            "not now, until 10 days after the last dose; if already taking: hold",
        ),
        ({"missing": "block"}, "without it the answer is: cannot tell"),
        ({"missing": "ask"}, "without it the answer is at best: with precautions"),
    ],
)
def test_what_a_statement_does_to_a_verdict(given: Any, text: str) -> None:
    assert consequence(statement(**given)) == text


def test_a_statement_in_sentences() -> None:
    told = statement(
        when=GOUT, verdict="not-now", until=Until(days=7, after="onset"), do="Wait until {until}.", stage="starting",
        uses=("pain",), regions=("EU",), products=("tablet",),
    )  # fmt: skip
    assert statement_text(told, TELLER) == (
        "It harms. When: gout. Answer: not now, until 7 days after the onset. Wait until 7 days after the onset."
        " (When starting; for chronic pain; products: tablet; EU only.)"
    )
    assert todo(statement(do="Rest.")) == "Rest."
    assert scope(statement(), TELLER) == ""


def test_a_monograph_as_a_page(knowledge: Knowledge) -> None:
    library = knowledge.library()
    page = monograph_page(library.monograph("xamab"), library.vocabulary, library.sources)
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert headings == [
        "# Xamab", "## Products", "## Uses", "## Contraindications", "## Warnings", "## Monitoring",
        "## Where sources disagree", "## Sources",
    ]  # fmt: skip
    assert (
        "- **Yolol taken**: Yolol and xamab together upset the stomach. When: yolols taken within the last 10 days."
        " Answer: not now, until 10 days after the last dose; if already taking: hold. Wait until 10 days after"
        " the last dose. [x-label#4] (`yolol-taken`)"
    ) in page
    assert "This project's own judgement." in page
    assert "- `x-label` (label): Label of X." in page
    assert "  - A week. [guide]" in page
    assert page.endswith("\n")


def test_every_statement_use_and_cited_source_is_on_the_page(knowledge: Knowledge) -> None:
    knowledge.add(
        "xamab/other.yaml",
        "\n".join(
            f"- {{id: k-{kind}, kind: {kind}, group: heading, says: Said of {kind}., basis: label, sources: [x-label]}}"
            for kind in ("indication", "interaction", "undesirable-effect", "dosage", "mechanism", "kinetics", "background", "limit")
        ),
    )  # fmt: skip
    library = knowledge.library()
    monograph = library.monograph("xamab")
    page = monograph_page(monograph, library.vocabulary, library.sources)
    for item in (*monograph.statements, *monograph.uses, *monograph.disputes):
        assert f"`{item.id}`" in page
    assert page.count("### Heading") == 7


def test_frequencies_stand_below_their_statement(knowledge: Knowledge) -> None:
    rate = Frequency(rate="10 %", versus="5 %", where="a trial of 10", sources=("guide",))
    library = knowledge.library()
    monograph = library.monograph("xamab")
    shown = type(monograph)(
        identity=monograph.identity, uses=(), statements=(statement(frequencies=(rate,), sources=("gone",)),)
    )
    page = monograph_page(shown, library.vocabulary, library.sources)
    assert "  - 10 % against 5 %: a trial of 10 [guide]" in page
    assert "- `gone`: not in the list of sources." in page
