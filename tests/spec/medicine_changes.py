"""How long a medicine has been taken, and what changed since."""

from __future__ import annotations

from .model import Rule, Topic, met, no, unknown

LIST = ("{medications: none}",)
TAKES = "{medication: examplol 50 mg tablet, id: m, from: 2026-04-01}"
LONG = "{on-drug: examplol-any, from: 12 weeks}"
BEFORE, AFTER = (
    "{observation: ache-score, id: before, value: 8, on: 2026-03-25}",
    "{observation: ache-score, id: after, value: 4, on: 2026-06-20}",
)
FALL = "{change: ache-score, from: 30 %}"

TOPIC = Topic(
    "Time on a medicine, and change since",
    "Counted from the first dose of the present course.",
    (
        Rule(
            "For how long",
            "Days from the start of the present course to the day asked about. Gaps of up to 14 days do "
            "not end a course. Not taken: no. Not certainly taken, or begun on a day that nobody recorded: "
            "unknown.",
            "A late refill is not a new start.",
            (
                met("84 days", "{medication: examplol tablet, id: m, from: 2026-04-07}", names=("m",)),
                no("83 days", "{medication: examplol tablet, from: 2026-04-08}"),
                met(
                    "two dispenses with a gap of 14 days",
                    "{medication: examplol tablet, as: dispense, from: 2026-03-01, supply: 60 days}",
                    "{medication: examplol tablet, as: dispense, from: 2026-05-14, supply: 60 days}",
                ),
                no(
                    "a gap of 15 days",
                    "{medication: examplol tablet, as: dispense, from: 2026-03-01, supply: 60 days}",
                    "{medication: examplol tablet, as: dispense, from: 2026-05-15, supply: 60 days}",
                ),
                no("not taken"),
                no(
                    "taken earlier, stopped",
                    "{medication: examplol tablet, from: 2025-01-01, to: 2026-01-01}",
                ),
                unknown("an old order that may still run", "{medication: examplol tablet, from: 2020-01-01}"),
                met("begun this year: the less permissive end", "{medication: examplol tablet, from: 2026}"),
                no(
                    "the same, the opposite asked",
                    "{medication: examplol tablet, from: 2026-02}",
                    when=f"{{not: {LONG}}}",
                ),
                met(
                    "begun in April, the opposite asked",
                    "{medication: examplol tablet, from: 2026-04}",
                    when=f"{{not: {LONG}}}",
                ),
                met(
                    "begun in winter: long enough even from the latest day",
                    "{medication: examplol tablet, from: 2026-02}",
                ),
                no(
                    "begun this month: even the earliest day is too late",
                    "{medication: examplol tablet, from: 2026-06}",
                ),
                unknown("begun, nobody recorded when", "{medication: examplol tablet}", asks="when"),
                met(
                    "one entry without a date, another one that is old enough",
                    "{medication: examplol tablet}",
                    "{medication: examplol tablet, as: statement, from: 2025-10-04, recorded: 2026-05-16}",
                ),
                unknown(
                    "taken, as was said this month: since when is not recorded",
                    "{medication: examplol tablet, as: statement, recorded: 2026-06-20}",
                    asks="when",
                ),
                unknown("on hold", "{medication: examplol tablet, from: 2026-01-01, status: on-hold}"),
                unknown(
                    "ordered this month, and perhaps taken before",
                    "{medication: examplol tablet, from: 2026-06-10}",
                    "{medication: examplol tablet, from: 2025-01-01}",
                ),
                no(
                    "a bound in years is a bound in years",
                    "{medication: examplol tablet, from: 2026-04-01}",
                    when="{on-drug: examplol-any, from: 1 year}",
                ),
                met(
                    "a year and a day",
                    "{medication: examplol tablet, from: 2025-06-29, to: 2026-12-31}",
                    when="{on-drug: examplol-any, from: 1 year}",
                ),
            ),
            when=LONG,
            given=LIST,
        ),
        Rule(
            "Change since the start",
            "The fall in percent from the last value within 28 days before the first dose (that day "
            "included) to the "
            "latest value since.",
            "A baseline from years ago, or from under treatment, is none.",
            (
                met(
                    "from 8 to 4: a fall of 50 %",
                    TAKES,
                    BEFORE,
                    AFTER,
                    names=("before", "after"),
                    note="a fall of 50 %",
                ),
                no(
                    "from 8 to 7: a fall of 12 %",
                    TAKES,
                    BEFORE,
                    "{observation: ache-score, value: 7, on: 2026-06-20}",
                ),
                no(
                    "a rise",
                    TAKES,
                    "{observation: ache-score, value: 4, on: 2026-03-25}",
                    "{observation: ache-score, value: 8, on: 2026-06-20}",
                ),
                met(
                    "less than 30 % asked: a rise is",
                    TAKES,
                    "{observation: ache-score, value: 4, on: 2026-03-25}",
                    "{observation: ache-score, value: 8, on: 2026-06-20}",
                    when="{change: ache-score, below: 30 %}",
                    note="a rise of 100 %",
                ),
                unknown("no value before", TAKES, AFTER, why="no baseline"),
                unknown(
                    "a value too long before",
                    TAKES,
                    AFTER,
                    "{observation: ache-score, value: 8, on: 2026-03-01}",
                ),
                unknown("no value since", TAKES, BEFORE, why="no value since"),
                unknown(
                    "a baseline of zero", TAKES, "{observation: ache-score, value: 0, on: 2026-03-25}", AFTER
                ),
                no(
                    "the latest since counts",
                    TAKES,
                    BEFORE,
                    "{observation: ache-score, value: 4, on: 2026-05-01}",
                    "{observation: ache-score, value: 7, on: 2026-06-20}",
                ),
                no("not taking it", BEFORE, AFTER),
                unknown(
                    "on hold",
                    BEFORE,
                    AFTER,
                    "{medication: examplol tablet, from: 2026-04-01, status: on-hold}",
                ),
                unknown(
                    "the first dose is not dated",
                    BEFORE,
                    AFTER,
                    "{medication: examplol tablet, as: statement, recorded: 2026-04-10}",
                ),
                unknown(
                    "perhaps taken before the baseline",
                    BEFORE,
                    AFTER,
                    TAKES,
                    "{medication: examplol tablet, from: 2025-01-01}",
                ),
                unknown(
                    "two values of the last day, one of them without a time",
                    TAKES,
                    BEFORE,
                    "{observation: ache-score, id: z, value: 9, on: 2026-06-20}",
                    "{observation: ache-score, value: 4, on: '2026-06-20T08:00:00Z'}",
                ),
                unknown(
                    "a later value may be dated by its month only",
                    TAKES,
                    BEFORE,
                    AFTER,
                    "{observation: ache-score, value: 9, on: 2026-06}",
                    why="2026-06 only",
                ),
                unknown(
                    "not certainly taking it",
                    BEFORE,
                    AFTER,
                    "{medication: examplol tablet, from: 2020-01-01}",
                ),
                met(
                    "units are converted",
                    TAKES,
                    "{observation: liverase, value: 2 ukat/L, on: 2026-03-25}",
                    "{observation: liverase, value: 60 U/L, on: 2026-06-20}",
                    when="{change: liverase, from: 30 %}",
                    note="a fall of 50 %",
                ),
                unknown(
                    "a value with a sign is not one number",
                    TAKES,
                    "{observation: liverase, value: '>200 U/L', on: 2026-03-25}",
                    "{observation: liverase, value: 100 U/L, on: 2026-06-20}",
                    when="{change: liverase, from: 30 %}",
                ),
            ),
            when=FALL,
            given=LIST,
        ),
    ),
)
