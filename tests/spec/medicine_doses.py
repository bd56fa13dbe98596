"""How much is taken in a day."""

from __future__ import annotations

from .model import Example, Fhir, Rule, Topic, fhir, met, no, unknown

ABOVE = "{dose: examplol-any, above: 60 mg/day}"
SINCE = "from: 2026-06-20"
TABLET = "{medication: examplol 50 mg tablet, id: o, from: 2026-06-20%s}"


def _is(says: str, milligrams: float, text: str, strength: str = "50 mg ") -> Example:
    """The order in words means exactly this dose (pinned from both sides by one criterion)."""
    return met(
        f"{says}: {milligrams:g} mg a day",
        f"{{medication: examplol {strength}tablet, {SINCE}, instructions: '{text}'}}",
        when=f"{{dose: examplol-any, from: {milligrams - 0.1:.2f} mg/day, to: {milligrams + 0.1:.2f} "
        f"mg/day}}",
    )


def _structured(**instruction: object) -> Fhir:
    return fhir(TABLET % "", dosageInstruction=[instruction])


TOPIC = Topic(
    "The daily dose",
    "What the order says to take in a day, in milligrams. Where the order leaves a choice, the highest "
    "dose counts.",
    (
        Rule(
            "Amount times frequency",
            "The amount in milligrams, or units of the product times its strength.",
            "'Two tablets' means nothing without the strength in the product's name.",
            (
                met("100 mg once a day", TABLET % ", dose: 100 mg, frequency: 1/day", names=("o",)),
                no("50 mg once a day", TABLET % ", dose: 50 mg, frequency: 1/day"),
                met("50 mg twice a day", TABLET % ", dose: 50 mg, frequency: 2/day"),
                met("two tablets of 50 mg", TABLET % ", dose: 2 tablet, frequency: 1/day"),
                no("one tablet of 50 mg", TABLET % ", dose: 1 tablet, frequency: 1/day"),
                met("a tenth of a gram", TABLET % ", dose: 0.1 g, frequency: 1/day"),
                no("4500 micrograms", TABLET % ", dose: 4500 ug, frequency: 1/day"),
                no("100 mg every two days", TABLET % ", dose: 100 mg, frequency: every 2 day"),
                no("380 mg every 28 days", TABLET % ", dose: 380 mg, frequency: every 28 days"),
                met("10 mg every hour", TABLET % ", dose: 10 mg, frequency: every 1 hour"),
                met(
                    "50 to 100 mg",
                    _structured(
                        timing={"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                        doseAndRate=[
                            {
                                "doseRange": {
                                    "low": {"value": 50, "unit": "mg"},
                                    "high": {"value": 100, "unit": "mg"},
                                }
                            }
                        ],
                    ),
                ),
                met(
                    "one to two times a day",
                    _structured(
                        timing={
                            "repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}
                        },
                        doseAndRate=[{"doseQuantity": {"value": 50, "unit": "mg"}}],
                    ),
                ),
                met(
                    "the word milligram",
                    _structured(
                        timing={"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                        doseAndRate=[{"doseQuantity": {"value": 100, "unit": "milligram"}}],
                    ),
                ),
                met(
                    "timing by code: twice a day",
                    _structured(
                        timing={"code": {"coding": [{"code": "BID"}]}},
                        doseAndRate=[{"doseQuantity": {"value": 50, "unit": "mg"}}],
                    ),
                ),
                no(
                    "timing by code: every other day",
                    _structured(
                        timing={"code": {"coding": [{"code": "QOD"}]}},
                        doseAndRate=[{"doseQuantity": {"value": 100, "unit": "mg"}}],
                    ),
                ),
                no(
                    "on Mondays and Fridays",
                    _structured(
                        timing={"repeat": {"dayOfWeek": ["mon", "fri"]}},
                        doseAndRate=[{"doseQuantity": {"value": 100, "unit": "mg"}}],
                    ),
                ),
                met(
                    "of two instructions the higher",
                    fhir(TABLET % "", dosageInstruction=[{"text": "50 mg daily"}, {"text": "100 mg daily"}]),
                ),
            ),
            when=ABOVE,
        ),
        Rule(
            "In words",
            "Amount and frequency are read from plain instructions. Where two readings are possible the "
            "higher counts.",
            "Most orders are free text.",
            (
                _is("once a day", 50, "Take 50 mg by mouth daily"),
                _is("at bedtime", 4.5, "4.5 mg at bedtime", "4.5 mg "),
                _is("tablets by number", 100, "Take 2 tablets daily"),
                _is("tablets in words", 100, "take two tablets every day"),
                _is("half a tablet", 25, "half a tablet nightly"),
                _is("one to two tablets", 100, "1-2 tablets daily"),
                _is("twice", 100, "50 mg twice daily"),
                _is("by number", 150, "1 tablet 3 times daily"),
                _is("3x", 150, "1 tablet 3x daily"),
                _is("three times a day", 150, "one tablet three times a day"),
                _is("every six hours", 200, "50 mg every 6 hours"),
                _is("every other day", 25, "50 mg every other day"),
                _is("weekly", 50 / 7, "50 mg once a week"),
                _is("twice weekly", 100 / 7, "50 mg twice weekly"),
                _is("three times a week", 150 / 7, "50 mg three times a week"),
                _is("rising", 3, "1.5 mg nightly for 2 weeks then 3 mg nightly", "1.5 mg "),
                _is("the total beside the tablets", 100, "2 tablets (100 mg) daily"),
                _is("no number of tablets: one", 50, "nightly"),
            ),
        ),
        Rule(
            "What is not said is not known",
            "Without an amount or a frequency the daily dose is unknown; an amount per millilitre is not "
            "guessed.",
            "An order 'as directed' tells nothing about the dose.",
            (
                unknown("no instructions", TABLET % "", why="how often is not recorded"),
                unknown("as directed", TABLET % ", instructions: as directed", names=("o",)),
                unknown(
                    "no strength and no milligrams",
                    "{medication: examplol tablets, from: 2026-06-20, instructions: 1 tablet daily}",
                    why="how much is not recorded",
                ),
                unknown("millilitres", TABLET % ", dose: 5 mL, frequency: 1/day"),
                unknown(
                    "a unit that is not known",
                    _structured(
                        timing={"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                        doseAndRate=[{"doseQuantity": {"value": 2, "unit": "blob"}}],
                    ),
                ),
                unknown(
                    "a combination's name gives no single strength",
                    "{medication: examplol 8 mg / steadol 90 mg tablet, from: 2026-06-20, instructions: 2 "
                    "tablets daily}",
                ),
            ),
            when=ABOVE,
        ),
        Rule(
            "Which orders count",
            "What is being taken, and draft orders: they are what is being decided. Without any order "
            "there is no "
            "ordered dose.",
            "The question is most useful before the order is signed.",
            (
                met(
                    "a draft",
                    "{medication: examplol 50 mg tablet, id: d, draft: true, dose: 100 mg, frequency: 1/day}",
                    names=("d",),
                ),
                no("no order at all"),
                no(
                    "an order that has ended",
                    "{medication: examplol 50 mg tablet, from: 2025-01-01, to: 2025-02-01, dose: 100 mg, "
                    "frequency: 1/day}",
                ),
                unknown(
                    "an old order that may still run",
                    "{medication: examplol 50 mg tablet, from: 2020-01-01, dose: 100 mg, frequency: 1/day}",
                ),
                no(
                    "a proposal",
                    "{medication: examplol 50 mg tablet, from: 2026-06-20, intent: proposal, dose: 100 mg, "
                    "frequency: 1/day}",
                ),
                no(
                    "another medicine's dose",
                    "{medication: steadol 50 mg tablet, from: 2026-06-20, dose: 100 mg, frequency: 1/day}",
                ),
                met(
                    "a bound in grams",
                    TABLET % ", dose: 2000 mg, frequency: 1/day",
                    when="{dose: examplol-any, above: 1 g/day}",
                ),
                no(
                    "below a bound in grams",
                    TABLET % ", dose: 50 mg, frequency: 1/day",
                    when="{dose: examplol-any, above: 1 g/day}",
                ),
            ),
            when=ABOVE,
            given=("{medications: none}",),
        ),
    ),
)
