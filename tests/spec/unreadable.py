"""Entries that cannot be read."""

from __future__ import annotations

from .model import Rule, Topic, fhir, met, no, raw, unknown

POX, MED = "{condition: liverpox}", "{medication: any-opioid}"
LISTS = ("{conditions: none}", "{medications: none}", "{allergies: none}")
BROKEN_POX = fhir("{condition: liverpox}", onsetDateTime=20260101)
NAMELESS = raw(resourceType="Condition", id="x", code=["broken"])
PANEL = {"coding": [{"system": "http://loinc.org", "code": "70000-1", "display": "Panel"}]}
PART = {
    "code": {"coding": [{"system": "http://loinc.org", "code": "99001-1"}]},
    "valueQuantity": {"value": 200, "unit": "U/L", "code": "U/L"},
}
NORMAL = "{observation: liverase, value: 20 U/L, on: 2026-06-01}"
HIGH = "{observation: liverase, above: 100 U/L}"

TOPIC = Topic(
    "Entries that cannot be read",
    "An entry with a wrong shape or an impossible date is counted, reported with its place, and makes "
    "unknown what it "
    "could have said; that, and nothing else. One that is surely about nothing known here is only counted.",
    (
        Rule(
            "It taints what it could have said",
            "If the entry still tells what it is about, questions about that are unknown. If not, all "
            "questions of its "
            "kind are.",
            "A broken line must neither vanish nor stop everything.",
            (
                unknown("broken, but named", BROKEN_POX, asks="liverpox", why="cannot be read"),
                no("other diseases are not touched", BROKEN_POX, when="{condition: gloomitis}"),
                no("nor medicines", BROKEN_POX, when=MED),
                unknown("broken and nameless: any disease", NAMELESS, when="{condition: gloomitis}"),
                no("but no medicine", NAMELESS, when=MED),
                unknown("no kind: anything", raw(id="x", resourceType=7), when=MED),
                no("a broken entry of a kind that decides nothing", raw(resourceType="Encounter", id=7)),
                no(
                    "broken, and surely about something else",
                    fhir("{condition: gloomitis}", onsetDateTime=20260101),
                ),
                met(
                    "a readable one beside it still counts",
                    BROKEN_POX,
                    "{condition: liverpox, id: good}",
                    names=("good",),
                ),
            ),
            when=POX,
            given=LISTS,
        ),
        Rule(
            "An impossible date",
            "A day that does not exist makes the entry unreadable.",
            "The 31st of February may be any day around it.",
            (
                unknown(
                    "31 February", "{condition: liverpox, from: 2026-02-31}", why="a day that does not exist"
                ),
                unknown("text", "{condition: liverpox, from: last spring}", why="is not a FHIR date"),
                unknown("in an order", "{medication: opexol tablet, from: 2026-13-01}", when=MED),
                unknown("in a result", "{observation: liverase, value: 200 U/L, on: 2026-06-31}", when=HIGH),
                no(
                    "in an entry that does not count",
                    "{condition: liverpox, from: 2026-02-31, verification: refuted}",
                    aside="refuted",
                ),
                unknown(
                    "in a plan",
                    "{planned: surgery, on: 2026-07-32}",
                    when="{procedure: surgery, next: 30 days}",
                ),
            ),
            when=POX,
            given=LISTS,
        ),
        Rule(
            "An unreadable result behind a good one",
            "A good result does not clear if an unreadable one could be later.",
            "The broken entry may be the bad news.",
            (
                unknown(
                    "a normal result and an unreadable one",
                    NORMAL,
                    "{observation: liverase, value: 200 U/L, on: 2026-06-31}",
                    why="cannot be read",
                ),
                met(
                    "the opposite asked: a normal result and an unreadable one",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-01}",
                    "{observation: liverase, value: 200 U/L, on: 2026-06-31}",
                    when="{not: {observation: liverase, above: 100 U/L}}",
                ),
                met(
                    "a high result and an unreadable one",
                    "{observation: liverase, id: h, value: 300 U/L, on: 2026-06-01}",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-31}",
                    names=("h",),
                ),
                unknown(
                    "a panel with an impossible date",
                    NORMAL,
                    raw(
                        resourceType="Observation",
                        id="p",
                        status="final",
                        code=PANEL,
                        effectiveDateTime="2026-06-31",
                        component=[PART],
                    ),
                ),
                unknown(
                    "a panel whose parts cannot be read",
                    NORMAL,
                    raw(
                        resourceType="Observation",
                        id="p",
                        status="final",
                        code=PANEL,
                        effectiveDateTime="2026-06-20",
                        component=["broken"],
                    ),
                ),
                unknown(
                    "a panel with a wrong-shaped field",
                    NORMAL,
                    raw(
                        resourceType="Observation",
                        id="p",
                        status=7,
                        code=PANEL,
                        effectiveDateTime="2026-06-20",
                        component=[PART],
                    ),
                ),
                no(
                    "an unreadable result of another test",
                    NORMAL,
                    "{observation: bilepigment, value: 3 mg/dL, on: 2026-06-31}",
                ),
                unknown(
                    "a wrong-shaped value",
                    NORMAL,
                    fhir("{observation: liverase, on: 2026-06-20}", valueQuantity={"value": "two hundred"}),
                ),
                unknown(
                    "since the start of a medicine",
                    "{medication: examplol tablet, from: 2026-04-01}",
                    "{observation: ache-score, value: 8, on: 2026-03-25}",
                    "{observation: ache-score, value: 4, on: 2026-05-20}",
                    "{observation: ache-score, value: 9, on: 2026-06-31}",
                    when="{change: ache-score, from: 30 %}",
                ),
            ),
            when=HIGH,
            given=LISTS,
        ),
        Rule(
            "A birth date that cannot be read",
            "The age is unknown.",
            "So is all that hangs on it.",
            (
                unknown(
                    "the 30th of February", patient="{sex: male, born: 1980-02-30}", asks="date of birth"
                ),
                unknown(
                    "a wrong-shaped patient keeps what can be read", patient="{sex: male, birthDate: [1980]}"
                ),
            ),
            when="{age: {from: 18 years}}",
        ),
    ),
)
