"""Pregnancy and breastfeeding."""

from __future__ import annotations

from .model import Rule, Topic, fhir, met, no, unknown

WOMAN = "{sex: female, born: 1990-03-01}"
STATUS = "within the last 14 days"
TEST = "{observation: pregnancy-test, id: t, value: %s, on: %s}"
PREGNANT = "{condition: pregnancy, id: c, from: 2026-03-01}"

TOPIC = Topic(
    "Pregnancy and breastfeeding",
    "In someone who could be pregnant, silence is not a no.",
    (
        Rule(
            "Who could be",
            "Someone not recorded as male, of 12 to 55 years. In others it is answered no.",
            "Asking a man of 80 for a pregnancy test makes people stop reading.",
            (
                unknown("a woman of 36", asks=STATUS, why="not recorded"),
                no("a man", patient="{sex: male, born: 1990-03-01}"),
                no("a girl of 11", patient="{sex: female, born: 2014-07-01}"),
                unknown("a girl of 12", patient="{sex: female, born: 2014-06-30}"),
                unknown("a woman of 55", patient="{sex: female, born: 1970-07-01}"),
                no("a woman of 56", patient="{sex: female, born: 1970-06-30}"),
                unknown("55 or 56", patient="{sex: female, born: '1970'}"),
                unknown("age not recorded", patient="{sex: female}"),
                unknown("sex not recorded", patient="{born: 1990-03-01}"),
                unknown("sex other", patient="{sex: other, born: 1990-03-01}"),
                met("at 58, but recorded as pregnant", PREGNANT, patient="{sex: female, born: 1968-03-01}"),
                unknown(
                    "at 58, a pregnancy of this year that is not confirmed",
                    "{condition: pregnancy, from: 2026-03-01, verification: provisional}",
                    patient="{sex: female, born: 1968-03-01}",
                ),
                unknown(
                    "at 58, a pregnancy in an entry that cannot be read",
                    fhir("{condition: pregnancy}", onsetDateTime="2026-02-31"),
                    patient="{sex: female, born: 1968-03-01}",
                    why="cannot be read",
                ),
                no("the rule's author closes it", when="{pregnancy: true, absent: no}"),
            ),
            when="{pregnancy: true}",
            patient=WOMAN,
        ),
        Rule(
            "Recorded as pregnant",
            "A present, confirmed pregnancy of the last 301 days (43 weeks) is a yes. An older one that "
            "was never "
            "closed is not known.",
            "Problem lists keep pregnancies long after the birth.",
            (
                met("begun in March", PREGNANT, names=("c",)),
                met("301 days ago", "{condition: pregnancy, from: 2025-09-02}"),
                unknown("302 days ago", "{condition: pregnancy, from: 2025-09-01}", why="still open"),
                unknown("years ago, still open", "{condition: pregnancy, from: 2019-01-01}"),
                unknown("unconfirmed", "{condition: pregnancy, from: 2026-03-01, verification: provisional}"),
                unknown(
                    "ended: not pregnant then, and nothing known since",
                    "{condition: pregnancy, from: 2025-01-01, to: 2025-10-01, status: resolved}",
                    why="not recorded",
                ),
            ),
            when="{pregnancy: true}",
            patient=WOMAN,
        ),
        Rule(
            "Tests and recorded status",
            "The latest decides. A negative is believed for 14 days (or as the rule says), a positive for "
            "301.",
            "One can become pregnant after a negative test, and stays so after a positive one.",
            (
                met("positive last month", TEST % ("positive", "2026-05-30"), names=("t",)),
                no("negative last week", TEST % ("negative", "2026-06-23")),
                no("negative, on the first of the 14 days", TEST % ("negative", "2026-06-17")),
                unknown(
                    "negative the day before that",
                    TEST % ("negative", "2026-06-16"),
                    why="the latest is of 2026-06-16",
                ),
                no(
                    "negative last month, the rule believes it for 60 days",
                    TEST % ("negative", "2026-05-30"),
                    when="{pregnancy: true, within: 60 days}",
                ),
                no(
                    "positive in spring, negative now",
                    TEST % ("positive", "2026-04-01"),
                    "{observation: pregnancy-test, value: negative, on: 2026-06-29}",
                ),
                met(
                    "negative, then positive",
                    TEST % ("positive", "2026-06-29"),
                    "{observation: pregnancy-test, value: negative, on: 2026-06-20}",
                    names=("t",),
                ),
                met("status 'pregnant'", "{pregnancy: true, on: 2026-05-01}"),
                no("status 'not pregnant'", "{pregnancy: false, on: 2026-06-29}"),
                unknown(
                    "on the problem list, but the test is negative",
                    PREGNANT,
                    TEST % ("negative", "2026-06-29"),
                    names=("c", "t"),
                    why="says pregnant",
                ),
                unknown(
                    "a positive that is not confirmed",
                    "{observation: pregnancy-test, value: positive, on: 2026-06-29, status: preliminary}",
                ),
                unknown(
                    "a negative that is not confirmed",
                    "{observation: pregnancy-test, value: negative, on: 2026-06-29, status: preliminary}",
                ),
                unknown(
                    "neither yes nor no",
                    fhir("{observation: pregnancy-test, on: 2026-06-29}", valueString="indeterminate"),
                    why="cannot be read",
                ),
                unknown("negative, but undated", "{observation: pregnancy-test, value: negative}"),
                unknown(
                    "negative, but a pregnancy stands in an entry that cannot be read",
                    TEST % ("negative", "2026-06-25"),
                    fhir("{condition: pregnancy}", onsetDateTime="2026-02-31"),
                ),
                unknown(
                    "negative, but a newer test cannot be read",
                    TEST % ("negative", "2026-06-25"),
                    fhir(
                        "{observation: pregnancy-test, value: positive, on: 2026-06-29}",
                        effectiveDateTime="2026-06-99",
                    ),
                ),
            ),
            when="{pregnancy: true}",
            patient=WOMAN,
        ),
        Rule(
            "Breastfeeding",
            "Yes if recorded as such. Where a pregnancy is recorded in the last two and a half years or "
            "so, it is "
            "asked; else it is answered no.",
            "Without a recent pregnancy nobody breastfeeds; after one, many do.",
            (
                no("no pregnancy recorded"),
                unknown(
                    "a birth last autumn",
                    "{condition: pregnancy, from: 2025-01-10, to: 2025-10-15, status: resolved}",
                    asks="breastfeeding",
                ),
                no(
                    "a birth long ago",
                    "{condition: pregnancy, from: 2015-01-10, to: 2015-10-15, status: resolved}",
                ),
                met("recorded as breastfeeding", "{lactation: true, id: l, on: 2026-05-01}", names=("l",)),
                no(
                    "recorded as not breastfeeding",
                    "{lactation: false, on: 2026-05-01}",
                    "{condition: pregnancy, from: 2025-01-10, to: 2025-10-15, status: resolved}",
                ),
                unknown(
                    "'not breastfeeding' from before the birth",
                    "{lactation: false, on: 2025-03-01}",
                    "{condition: pregnancy, from: 2025-01-10, to: 2025-10-15, status: resolved}",
                ),
                met("on the problem list", "{condition: lactation, id: l, from: 2026-01-01}", names=("l",)),
                unknown(
                    "on the problem list, unconfirmed",
                    "{condition: lactation, from: 2026-01-01, verification: provisional}",
                ),
                no(
                    "on the problem list, resolved",
                    "{condition: lactation, from: 2022-01-01, status: resolved}",
                ),
                met(
                    "a 'no' in spring, on the problem list since",
                    "{lactation: false, on: 2026-03-01}",
                    "{condition: lactation, id: l, from: 2026-05-01}",
                    names=("l",),
                ),
                unknown(
                    "on the problem list, a later 'no'",
                    "{condition: lactation, id: l, from: 2026-01-01}",
                    "{lactation: false, id: o, on: 2026-06-01}",
                    names=("l", "o"),
                ),
                unknown("an unconfirmed 'yes'", "{lactation: true, on: 2026-06-01, status: preliminary}"),
                met(
                    "an unconfirmed 'yes', and on the problem list",
                    "{lactation: true, on: 2026-06-01, status: preliminary}",
                    "{condition: lactation, id: l, from: 2026-01-01}",
                    names=("l",),
                ),
                no("a man", "{lactation: true, on: 2026-05-01}", patient="{sex: male, born: 1990-03-01}"),
            ),
            when="{lactation: true}",
            patient=WOMAN,
            given=("{conditions: none}",),
        ),
    ),
)
