"""Plans made by hand, so that what renderers show can be said beforehand."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from posology.regimen.planned import (
    Appointment,
    MissedAnswer,
    Pause,
    Plan,
    PlannedDose,
    Said,
    Step,
    Wait,
    Week,
)

from .factory import HOSTILE

START = date(2026, 12, 1)
"""A Tuesday."""
EVENING, MORNING = time(21), time(8)


def said(statement="low-dose-range", **more) -> Said:
    known = {
        "title": "Highest dose studied for pain",
        "says": "Studies in pain went up to 6 mg a day.",
        "do": "",
        "basis": "trial",
        "sources": ("final-2024", "bruun-plesner-2020"),
    }
    return Said(statement=statement, **{**known, **more})


def daily(first: date, count: int, mg: float, step: int, at=EVENING, every=1, taken_as="one capsule", **more):
    route = more.get("route", "po")
    return [
        PlannedDose(
            datetime.combine(first + timedelta(days=every * n), at), mg, f"{mg:g} mg", route, step, taken_as
        )
        for n in range(count)
    ]


def plan(doses: Iterable[PlannedDose], steps: Iterable[Step], **more) -> Plan:
    doses = tuple(doses)
    known = {
        "drug": "naltrexone",
        "drug_name": "Naltrexone",
        "use": "chronic-pain",
        "product": "low-dose",
        "product_name": "Low-dose naltrexone, 0.5 to 6 mg a day, compounded",
        "regimen": "low-dose-usual-titration",
        "title": "Usual titration in practice",
        "rx": "1.5 mg po nightly for 2 weeks then 3 mg po nightly for 2 weeks then 4.5 mg po nightly",
        "region": "US",
        "asked_start": doses[0].when.date(),
        "start": doses[0].when.date(),
        "until": doses[-1].when.date(),
        "endless": False,
        "appointments": (),
        "waits": (),
        "pauses": (),
        "week": None,
        "warnings": (),
        "said": (said("low-dose-usual-titration", title="Usual titration in practice"),),
        "notes": (),
        "versions": {"posology": "0", "monograph": "abc"},
    }
    return Plan(doses=doses, steps=tuple(steps), **{**known, **more})


def step(rx: str, says: str, first: date, last: date | None, doses: int | None, **more) -> Step:
    known = {"taken_as": "one capsule", "needs": "capsule of this strength, made by a compounding pharmacy"}
    return Step(rx, says, first, last, doses, **{**known, **more})


def titration() -> Plan:
    """12 weeks of low dose, with a wait before and an operation in the third step."""
    doses = [
        *daily(START, 14, 1.5, 0),
        *daily(START + timedelta(14), 14, 3, 1),
        *daily(START + timedelta(28), 40, 4.5, 2),
        *daily(date(2027, 2, 17), 7, 4.5, 2),
    ]
    steps = [
        step(
            "1.5 mg po nightly for 2 weeks",
            "1.5 mg by mouth every evening",
            START,
            START + timedelta(13),
            14,
        ),
        step(
            "3 mg po nightly for 2 weeks",
            "3 mg by mouth every evening",
            START + timedelta(14),
            START + timedelta(27),
            14,
        ),
        step("4.5 mg po nightly", "4.5 mg by mouth every evening", START + timedelta(28), None, None),
    ]
    surgery = date(2027, 2, 10)
    held = said(
        "surgery-hold",
        title="Before an operation",
        says="Leave it out for 3 days before an operation that needs opioids.",
        do="Restart 7 days after the last opioid.",
        basis="judgement",
        sources=("posology-judgement",),
    )
    return plan(
        doses,
        steps,
        asked_start=date(2026, 11, 26),
        endless=True,
        until=date(2027, 2, 23),
        appointments=(
            Appointment(
                date(2026, 12, 29),
                "look",
                "Tolerability at 4 to 6 weeks",
                "Sleep, dreams, nausea.",
                "tolerability-check-at-4-to-6-weeks",
                "judgement",
                ("posology-judgement",),
            ),
            Appointment(
                surgery,
                "operation",
                "Planned operation",
                "",
                "surgery-hold",
                "judgement",
                ("posology-judgement",),
            ),
            Appointment(
                date(2027, 2, 23),
                "decide",
                "How long to try",
                "Trials judged the effect after about 12 weeks.",
                "low-dose-trial-length",
                "trial",
                ("younger-2013", "final-2024", "smith-2011"),
            ),
        ),
        waits=(
            Wait(
                "oxycodone",
                date(2026, 11, 24),
                START,
                said(
                    "opioid-free-interval",
                    title="Opioid-free interval",
                    says="Wait 7 days.",
                    sources=("vivitrol-label#2",),
                ),
            ),
        ),
        pauses=(Pause(surgery, date(2027, 2, 6), date(2027, 2, 17), held),),
        warnings=(said(),),
        notes=("No pharmacy was asked what it can make.",),
    )


def weekly() -> Plan:
    """350 mg a week: 50 mg Monday to Friday and 100 mg on Saturday, for two weeks from Tuesday."""
    days = [START + timedelta(n) for n in range(14)]
    doses = sorted(
        [
            *(
                PlannedDose(datetime.combine(day, MORNING), 50, "50 mg", "po", 0, "one tablet")
                for day in days
                if day.weekday() < 5
            ),
            *(
                PlannedDose(datetime.combine(day, MORNING), 100, "100 mg", "po", 1, "2 tablets")
                for day in days
                if day.weekday() == 5
            ),
        ],
        key=lambda dose: dose.when,
    )
    steps = [
        step(
            "50 mg po mon-fri x10",
            "50 mg by mouth on weekdays",
            START,
            date(2026, 12, 14),
            10,
            taken_as="one tablet",
            needs="",
        ),
        step(
            "100 mg po sat x2",
            "100 mg by mouth on Saturdays",
            date(2026, 12, 5),
            date(2026, 12, 12),
            2,
            taken_as="2 tablets",
            needs="",
        ),
    ]
    caution = said(
        "flexible-schedule-caution",
        title="Flexible schedules need supervision",
        says="Schedules with gaps are meant for supervised dosing.",
        do="Choose 50 mg a day unless somebody watches.",
        basis="label",
        sources=("naltrexone-tablet-label#flexible dosing",),
    )
    return plan(
        doses,
        steps,
        use="opioid-use-disorder",
        product="tablet",
        product_name="Naltrexone hydrochloride 50 mg tablet",
        regimen="",
        title="",
        rx="50 mg po mon-fri x10 & 100 mg po sat x2",
        week=Week(350, 350, 350),
        warnings=(),
        said=(caution,),
    )


def depot() -> Plan:
    """Three injections, four weeks apart."""
    doses = daily(START, 3, 380, 0, MORNING, every=28, taken_as="one injection", route="im-xr")
    steps = [
        step(
            "380 mg im-xr q4w x3",
            "380 mg into a muscle every 4 weeks",
            START,
            START + timedelta(56),
            3,
            taken_as="one injection",
            needs="",
        )
    ]
    return plan(
        doses,
        steps,
        use="alcohol-use-disorder",
        product="xr-injection",
        product_name="Naltrexone 380 mg extended-release injection (Vivitrol)",
        regimen="depot-dose",
        title="Injection every four weeks",
        rx="380 mg im-xr q4w x3",
        said=(said("depot-dose", title="Injection every four weeks", basis="label"),),
    )


def hourly() -> Plan:
    """Two doses an hour apart, and one dose of another step at the same moment as the second."""
    first = datetime.combine(START, MORNING)
    doses = [
        PlannedDose(first, 25, "25 mg", "po", 0, "half a tablet"),
        PlannedDose(first + timedelta(hours=1), 25, "25 mg", "po", 0, "half a tablet"),
        PlannedDose(first + timedelta(hours=1), 25, "25 mg", "po", 1, "half a tablet"),
    ]
    steps = [
        step("25 mg po q1h x2", "25 mg by mouth every hour", START, START, 2, taken_as="half a tablet"),
        step("25 mg po", "25 mg by mouth once", START, START, 1, taken_as="half a tablet"),
    ]
    return plan(
        doses,
        steps,
        use="opioid-use-disorder",
        product="tablet",
        product_name="Tablet",
        rx="25 mg po q1h x2 & 25 mg po after 1 hour",
    )


def hostile() -> Plan:
    """A plan in which every text tries to do harm."""
    bad = said(
        "bad",
        title=HOSTILE,
        says=f"{HOSTILE}\nBEGIN:VEVENT\nSUMMARY:x;y,z\\n",
        do=HOSTILE,
        basis="judgement",
        sources=("posology-judgement",),
    )
    doses = [
        PlannedDose(datetime.combine(START, MORNING), 1, f"1 mg{HOSTILE}", "po", 0, f"#eval(1) {HOSTILE}")
    ]
    return plan(
        doses,
        [step(HOSTILE, HOSTILE, START, START, 1, taken_as=HOSTILE, needs=HOSTILE)],
        drug_name=HOSTILE,
        product_name=HOSTILE,
        title=HOSTILE,
        rx=HOSTILE,
        notes=(HOSTILE,),
        warnings=(bad,),
        said=(bad,),
        waits=(Wait(HOSTILE, START, None, bad),),
        pauses=(Pause(START, START, START, bad),),
        appointments=(
            Appointment(START, "check", HOSTILE, HOSTILE, "bad", "judgement", ("posology-judgement",)),
        ),
    )


ALL = {
    "titration": titration(),
    "weekly": weekly(),
    "depot": depot(),
    "hourly": hourly(),
    "hostile": hostile(),
}

MISSED = MissedAnswer(
    drug="naltrexone",
    regimen="low-dose-usual-titration",
    rx="1.5 mg po nightly for 2 weeks then 3 mg po nightly",
    last_taken=datetime(2026, 12, 20, 21),
    asked=date(2026, 12, 23),
    gap_days=2,
    missed=2,
    advice=(said("missed-low-dose", title="Missed low dose", says="Leave out a missed low dose."),),
    answers=("skip",),
    next=tuple(daily(date(2026, 12, 23), 3, 3, 1)),
    notes=(),
)
