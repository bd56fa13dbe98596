"""When a medicine was taken."""

from __future__ import annotations

from .model import Rule, Topic, fhir, met, no, unknown

NOW, RECENT = "{medication: any-opioid}", "{medication: any-opioid, within: 10 days}"
LIST = ("{medications: none}",)


def _bounds(start: str, end: str | None) -> dict[str, object]:
    period = {"start": start, **({"end": end} if end else {})}
    return {"timing": {"repeat": {"boundsPeriod": period}}}


TOPIC = Topic(
    "When a medicine was taken",
    "Records rarely say when the last dose was. It is worked out, in this order: an explicit end; else "
    "start plus "
    "supply, refills included; else an active order is believed for a year.",
    (
        Rule(
            "An explicit end",
            "An end that is written down is the end, whatever the supply.",
            "Somebody took the trouble to write it.",
            (
                met("ends after the day", "{medication: opexol tablet, from: 2026-06-01, to: 2026-07-05}"),
                met("ends on the day", "{medication: opexol tablet, from: 2026-06-01, to: 2026-06-30}"),
                no("ended yesterday", "{medication: opexol tablet, from: 2026-06-01, to: 2026-06-29}"),
                no(
                    "ended, though supply is left",
                    "{medication: opexol tablet, from: 2026-06-01, to: 2026-06-20, supply: 90 days}",
                ),
                met(
                    "not ended, though the supply is used up",
                    "{medication: opexol tablet, from: 2026-01-01, to: 2026-12-31, supply: 30 days}",
                ),
                no(
                    "a statement with an end",
                    "{medication: opexol, as: statement, from: 2026-06-01, to: 2026-06-20}",
                ),
                no(
                    "stopped on a date",
                    "{medication: opexol, as: statement, from: 2026-06-01, to: 2026-06-20, status: stopped}",
                ),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "Start plus supply, refills included",
            "Without an end: the days of supply, times one plus the refills.",
            "What was handed over was probably taken.",
            (
                met("within the supply", "{medication: opexol tablet, from: 2026-06-20, supply: 30 days}"),
                met(
                    "the last day of the supply",
                    "{medication: opexol tablet, as: dispense, from: 2026-06-21, supply: 10 days}",
                ),
                no(
                    "the day after",
                    "{medication: opexol tablet, as: dispense, from: 2026-06-20, supply: 10 days}",
                ),
                met(
                    "with two refills",
                    "{medication: opexol tablet, from: 2026-04-02, supply: 30 days, refills: 2}",
                ),
                met(
                    "completed: within its supply",
                    "{medication: opexol tablet, from: 2026-06-26, supply: 5 days, status: completed}",
                ),
                no(
                    "completed: after its supply",
                    "{medication: opexol tablet, from: 2026-06-20, supply: 5 days, status: completed}",
                ),
                met(
                    "completed: its supply ended within ten days",
                    "{medication: opexol tablet, id: o, from: 2026-06-20, supply: 5 days, status: completed}",
                    when=RECENT,
                    names=("o",),
                ),
                unknown(
                    "stopped within the supply, the day not recorded",
                    "{medication: opexol tablet, from: 2026-06-20, supply: 30 days, status: stopped}",
                ),
                met("supply in weeks", "{medication: opexol tablet, from: 2026-06-18, supply: 2 weeks}"),
                unknown(
                    "dispensed without days of supply",
                    "{medication: opexol tablet, as: dispense, from: 2026-06-20}",
                    why="days of supply not recorded",
                ),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "An order that says active after its supply ran out is unconfirmed",
            "It is neither taken for running nor for over.",
            "Orders are often left open, and medicines taken as needed outlast their supply.",
            (
                unknown(
                    "supply ended last month, still active",
                    "{medication: opexol tablet, from: 2026-05-01, supply: 30 days}",
                    why="supply ended",
                ),
                unknown(
                    "supply ended years ago, still active",
                    "{medication: opexol tablet, from: 2022-05-01, supply: 30 days}",
                    why="still marked active",
                ),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "An active order with neither end nor supply is believed for a year",
            "Until 365 days after it was written, or after a statement last confirmed it; then it is "
            "unconfirmed.",
            "Half the active orders in real exports are years old.",
            (
                met("a month old", "{medication: opexol tablet, from: 2026-05-30}"),
                met("a year old", "{medication: opexol tablet, from: 2025-06-30}"),
                unknown(
                    "a day more",
                    "{medication: opexol tablet, from: 2025-06-29}",
                    why="more than a year before",
                ),
                unknown("many years old", "{medication: opexol tablet, from: 2015-01-01}", asks="opioids"),
                met(
                    "an old statement, confirmed last month",
                    "{medication: opexol, as: statement, from: 2015-01-01, recorded: 2026-05-30}",
                ),
                unknown(
                    "an old statement, confirmed long ago",
                    "{medication: opexol, as: statement, from: 2015-01-01, recorded: 2020-05-30}",
                ),
                met(
                    "for 'ever taken' the start is enough",
                    "{medication: opexol tablet, from: 2015-01-01}",
                    when="{medication: any-opioid, ever: true}",
                ),
                unknown(
                    "the last dose is what is asked for",
                    "{medication: opexol tablet, from: 2015-01-01}",
                    when=RECENT,
                    asks="the last dose of opioids",
                ),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "Stopped, but the day is not recorded",
            "It was taken at the start, and may have been taken for as long as such an order is believed.",
            "A stop without a date leaves the last dose open; after a year it is taken for over.",
            (
                met(
                    "written this week, then stopped",
                    "{medication: opexol tablet, from: 2026-06-25, status: stopped}",
                ),
                unknown(
                    "written in spring",
                    "{medication: opexol tablet, from: 2026-04-01, status: stopped}",
                    why="the day it was stopped is not recorded",
                ),
                no("written two years ago", "{medication: opexol tablet, from: 2024-04-01, status: stopped}"),
                unknown("neither start nor stop recorded", "{medication: opexol tablet, status: stopped}"),
            ),
            when=RECENT,
            given=LIST,
        ),
        Rule(
            "A statement that it was stopped or is not taken ends an order",
            "It ends orders and supplies of the same medicine that began before, on its day. One of "
            "another form, or "
            "from before the order, does not.",
            "The patient's word about the last dose is closer than the order; but stopping the long-acting "
            "form says "
            "nothing of the short-acting one.",
            (
                no(
                    "stopped in May",
                    "{medication: opexol tablet, from: 2026-01-01}",
                    "{medication: opexol, as: statement, to: 2026-05-01, from: 2026-01-01, status: stopped}",
                ),
                no(
                    "not taken, said in May",
                    "{medication: opexol tablet, from: 2026-01-01}",
                    "{medication: opexol, as: statement, recorded: 2026-05-01, status: not-taken}",
                ),
                met(
                    "stopped last week",
                    "{medication: opexol tablet, id: o, from: 2026-01-01}",
                    "{medication: opexol, id: s, as: statement, from: 2026-01-01, to: 2026-06-25, status: "
                    "stopped}",
                    names=("o", "s"),
                ),
                met(
                    "stopped before the order was written",
                    "{medication: opexol tablet, id: o, from: 2026-06-01}",
                    "{medication: opexol, as: statement, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                    names=("o",),
                ),
                no(
                    "it also ends an order with a later end",
                    "{medication: opexol tablet, from: 2026-01-01, to: 2026-12-31}",
                    "{medication: opexol, as: statement, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                ),
                no(
                    "and what was dispensed before",
                    "{medication: opexol tablet, as: dispense, from: 2026-04-20, supply: 90 days}",
                    "{medication: opexol, as: statement, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                ),
                met(
                    "not what was dispensed after",
                    "{medication: opexol tablet, as: dispense, id: d, from: 2026-05-20, supply: 90 days}",
                    "{medication: opexol, as: statement, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                    names=("d",),
                ),
                met(
                    "another medicine was stopped",
                    "{medication: opexol tablet, id: o, from: 2026-01-01}",
                    "{medication: steadol, as: statement, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                    names=("o",),
                ),
                met(
                    "the long-acting form was stopped, the short-acting one is ordered",
                    "{medication: opexol 5 mg tablet, id: o, from: 2026-01-01}",
                    "{medication: opexol 60 mg extended release tablet, as: statement, from: 2026-01-01, "
                    "to: 2026-05-01, "
                    "status: stopped}",
                    names=("o",),
                ),
                met(
                    "an order without a date may be of later",
                    "{medication: opexol tablet, id: o}",
                    "{medication: opexol, as: statement, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                    names=("o",),
                ),
                met(
                    "stopped on a day that nobody recorded: nothing is ended for certain",
                    "{medication: opexol tablet, id: o, from: 2026-01-01}",
                    "{medication: opexol, as: statement, from: 2025-03-01, status: stopped}",
                    names=("o",),
                ),
                met(
                    "a stopped order ends no other order",
                    "{medication: opexol tablet, id: o, from: 2026-01-01}",
                    "{medication: opexol tablet, from: 2026-01-01, to: 2026-05-01, status: stopped}",
                    names=("o",),
                ),
            ),
            when=RECENT,
            given=LIST,
        ),
        Rule(
            "Within so many days",
            "The last so many days, the day asked about included. So 'until 10 days after the last dose' "
            "and 'within 10 "
            "days' are the same rule.",
            "The first free day must not be counted twice, nor left out.",
            (
                met("nine days ago", "{medication: opexol tablet, from: 2026-06-01, to: 2026-06-21}"),
                no("ten days ago", "{medication: opexol tablet, from: 2026-06-01, to: 2026-06-20}"),
                met("being taken counts as within", "{medication: opexol tablet, from: 2026-01-01}"),
                met(
                    "a single dose nine days ago",
                    "{medication: opexol injection, as: administration, from: 2026-06-21}",
                ),
                no(
                    "a single dose ten days ago",
                    "{medication: opexol injection, as: administration, from: 2026-06-20}",
                ),
                no("long ago, not within", "{medication: opexol tablet, from: 2020-01-01, to: 2020-02-01}"),
                met(
                    "long ago, ever",
                    "{medication: opexol tablet, from: 2020-01-01, to: 2020-02-01}",
                    when="{medication: any-opioid, ever: true}",
                ),
            ),
            when=RECENT,
            given=LIST,
        ),
        Rule(
            "A depot lasts",
            "One injection counts for as many days as the product lasts.",
            "Nobody takes anything the day after, and yet it works for a month.",
            (
                met(
                    "27 days after the injection",
                    "{medication: Examplex Depot, as: administration, from: 2026-06-03}",
                ),
                no("28 days after", "{medication: Examplex Depot, as: administration, from: 2026-06-02}"),
                met(
                    "by its code",
                    "{medication: injection, code: rxnorm 9900012, as: administration, from: 2026-06-03}",
                ),
                met(
                    "the minutes of the injection are no end of its action",
                    "{medication: Examplex Depot, as: administration, from: '2026-06-10T10:00:00Z', "
                    "to: '2026-06-10T10:05:00Z'}",
                ),
                met(
                    "dispensed as 'one day'",
                    "{medication: Examplex Depot, as: dispense, from: 2026-06-10, supply: 1 day}",
                ),
                no(
                    "a plain injection lasts its day",
                    "{medication: examplol injection, as: administration, from: 2026-06-29}",
                ),
            ),
            when="{medication: examplol-any}",
            given=LIST,
        ),
        Rule(
            "Instructions with several parts",
            "The order begins with the first part and ends with the last; a part without an end has none.",
            "A taper is one course.",
            (
                met(
                    "the first part has begun, the second has not",
                    fhir(
                        "{medication: opexol tablet, from: 2026-06-01}",
                        dosageInstruction=[
                            _bounds("2026-06-01", "2026-07-15"),
                            _bounds("2026-07-16", "2026-08-15"),
                        ],
                    ),
                ),
                met(
                    "the first part is over, the second goes on",
                    fhir(
                        "{medication: opexol tablet, from: 2026-01-01}",
                        dosageInstruction=[
                            _bounds("2026-01-01", "2026-02-01"),
                            {"text": "then one tablet at night"},
                        ],
                    ),
                ),
                no(
                    "both parts are over",
                    fhir(
                        "{medication: opexol tablet, from: 2026-01-01}",
                        dosageInstruction=[
                            _bounds("2026-01-01", "2026-02-01"),
                            _bounds("2026-02-02", "2026-03-01"),
                        ],
                    ),
                ),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "An order without a date",
            "It could be of any day up to the one asked about.",
            "An active order without a date might be today's.",
            (
                met("active", "{medication: opexol tablet}"),
                unknown("stopped", "{medication: opexol tablet, status: stopped}"),
                unknown(
                    "what it would take to be safe: not taking it cannot be shown",
                    "{medication: opexol tablet}",
                    when="{not: {medication: any-opioid}}",
                ),
            ),
            when=NOW,
            given=LIST,
        ),
    ),
)
