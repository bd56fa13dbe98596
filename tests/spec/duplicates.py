"""Duplicates, order, irrelevant entries."""

from __future__ import annotations

from .model import Rule, Topic, met, no, raw, unknown

TAKEN = "{medication: opexol tablet, id: o, from: 2026-06-20}"

TOPIC = Topic(
    "Duplicates, order and irrelevant entries",
    "They never change an answer. Every example of this chapter is also run with its entries reversed, "
    "doubled and "
    "mixed with irrelevant ones, and must give the same answer.",
    (
        Rule(
            "Duplicates",
            "The same entry twice says no more than once.",
            "Merged records repeat themselves.",
            (
                met("an order twice", TAKEN, TAKEN, when="{medication: any-opioid}", names=("o",)),
                no(
                    "two entries of one disease are not two signs",
                    "{condition: liverpox, id: a}",
                    "{condition: liverpox, id: b}",
                    when="{at-least: {count: 2, of: [{condition: liverpox}, {condition: gloomitis}]}}",
                ),
                no(
                    "two records of one order are not twice the dose",
                    "{medication: examplol 50 mg tablet, id: a, from: 2026-06-20, dose: 50 mg, frequency: "
                    "1/day}",
                    "{medication: examplol 50 mg tablet, id: b, from: 2026-06-20, dose: 50 mg, frequency: "
                    "1/day}",
                    when="{dose: examplol-any, above: 60 mg/day}",
                ),
            ),
        ),
        Rule(
            "Two entries that disagree",
            "The one that speaks against the medicine counts, unless the other one ends it.",
            "One list may be stale; which one, a person must say.",
            (
                met(
                    "active in one entry, resolved in the other",
                    "{condition: liverpox, id: a}",
                    "{condition: liverpox, id: b, status: resolved}",
                    when="{condition: liverpox}",
                    names=("a",),
                ),
                met(
                    "one is sure, the other is not",
                    "{condition: liverpox, id: a}",
                    "{condition: liverpox, id: b, verification: provisional}",
                    when="{condition: liverpox}",
                    names=("a",),
                ),
                no(
                    "refuted, and nothing else",
                    "{condition: liverpox, verification: refuted}",
                    when="{condition: liverpox}",
                    aside="refuted",
                ),
            ),
            given=("{conditions: none}",),
        ),
        Rule(
            "Irrelevant entries",
            "Entries about nothing that is asked are counted and dropped.",
            "Most of a record is about something else.",
            (
                no(
                    "an encounter, an immunisation, a height",
                    raw(resourceType="Encounter", id="e", status="finished"),
                    raw(resourceType="Immunization", id="i", status="completed"),
                    "{observation: x, text: Body height, value: 180 cm, on: 2026-06-01}",
                    "{conditions: none}",
                    when="{condition: liverpox}",
                ),
                unknown(
                    "they make no list",
                    raw(resourceType="Encounter", id="e", status="finished"),
                    when="{condition: liverpox}",
                ),
            ),
        ),
    ),
)
