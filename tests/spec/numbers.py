"""Numbers, units and limits."""

from __future__ import annotations

from .model import Fhir, Rule, Topic, fhir, met, no, unknown

HIGH = "{observation: liverase, above: 120 U/L}"


def _liverase(**quantity: object) -> Fhir:
    return fhir("{observation: liverase, id: o, value: 20 U/L, on: 2026-06-20}", valueQuantity=quantity)


TOPIC = Topic(
    "Numbers and units",
    "A number means something only with its unit. Units are converted before comparing; what cannot be "
    "converted, "
    "or cannot be true, is unknown with the reason.",
    (
        Rule(
            "Conversion by the unit",
            "Units that differ only in size are converted by a UCUM library.",
            "2.5 ukat/L is 150 U/L: one enzyme unit is 1/60 of a microkatal.",
            (
                met("2.5 ukat/L is 150 U/L", "{observation: liverase, value: 2.5 ukat/L, on: 2026-06-20}"),
                no("1.5 ukat/L is 90 U/L", "{observation: liverase, value: 1.5 ukat/L, on: 2026-06-20}"),
                met("the sign µ", "{observation: liverase, value: 2.5 µkat/L, on: 2026-06-20}"),
                met(
                    "IU/L is another way of writing U/L",
                    "{observation: liverase, value: 150 IU/L, on: 2026-06-20}",
                ),
                met(
                    "a bound in another unit than the result",
                    "{observation: liverase, value: 150 U/L, on: 2026-06-20}",
                    when="{observation: liverase, above: 2 ukat/L}",
                ),
                met(
                    "10*9/L is 10*3/uL",
                    "{observation: cells, value: 90 10*9/L, on: 2026-06-20}",
                    when="{observation: cells, below: 100 10*3/uL}",
                ),
                no(
                    "10*6/L is a thousandth of it",
                    "{observation: cells, value: 150000 10*6/L, on: 2026-06-20}",
                    when="{observation: cells, below: 100 10*3/uL}",
                ),
                met(
                    "mg/L is a tenth of mg/dL",
                    "{observation: bilepigment, value: 35 mg/L, on: 2026-06-20}",
                    when="{observation: bilepigment, above: 3 mg/dL}",
                ),
            ),
            when=HIGH,
        ),
        Rule(
            "Conversion by molar mass",
            "Between mass and amount of substance the factor is knowledge and stands with the concept.",
            "No unit library can know what a mole of a substance weighs.",
            (
                met("60 umol/L is 3.5 mg/dL", "{observation: bilepigment, value: 60 umol/L, on: 2026-06-20}"),
                no("45 umol/L is 2.6 mg/dL", "{observation: bilepigment, value: 45 umol/L, on: 2026-06-20}"),
                met(
                    "a bound in umol/L",
                    "{observation: bilepigment, value: 4 mg/dL, on: 2026-06-20}",
                    when="{observation: bilepigment, above: 60 umol/L}",
                ),
                no(
                    "below a bound in umol/L",
                    "{observation: bilepigment, value: 3 mg/dL, on: 2026-06-20}",
                    when="{observation: bilepigment, above: 60 umol/L}",
                ),
                unknown(
                    "no factor is known from U/L to mg/dL",
                    "{observation: bilepigment, value: 60 U/L, on: 2026-06-20}",
                    why="is not known for it",
                ),
            ),
            when="{observation: bilepigment, above: 3 mg/dL}",
        ),
        Rule(
            "A missing or unknown unit",
            "It is unknown, never a number.",
            "Creatinine 80 is normal in one unit and death in the other.",
            (
                unknown(
                    "unit missing",
                    "{observation: liverase, id: o, value: 150, on: 2026-06-20}",
                    why="the unit is missing",
                    names=("o",),
                ),
                unknown("unit unknown", _liverase(value=150, unit="blobs"), why="'blobs' is not known"),
                unknown("unit of another quantity", _liverase(value=150, unit="mg/dL", code="mg/dL")),
                unknown("no number", _liverase(unit="U/L", code="U/L"), why="a quantity without a number"),
                met("only the printed unit, no code", _liverase(value=150, unit="U/L")),
            ),
            when=HIGH,
        ),
        Rule(
            "Impossible values",
            "What cannot be true is unknown.",
            "A slip of the decimal point must neither block nor clear a treatment.",
            (
                unknown(
                    "too high to be true",
                    "{observation: liverase, value: 150000 U/L, on: 2026-06-20}",
                    why="an impossible value",
                ),
                unknown(
                    "below zero",
                    "{observation: liverase, value: -5 U/L, on: 2026-06-20}",
                    why="an impossible value",
                ),
                unknown(
                    "too high after conversion",
                    "{observation: liverase, value: 500 ukat/L, on: 2026-06-20}",
                    why="an impossible value",
                ),
                met("the highest possible", "{observation: liverase, value: 20000 U/L, on: 2026-06-20}"),
            ),
            when=HIGH,
        ),
        Rule(
            "Bounds",
            "*above* and *below* exclude the bound, *from* and *to* include it.",
            "Labels say 'more than three times' and '50 or less', and mean it.",
            (
                no("above: the bound itself", when="{observation: liverase, above: 120 U/L}"),
                met("from: the bound itself", when="{observation: liverase, from: 120 U/L}"),
                no("below: the bound itself", when="{observation: liverase, below: 120 U/L}"),
                met("to: the bound itself", when="{observation: liverase, to: 120 U/L}"),
                met("between: both ends", when="{observation: liverase, between: [120 U/L, 200 U/L]}"),
                met("above one, to another", when="{observation: liverase, above: 100 U/L, to: 120 U/L}"),
                no("outside", when="{observation: liverase, above: 120 U/L, to: 200 U/L}"),
            ),
            given=("{observation: liverase, value: 120 U/L, on: 2026-06-20}",),
        ),
        Rule(
            "Results with a sign: <, >",
            "Such a result is an interval. If it lies on both sides of the bound, it is unknown.",
            "'<5' is not 5.",
            (
                no("<120 is not above 120", "{observation: liverase, value: <120 U/L, on: 2026-06-20}"),
                no("<=120 neither", "{observation: liverase, value: <=120 U/L, on: 2026-06-20}"),
                met(">120 is", "{observation: liverase, value: '>120 U/L', on: 2026-06-20}"),
                unknown(">=120 may be 120", "{observation: liverase, value: '>=120 U/L', on: 2026-06-20}"),
                unknown(
                    "<200 may be anything below",
                    "{observation: liverase, value: <200 U/L, on: 2026-06-20}",
                    why="both sides of the limit",
                ),
                unknown(
                    ">50 may be anything above", "{observation: liverase, value: '>50 U/L', on: 2026-06-20}"
                ),
                met(
                    ">=120 is from 120",
                    "{observation: liverase, value: '>=120 U/L', on: 2026-06-20}",
                    when="{observation: liverase, from: 120 U/L}",
                ),
                met(
                    "<5 is below 10",
                    "{observation: liverase, value: <5 U/L, on: 2026-06-20}",
                    when="{observation: liverase, below: 10 U/L}",
                ),
                unknown(
                    "a sign that is not known", _liverase(value=150, unit="U/L", code="U/L", comparator="ca")
                ),
            ),
            when=HIGH,
        ),
        Rule(
            "Multiples of the upper limit of normal",
            "The limit is the one of the result's own reference range; else a cited default; and the "
            "answer says which.",
            "Laboratories differ; a default is better than nothing only if the reader is told.",
            (
                met(
                    "150 at a limit of 40",
                    "{observation: liverase, value: 150 U/L, range-high: 40 U/L, on: 2026-06-20}",
                    note="from the result's reference range",
                ),
                no(
                    "150 at a limit of 60",
                    "{observation: liverase, value: 150 U/L, range-high: 60 U/L, on: 2026-06-20}",
                ),
                met(
                    "no range: the default of 40",
                    "{observation: liverase, value: 150 U/L, on: 2026-06-20}",
                    note="assumed: the result has no reference range",
                ),
                no(
                    "exactly three times is not above",
                    "{observation: liverase, value: 120 U/L, on: 2026-06-20}",
                ),
                met(
                    "the range in another unit",
                    "{observation: liverase, value: 3 ukat/L, range-high: 40 U/L, on: 2026-06-20}",
                ),
                unknown(
                    "neither range nor default",
                    "{observation: bilepigment, value: 9 mg/dL, on: 2026-06-20}",
                    when="{observation: bilepigment, above: 3 x ULN}",
                    why="no reference range",
                ),
                met(
                    "a range, no default needed",
                    "{observation: bilepigment, value: 9 mg/dL, range-high: 1.2 mg/dL, on: 2026-06-20}",
                    when="{observation: bilepigment, above: 3 x ULN}",
                ),
                no(
                    "a range for treatment is no range of normal",
                    fhir(
                        "{observation: liverase, value: 110 U/L, on: 2026-06-20}",
                        referenceRange=[
                            {
                                "type": {"coding": [{"code": "therapeutic"}]},
                                "high": {"value": 30, "unit": "U/L"},
                            }
                        ],
                    ),
                ),
            ),
            when="{observation: liverase, above: 3 x ULN}",
        ),
        Rule(
            "Scores",
            "A score has no unit.",
            "Everything else without a unit is unknown.",
            (
                met("a whole number", "{observation: ache-score, value: 7, on: 2026-06-20}"),
                met(
                    "as a quantity without a unit",
                    fhir("{observation: ache-score, on: 2026-06-20}", valueQuantity={"value": 7}),
                ),
                met("with the unit {score}", "{observation: ache-score, value: '7 {score}', on: 2026-06-20}"),
                unknown("in milligrams", "{observation: ache-score, value: 7 mg, on: 2026-06-20}"),
                unknown(
                    "out of range",
                    "{observation: ache-score, value: 70, on: 2026-06-20}",
                    why="an impossible value",
                ),
            ),
            when="{observation: ache-score, from: 5}",
        ),
        Rule(
            "A number written as text",
            "It is unknown: text has no unit that a program can rely on.",
            "'150 (repeat!)' may be anything; a person must read it.",
            (
                unknown(
                    "a bare number",
                    fhir("{observation: liverase, id: o, on: 2026-06-20}", valueString="150"),
                    why="a number written as text",
                    names=("o",),
                ),
                unknown(
                    "with a unit", fhir("{observation: liverase, on: 2026-06-20}", valueString="150 U/L")
                ),
                unknown("other text", "{observation: liverase, value: see report, on: 2026-06-20}"),
            ),
            when=HIGH,
        ),
    ),
)
