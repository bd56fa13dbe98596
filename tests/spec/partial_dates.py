"""Dates that are a month, a year or nothing."""

from __future__ import annotations

from .model import Rule, Topic, met, no, unknown

LIST = ("{medications: none}", "{conditions: none}")
TAKEN = "{medication: any-opioid, within: 10 days}"
SCORE = "{observation: liverase, above: 100 U/L, within: 90 days}"

TOPIC = Topic(
    "Partial dates",
    "A month or a year means every day it could mean, up to the day asked about; and the less permissive "
    "end decides. "
    "Which end that is depends on whether meeting the criterion speaks against the medicine, or its "
    "opposite does: "
    "under *not* it turns round.",
    (
        Rule(
            "Medicines",
            "An end in 'June' may be the last day of June, or the first.",
            "If the last dose may have been yesterday, one waits.",
            (
                met("ended this month", "{medication: opexol tablet, from: 2026-05-01, to: 2026-06}"),
                no("ended last month", "{medication: opexol tablet, from: 2026-05-01, to: 2026-05}"),
                met("ended this year", "{medication: opexol tablet, from: 2025, to: 2026}"),
                met(
                    "the opposite asked: it may have ended in January",
                    "{medication: opexol tablet, from: 2025, to: 2026}",
                    when=f"{{not: {TAKEN}}}",
                ),
                no(
                    "the opposite asked: it cannot have ended before it began",
                    "{medication: opexol tablet, from: 2026-06-25, to: 2026}",
                    when=f"{{not: {TAKEN}}}",
                ),
                no(
                    "the opposite asked: even the earliest end is within",
                    "{medication: opexol tablet, from: 2025, to: '2026-06'}",
                    when="{not: {medication: any-opioid, within: 60 days}}",
                ),
                met(
                    "one dose, sometime this year",
                    "{medication: opexol injection, as: administration, from: 2026}",
                ),
                met(
                    "one dose this year, the opposite asked",
                    "{medication: opexol injection, as: administration, from: 2026}",
                    when=f"{{not: {TAKEN}}}",
                ),
                met(
                    "dispensed this month, ten days' supply",
                    "{medication: opexol tablet, as: dispense, from: 2026-06, supply: 10 days}",
                ),
                met(
                    "the same, the opposite asked",
                    "{medication: opexol tablet, as: dispense, from: 2026-06, supply: 10 days}",
                    when=f"{{not: {TAKEN}}}",
                ),
            ),
            when=TAKEN,
            given=LIST,
        ),
        Rule(
            "Diseases and operations within a time",
            "What may have ended within the time, did, if that is the cautious reading.",
            "The same year can hold both answers; caution chooses.",
            (
                met("healed this year", "{condition: liverpox, from: 2020, to: 2026, status: resolved}"),
                met(
                    "healed this year, the opposite asked",
                    "{condition: liverpox, from: 2020, to: 2026, status: resolved}",
                    when="{not: {condition: liverpox, within: 90 days}}",
                ),
                no("healed last year", "{condition: liverpox, from: 2020, to: 2025, status: resolved}"),
                met(
                    "past, its end not dated, begun some day of this year",
                    "{condition: liverpox, from: 2026, status: resolved}",
                ),
                met(
                    "operated on this year",
                    "{procedure: surgery, on: 2026}",
                    when="{procedure: surgery, within: 30 days}",
                ),
                met(
                    "operated on this year, the opposite asked",
                    "{procedure: surgery, on: 2026}",
                    when="{not: {procedure: surgery, within: 30 days}}",
                ),
                met(
                    "operated on, no date",
                    "{procedure: surgery}",
                    when="{procedure: surgery, within: 30 days}",
                ),
                met("an onset this year is an onset", "{condition: liverpox, from: 2026}"),
            ),
            when="{condition: liverpox, within: 90 days}",
            given=LIST,
        ),
        Rule(
            "Results",
            "A result of 'this year' counts if it makes the answer less permissive, never to clear. It is "
            "passed over "
            "where another one is surely later.",
            "A good result must be dated to be relied upon.",
            (
                met(
                    "high, this year",
                    "{observation: liverase, id: o, value: 200 U/L, on: 2026}",
                    names=("o",),
                ),
                unknown(
                    "normal, this year",
                    "{observation: liverase, id: o, value: 20 U/L, on: 2026}",
                    why="is dated 2026 only",
                    names=("o",),
                ),
                unknown("high, last year", "{observation: liverase, value: 200 U/L, on: 2025}"),
                no(
                    "normal, this month: surely in time",
                    "{observation: liverase, value: 20 U/L, on: 2026-06}",
                ),
                no(
                    "normal, this year, and without a result the rule says no",
                    "{observation: liverase, value: 20 U/L, on: 2026}",
                    when="{observation: liverase, above: 100 U/L, within: 90 days, absent: no}",
                ),
                no(
                    "high in January, normal in June",
                    "{observation: liverase, value: 200 U/L, on: 2026-01}",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-20}",
                ),
                met(
                    "normal on the 20th, high sometime in June",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-20}",
                    "{observation: liverase, id: june, value: 200 U/L, on: 2026-06}",
                    names=("june",),
                ),
                met(
                    "high on the 20th, normal sometime in June",
                    "{observation: liverase, id: day, value: 200 U/L, on: 2026-06-20}",
                    "{observation: liverase, value: 20 U/L, on: 2026-06}",
                    names=("day",),
                ),
                met(
                    "the opposite asked: normal on the 20th, high sometime in June",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-20}",
                    "{observation: liverase, value: 200 U/L, on: 2026-06}",
                    when=f"{{not: {SCORE}}}",
                ),
                met("high, undated", "{observation: liverase, value: 200 U/L}"),
                unknown("normal, undated", "{observation: liverase, value: 20 U/L}"),
            ),
            when=SCORE,
        ),
        Rule(
            "Whether it is recent",
            "A partial date proves that something is recent only if its earliest day is.",
            "'Measured this year' does not show 'measured within 90 days'.",
            (
                met("this month", "{observation: liverase, value: 20 U/L, on: 2026-06}"),
                unknown("this year", "{observation: liverase, value: 20 U/L, on: 2026}"),
                unknown("undated", "{observation: liverase, value: 20 U/L}"),
            ),
            when="{recorded: liverase, within: 90 days}",
        ),
        Rule(
            "Dates in the future of the day",
            "A partial date cannot mean a day after the day asked about, if the entry was known on it.",
            "Who wrote '2026' in June did not mean December.",
            (
                met("begun this year", "{condition: liverpox, from: 2026}", when="{condition: liverpox}"),
                no(
                    "begins next year",
                    "{condition: liverpox, from: 2027}",
                    when="{condition: liverpox}",
                    aside="recorded after",
                ),
            ),
            given=LIST,
        ),
    ),
)
