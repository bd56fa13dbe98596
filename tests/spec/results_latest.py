"""Which result counts, and results that follow from others."""

from __future__ import annotations

from .model import Example, Rule, Topic, met, no, unknown

HIGH = "{observation: liverase, above: 100 U/L, within: 90 days}"


def ckd_epi_2021(creatinine: float, age: int, female: bool) -> float:
    """The equation as printed (Inker LA et al, N Engl J Med 2021;385:1737-1749), written anew for this."""
    k, a = (0.7, -0.241) if female else (0.9, -0.302)
    return (
        142
        * min(creatinine / k, 1) ** a
        * max(creatinine / k, 1) ** -1.200
        * 0.9938**age
        * (1.012 if female else 1)
    )


def _egfr(creatinine: float, born: str, age: int, female: bool) -> tuple[Example, Example]:
    """A pair of examples that pin the result between 1 below and 1 above the printed equation's."""
    rate = ckd_epi_2021(creatinine, age, female)
    who = f"{{sex: {'female' if female else 'male'}, born: {born}}}"
    entry = f"{{observation: creatinine, value: {creatinine} mg/dL, on: 2026-06-30}}"
    says = f"{'woman' if female else 'man'} of {age}, {creatinine} mg/dL: {rate:.1f}"
    return (
        met(
            f"{says}, not less",
            entry,
            patient=who,
            when=f"{{observation: egfr, from: {rate - 1:.1f} mL/min/1.73m2}}",
        ),
        met(
            f"{says}, not more",
            entry,
            patient=who,
            when=f"{{observation: egfr, to: {rate + 1:.1f} mL/min/1.73m2}}",
        ),
    )


