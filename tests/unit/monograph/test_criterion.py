"""How criteria are written, and what is said about those that are not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from posology.monograph.criterion import KINDS, ULN, Amount, Criterion, amount, duration, parse

GOOD = [
    ({"condition": "gout"}, Criterion("condition", concept="gout")),
    ({"condition": "gout", "within": "4 weeks"}, Criterion("condition", concept="gout", within=28)),
    ({"condition": "gout", "ever": True}, Criterion("condition", concept="gout", ever=True)),
    ({"medication": "m", "within": "10 days"}, Criterion("medication", concept="m", within=10)),
    ({"medication": "m", "absent": "unknown"}, Criterion("medication", concept="m", absent="unknown")),
    (
        {"observation": "alt", "above": "3 x ULN"},
        Criterion("observation", concept="alt", above=Amount(3, ULN)),
    ),
    (
        {"observation": "alt", "between": ["10 U/L", "20 U/L"]},
        Criterion("observation", concept="alt", from_=Amount(10, "U/L"), to=Amount(20, "U/L")),
    ),
    ({"observation": "test", "is": "positive"}, Criterion("observation", concept="test", is_="positive")),
    ({"allergy": "x", "is": "intolerance"}, Criterion("allergy", concept="x", is_="intolerance")),
    ({"procedure": "surgery", "next": "30 days"}, Criterion("procedure", concept="surgery", next=30)),
    ({"age": {"below": "18 years"}}, Criterion("age", below=Amount(18, "a"))),
    ({"sex": "female"}, Criterion("sex", is_="female")),
    ({"pregnancy": True}, Criterion("pregnancy")),
    ({"lactation": True}, Criterion("lactation")),
    ({"dose": "m", "above": "6 mg/day"}, Criterion("dose", concept="m", above=Amount(6, "mg/day"))),
    ({"on-drug": "m", "from": "12 weeks"}, Criterion("on-drug", concept="m", from_=Amount(84, "d"))),
    ({"on_drug": "m", "from": "12 weeks"}, Criterion("on-drug", concept="m", from_=Amount(84, "d"))),
    ({"change": "pain", "below": "30 %"}, Criterion("change", concept="pain", below=Amount(30, "%"))),
    ({"recorded": "conditions"}, Criterion("recorded", concept="conditions")),
    ({"use": "pain"}, Criterion("use", concept="pain")),
    ({"not": {"sex": "male"}}, Criterion("not", of=(Criterion("sex", is_="male"),))),
    (
        {"all": [{"sex": "male"}, {"pregnancy": True}]},
        Criterion("all", of=(Criterion("sex", is_="male"), Criterion("pregnancy"))),
    ),
    ({"any": [{"sex": "male"}]}, Criterion("any", of=(Criterion("sex", is_="male"),))),
    (
        {"at-least": {"count": 1, "of": [{"sex": "male"}, {"pregnancy": True}]}},
        Criterion("at-least", count=1, of=(Criterion("sex", is_="male"), Criterion("pregnancy"))),
    ),
]
BAD: list[tuple[Any, str]] = [
    ("gout", "a criterion is a mapping such as {condition: pregnancy}"),
    ({}, "a criterion is a mapping"),
    ({"conditon": "gout"}, "no criterion kind among conditon; did you mean 'condition'?"),
    ({"condition": "gout", "sex": "male"}, "one criterion, two kinds: condition and sex"),
    ({"condition": ["gout"]}, "condition: takes the name of one concept"),
    (
        {"condition": "gout", "above": "3 U/L"},
        "condition: does not take 'above' (it takes within, ever, absent)",
    ),
    ({"condition": "gout", "within": "soon"}, "'soon' is not a duration; write for example '10 days'"),
    ({"condition": "gout", "within": 10}, "'10' is not a duration"),
    ({"condition": "gout", "ever": True, "within": "3 days"}, "ever and within exclude each other"),
    ({"condition": "gout", "ever": "no"}, "ever: takes true"),
    ({"condition": "gout", "absent": "maybe"}, "absent: takes no (closed world) or unknown"),
    ({"observation": "alt"}, "observation: needs a bound"),
    ({"observation": "alt", "above": "high"}, "'high' is not an amount"),
    ({"observation": "alt", "is": "high"}, "is: takes positive or negative here"),
    ({"observation": "alt", "between": ["1 U/L"]}, "between: takes two amounts"),
    ({"observation": "alt", "above": "5 U/L", "below": "2 U/L"}, "no value lies between 5 U/L and 2 U/L"),
    ({"observation": "alt", "above": "5 U/L", "below": "9 g/L"}, "no value lies between 5 U/L and 9 g/L"),
    ({"allergy": "x", "is": "positive"}, "is: takes allergy or intolerance here"),
    ({"age": "18 years"}, "age: takes bounds, such as {age: {below: 18 years}}"),
    ({"dose": "m"}, "dose: needs a bound"),
    ({"sex": "f"}, "sex: takes female or male"),
    ({"pregnancy": False}, "pregnancy: takes true; for its opposite write not: {pregnancy: true}"),
    ({"all": []}, "all: takes a list of criteria"),
    ({"any": {"sex": "male"}}, "any: takes a list of criteria"),
    ({"at-least": {"count": 3, "of": [{"sex": "male"}]}}, "at-least: needs count from 1 to 1"),
    ({"at-least": {"count": "two", "of": [{"sex": "male"}]}}, "count: takes a whole number from 1"),
    ({"not": {"any": [{"sex": "x"}]}}, "sex: takes female or male"),
]


@pytest.mark.parametrize(("given", "wanted"), GOOD, ids=[str(given) for given, _ in GOOD])
def test_a_criterion_is_read(given: Any, wanted: Criterion) -> None:
    assert parse(given) == wanted


def test_every_kind_is_in_the_table_above() -> None:
    shown = {part.kind for _, wanted in GOOD for part in wanted.walk()}
    assert shown == set(KINDS)


@pytest.mark.parametrize(("given", "message"), BAD, ids=[str(given) for given, _ in BAD])
def test_what_is_wrong_with_a_criterion_is_said(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(given)


@pytest.mark.parametrize(
    ("text", "wanted"), [("1 day", 1), ("2 weeks", 14), ("3 months", 90), ("1 year", 365)]
)
def test_durations_are_whole_days(text: str, wanted: int) -> None:
    assert duration(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("50 mL/min/{1.73_m2}", Amount(50, "mL/min/{1.73_m2}")),
        ("0.5 x uln", Amount(0.5, ULN)),
        ("7", Amount(7, "")),
        (7, Amount(7, "")),
        ("-2.5 mmol/L", Amount(-2.5, "mmol/L")),
        ("4 weeks", Amount(28, "d")),
        ("18 years", Amount(18, "a")),
    ],
)
def test_amounts_keep_their_unit(text: Any, wanted: Amount) -> None:
    assert amount(text) == wanted
