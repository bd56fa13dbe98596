"""Only what was known on the day."""

from __future__ import annotations

from .model import Rule, Topic, met, no, unknown

LATER = "recorded after the day asked about"
RESULT = "{observation: liverase, above: 100 U/L}"

TOPIC = Topic(
    "As of the day asked about",
    "The question carries its date. Only what was known on that day counts, so that an answer can be "
    "reproduced, "
    "and a past decision can be judged by what was known then.",
    (
        Rule(
            "What was recorded later does not count",
            "An entry counts from the day on which it was written down; if that is not said, from the day "
            "of which it "
            "tells.",
            "Otherwise a review would blame a prescriber for a result that came a week later.",
            (
                met(
                    "recorded on the day",
                    "{condition: liverpox, recorded: 2026-06-30}",
                    when="{condition: liverpox}",
                ),
                no(
                    "recorded the day after",
                    "{condition: liverpox, recorded: 2026-07-01}",
                    when="{condition: liverpox}",
                    aside=LATER,
                ),
                no(
                    "begun before, recorded after",
                    "{condition: liverpox, from: 2026-01-01, recorded: 2026-07-01}",
                    when="{condition: liverpox}",
                    aside=LATER,
                ),
                no(
                    "begins after, no day of recording",
                    "{condition: liverpox, from: 2026-07-01}",
                    when="{condition: liverpox}",
                    aside=LATER,
                ),
                met(
                    "a result of the day",
                    "{observation: liverase, value: 200 U/L, on: 2026-06-30}",
                    when=RESULT,
                ),
                unknown(
                    "a result of the day after",
                    "{observation: liverase, value: 200 U/L, on: 2026-07-01}",
                    when=RESULT,
                    aside=LATER,
                ),
                unknown(
                    "taken before, issued after",
                    "{observation: liverase, value: 200 U/L, on: 2026-06-29, recorded: "
                    "'2026-07-01T08:00:00Z'}",
                    when=RESULT,
                    aside=LATER,
                ),
                met(
                    "an order of the day",
                    "{medication: opexol tablet, from: 2026-06-30}",
                    when="{medication: any-opioid}",
                ),
                no(
                    "an order of the day after",
                    "{medication: opexol tablet, from: 2026-07-01}",
                    when="{medication: any-opioid}",
                    aside=LATER,
                ),
                no(
                    "a statement made later about an earlier time",
                    "{medication: opexol, as: statement, from: 2026-06-01, recorded: 2026-07-02}",
                    when="{medication: any-opioid}",
                    aside=LATER,
                ),
                no(
                    "a dose given later",
                    "{medication: opexol, as: administration, from: 2026-07-01}",
                    when="{medication: any-opioid}",
                    aside=LATER,
                ),
                no(
                    "handed over later",
                    "{medication: opexol tablet, as: dispense, from: 2026-07-01, supply: 10 days}",
                    when="{medication: any-opioid}",
                    aside=LATER,
                ),
                no(
                    "an allergy recorded later",
                    "{allergy: examplol-allergy, recorded: 2026-07-01}",
                    when="{allergy: examplol-allergy}",
                    aside=LATER,
                ),
                no(
                    "an operation done later",
                    "{procedure: surgery, on: 2026-07-01}",
                    when="{procedure: surgery, ever: true}",
                    aside=LATER,
                ),
                no(
                    "an operation ordered later",
                    "{planned: surgery, on: 2026-07-10, recorded: 2026-07-01}",
                    when="{procedure: surgery, next: 30 days}",
                    aside=LATER,
                ),
            ),
            given=("{conditions: none}", "{medications: none}", "{allergies: none}"),
        ),
        Rule(
            "What was to come counts as planned",
            "An event after the day counts as planned, if the plan was known on the day.",
            "An operation in two weeks matters today.",
            (
                met(
                    "an operation ahead",
                    "{planned: surgery, on: 2026-07-10, recorded: 2026-06-01}",
                    when="{procedure: surgery, next: 30 days}",
                ),
                no(
                    "a plan is nothing done",
                    "{planned: surgery, on: 2026-07-10}",
                    when="{procedure: surgery, ever: true}",
                ),
                no(
                    "an order for a course that begins later is not taken yet",
                    "{medication: opexol tablet, recorded: 2026-06-20, from: 2026-07-05}",
                    when="{medication: any-opioid}",
                ),
                met(
                    "but it is ordered to begin in the next 30 days",
                    "{medication: opexol tablet, recorded: 2026-06-20, from: 2026-07-05}",
                    when="{medication: any-opioid, next: 30 days}",
                ),
                no(
                    "and not in the next 3",
                    "{medication: opexol tablet, recorded: 2026-06-20, from: 2026-07-05}",
                    when="{medication: any-opioid, next: 3 days}",
                ),
                no(
                    "what is taken already does not begin",
                    "{medication: opexol tablet, from: 2026-06-20}",
                    when="{medication: any-opioid, next: 30 days}",
                ),
            ),
            given=("{medications: none}",),
        ),
        Rule(
            "What was still so on the day is so",
            "An end after the day is not an end yet.",
            "An export of today tells of a disease that has since healed; on the day asked about it had not.",
            (
                met(
                    "resolved after the day",
                    "{condition: liverpox, from: 2026-01-01, to: 2026-07-15, status: resolved}",
                    when="{condition: liverpox}",
                ),
                no(
                    "resolved on the day",
                    "{condition: liverpox, from: 2026-01-01, to: 2026-06-30, status: resolved}",
                    when="{condition: liverpox}",
                ),
                met(
                    "taken until later",
                    "{medication: opexol tablet, from: 2026-06-01, to: 2026-07-15, status: completed}",
                    when="{medication: any-opioid}",
                ),
                met(
                    "asked a year earlier, the disease was there",
                    "{condition: liverpox, from: 2025-01-01, to: 2026-01-01, status: resolved}",
                    when="{condition: liverpox}",
                    on="2025-06-30",
                ),
            ),
        ),
        Rule(
            "The day is the one in the record",
            "A time with a zone counts for the day that is written, not for the day in another zone.",
            "Half past eleven at night in New York is that evening for patient and pharmacy, whatever day "
            "it is in UTC.",
            (
                met(
                    "late in the evening of the day",
                    "{observation: liverase, value: 200 U/L, on: '2026-06-30T23:30:00-05:00'}",
                    when=RESULT,
                ),
                unknown(
                    "early in the morning after, though still the day before in UTC",
                    "{observation: liverase, value: 200 U/L, on: '2026-07-01T00:30:00+02:00'}",
                    when=RESULT,
                ),
            ),
        ),
        Rule(
            "Deaths",
            "A death after the day is not known on the day; the answer says when a death is recorded.",
            "A check of a dead patient's record is usually a mistake; the reader must see it.",
            (
                met(
                    "died later: the rest is read as on the day",
                    "{condition: liverpox}",
                    when="{condition: liverpox}",
                    patient="{sex: male, born: 1980-03-01, deceasedDateTime: 2026-08-01}",
                ),
            ),
        ),
    ),
)