TOPIC = Topic(
    "Which result counts",
    "The latest in the time asked for decides.",
    (
        Rule(
            "The latest decides",
            "Of several results the latest decides, by the moment it was taken in UTC, then by id.",
            "A liver test that has come down is down. Two results of one moment need a fixed order, so "
            "that the answer "
            "never depends on the order of the file.",
            (
                met(
                    "older normal, newer high",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-01}",
                    "{observation: liverase, id: new, value: 200 U/L, on: 2026-06-20}",
                    names=("new",),
                ),
                no(
                    "older high, newer normal",
                    "{observation: liverase, value: 200 U/L, on: 2026-06-01}",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-20}",
                ),
                no(
                    "on one day, by the hour",
                    "{observation: liverase, value: 200 U/L, on: '2026-06-20T08:00:00Z'}",
                    "{observation: liverase, value: 20 U/L, on: '2026-06-20T16:00:00Z'}",
                ),
                met(
                    "across time zones: 23:00 in New York is after 02:00 the next day in Berlin",
                    "{observation: liverase, value: 20 U/L, on: '2026-06-21T02:00:00+02:00'}",
                    "{observation: liverase, id: new, value: 200 U/L, on: '2026-06-20T23:00:00-04:00'}",
                    names=("new",),
                ),
                met(
                    "at one moment, by id: the higher id",
                    "{observation: liverase, id: a, value: 20 U/L, on: '2026-06-20T08:00:00Z'}",
                    "{observation: liverase, id: b, value: 200 U/L, on: '2026-06-20T08:00:00Z'}",
                    names=("b",),
                ),
                no(
                    "at one moment, the other way round",
                    "{observation: liverase, id: a, value: 200 U/L, on: '2026-06-20T08:00:00Z'}",
                    "{observation: liverase, id: b, value: 20 U/L, on: '2026-06-20T08:00:00Z'}",
                ),
                met(
                    "of one day, one without a time: the less permissive counts",
                    "{observation: liverase, id: z, value: 200 U/L, on: 2026-06-20}",
                    "{observation: liverase, id: a, value: 20 U/L, on: '2026-06-20T08:00:00Z'}",
                    names=("z",),
                ),
                met(
                    "without a time, and late in the evening before, far in the west: it is the same day in UTC",
                    "{observation: liverase, id: z, value: 200 U/L, on: 2026-06-20}",
                    "{observation: liverase, id: a, value: 20 U/L, on: '2026-06-19T23:30:00-11:00'}",
                    names=("z",),
                ),
                unknown(
                    "the latest cannot be used: an older one does not stand in for it",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-01}",
                    "{observation: liverase, id: new, value: 200 blobs, on: 2026-06-20}",
                    names=("new",),
                ),
                no(
                    "measured under two codes: still one test",
                    "{observation: x, code: loinc 99001-1, value: 200 U/L, on: 2026-06-01}",
                    "{observation: x, code: loinc 99001-9, value: 20 U/L, on: 2026-06-20}",
                ),
            ),
            when=HIGH,
        ),
        Rule(
            "In the time asked for",
            "`within: 90 days` is the last 90 days, the day asked about included. An older result is "
            "shown, and the "
            "answer is unknown.",
            "An old result is a reason to test again, not an answer.",
            (
                met(
                    "on the first day of the time", "{observation: liverase, value: 200 U/L, on: 2026-04-02}"
                ),
                unknown(
                    "the day before",
                    "{observation: liverase, id: old, value: 200 U/L, on: 2026-04-01}",
                    why="the latest is of 2026-04-01",
                    names=("old",),
                ),
                unknown(
                    "an old normal one does not clear",
                    "{observation: liverase, value: 20 U/L, on: 2025-01-01}",
                ),
                met(
                    "no time asked for: any age",
                    "{observation: liverase, value: 200 U/L, on: 2015-01-01}",
                    when="{observation: liverase, above: 100 U/L}",
                ),
            ),
            when=HIGH,
        ),
        Rule(
            "Kidney function from creatinine",
            "eGFR is computed by CKD-EPI 2021 where it was not measured: 142 x min(Scr/k, 1)^a x "
            "max(Scr/k, 1)^-1.200 x "
            "0.9938^age, x 1.012 in women; k 0.7 and a -0.241 in women, 0.9 and -0.302 in men.",
            "Most reports of creatinine carry no eGFR; the equation is the one in use, without race.",
            (
                *_egfr(0.6, "1986-06-30", 40, True),
                *_egfr(1.8, "1956-06-30", 70, True),
                *_egfr(0.8, "1996-06-30", 30, False),
                *_egfr(2.5, "1961-06-30", 65, False),
                met(
                    "in umol/L: 221 umol/L is 2.5 mg/dL, about 28",
                    "{observation: creatinine, value: 221 umol/L, on: 2026-06-30}",
                    patient="{sex: male, born: 1961-06-30}",
                    when="{observation: egfr, below: 30 mL/min/1.73m2}",
                ),
                unknown(
                    "sex not recorded",
                    "{observation: creatinine, value: 2.5 mg/dL, on: 2026-06-30}",
                    patient="{born: 1961-06-30}",
                    asks="eGFR",
                ),
                unknown(
                    "date of birth not recorded",
                    "{observation: creatinine, value: 2.5 mg/dL, on: 2026-06-30}",
                    patient="{sex: male}",
                ),
                unknown(
                    "a child: the equation is for adults",
                    "{observation: creatinine, value: 2.5 mg/dL, on: 2026-06-30}",
                    patient="{sex: male, born: 2016-06-30}",
                ),
                unknown("creatinine without a unit", "{observation: creatinine, value: 2.5, on: 2026-06-30}"),
                no(
                    "a later measured one counts",
                    "{observation: creatinine, value: 2.5 mg/dL, on: 2026-06-01}",
                    "{observation: egfr, value: 90 mL/min/1.73m2, on: 2026-06-20}",
                ),
                met(
                    "a later creatinine counts",
                    "{observation: egfr, value: 90 mL/min/1.73m2, on: 2026-06-01}",
                    "{observation: creatinine, id: c, value: 2.5 mg/dL, on: 2026-06-20}",
                    names=("c",),
                ),
                no(
                    "at one moment the measured one counts",
                    "{observation: creatinine, id: z, value: 2.5 mg/dL, on: 2026-06-20}",
                    "{observation: egfr, id: a, value: 90 mL/min/1.73m2, on: 2026-06-20}",
                ),
            ),
            when="{observation: egfr, below: 30 mL/min/1.73m2}",
            patient="{sex: male, born: 1961-06-30}",
        ),
    ),
)
