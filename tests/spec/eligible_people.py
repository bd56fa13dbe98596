"""Age and sex."""

from __future__ import annotations

from .model import Rule, Topic, met, no, unknown

CHILD, OLD = "{age: {below: 18 years}}", "{age: {from: 65 years}}"

TOPIC = Topic(
    "Age and sex",
    "From the Patient resource; ages in completed years on the day asked about.",
    (
        Rule(
            "Age",
            "Completed years, by the calendar. In days where the rule is written in days, weeks or months.",
            "One turns 18 on the birthday, not after 18 times 365 days.",
            (
                met("turns 18 tomorrow", patient="{born: 2008-07-01}", note="age 17"),
                no("turns 18 today", patient="{born: 2008-06-30}"),
                met("turns 65 today", patient="{born: 1961-06-30}", when=OLD, note="age 65"),
                no("turns 65 tomorrow", patient="{born: 1961-07-01}", when=OLD),
                unknown("not recorded", patient="{sex: male}", asks="date of birth"),
                unknown("born after the day asked about", patient="{born: 2026-07-01}", asks="date of birth"),
                met("born on the day asked about", patient="{born: 2026-06-30}", note="age 0"),
                no("forty, bound in months", patient="{born: 1986-01-01}", when="{age: {below: 18 months}}"),
                met(
                    "one year, bound in months",
                    patient="{born: 2025-06-30}",
                    when="{age: {below: 18 months}}",
                ),
                met(
                    "three weeks, bound in weeks", patient="{born: 2026-06-09}", when="{age: {from: 3 weeks}}"
                ),
            ),
            when=CHILD,
        ),
        Rule(
            "A birth date of which only year or month is known",
            "The less permissive age decides: the younger for 'below', the older for 'from'; under *not* "
            "the other way.",
            "Better one question too many.",
            (
                met("17 or 18, asked below 18", patient="{born: '2008'}", note="age 17 to 18"),
                met("64 or 65, asked from 65", patient="{born: '1961'}", when=OLD),
                met(
                    "17 or 18, asked not below 18: the rule is for adults",
                    patient="{born: '2008'}",
                    when=f"{{not: {CHILD}}}",
                ),
                no("surely 19", patient="{born: '2006'}"),
                no("surely 64", patient="{born: 1961-12}", when=OLD),
                met("surely 17", patient="{born: 2008-08}"),
            ),
            when=CHILD,
        ),
        Rule(
            "Sex",
            "The recorded administrative sex. *Other* and *unknown* are not known.",
            "A rule about women must not be passed by someone whose sex nobody recorded.",
            (
                met("female", patient="{sex: female}"),
                no("male", patient="{sex: male}"),
                unknown("other", patient="{sex: other}", asks="sex"),
                unknown("unknown", patient="{sex: unknown}"),
                unknown("not recorded", patient="{born: 1980-03-01}"),
            ),
            when="{sex: female}",
        ),
    ),
)
