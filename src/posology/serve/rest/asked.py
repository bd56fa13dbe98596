"""What a body may hold. One definition decodes it and is its schema in the OpenAPI document."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct

PEOPLE = 2_000
"""Most people simulated for one request; more is for the command line."""
REGIMENS = 6
HOURS = 366 * 24.0
"""How far a simulation for one request looks; after a last dose a washout is followed for longer."""
DOSES = 3_000
"""Doses of all regimens of one request."""
PEOPLE_DOSES = 300_000
"""People times the doses of all regimens: what a few seconds of one core are enough for."""
POINTS = 60_000
"""Times of the curves of all regimens."""
LEAST_STEP = 0.1
"""Hours."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Rx = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2_000,
        description="A regimen in rx notation.",
        examples=["50 mg po q24h x28"],
    ),
]
Day = Annotated[
    str,
    Meta(max_length=10, pattern=r"^\d{4}-\d{2}-\d{2}$", description="YYYY-MM-DD.", examples=["2026-12-01"]),
]
Moment = Annotated[
    str,
    Meta(max_length=40, description="A day, or a day and time: 2026-12-20T08:00.", examples=["2026-12-20"]),
]
Record = Annotated[
    Raw,
    Meta(
        description="A FHIR R4 Bundle or resource of one person.",
        extra_json_schema={
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"type": "string"}},
        },
    ),
]


class PlanAfter(Struct, forbid_unknown_fields=True, kw_only=True):
    """The plan to add to the answer, if the verdict allows one."""

    start: Day | None = None
    regimen: Name | None = None


class CheckAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """Can this patient use this drug, for this purpose, on this day? Without `use`: for every use."""

    record: Record
    drug: Name
    use: Name | None = None
    on: Day | None = None
    region: Name | None = None
    product: Name | None = None
    plan: PlanAfter | None = None


class LastTaken(Struct, forbid_unknown_fields=True, kw_only=True):
    """A medicine that may have to be waited for, with the day of its last dose."""

    medicine: Name
    last: Day


class PlanAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which doses, on which days? `timezone` is for the calendar form only."""

    drug: Name
    regimen: Name | None = None
    rx: Rx | None = None
    start: Day | None = None
    use: Name | None = None
    product: Name | None = None
    region: Name | None = None
    last_opioid: Annotated[list[LastTaken], Meta(max_length=20)] = []
    surgery: Annotated[list[Day], Meta(max_length=20)] = []
    until: Day | None = None
    on: Day | None = None
    timezone: Name | None = None


class MissedAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """What to do when doses were missed?"""

    drug: Name
    last_taken: Moment
    regimen: Name | None = None
    rx: Rx | None = None
    start: Day | None = None
    use: Name | None = None
    product: Name | None = None
    region: Name | None = None
    on: Day | None = None


class AgonistPulse(Struct, forbid_unknown_fields=True, kw_only=True):
    """An agonist beside the drug, from `start` to `end` (h), at `ratio` = its concentration over its own K_A."""

    start: Annotated[float, Meta(ge=0, le=HOURS)]
    end: Annotated[float, Meta(ge=0, le=HOURS)]
    ratio: Annotated[float, Meta(ge=0, le=1e6)]


class SimulateAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """What do these regimens do in the body?"""

    drug: Name
    rx: Annotated[list[Rx], Meta(max_length=REGIMENS)] = []
    regimen: Annotated[list[Name], Meta(max_length=REGIMENS)] = []
    population: Annotated[
        int,
        Meta(
            description="How many people are drawn at random; 1 is the typical person alone.",
            extra_json_schema={"minimum": 1, "maximum": PEOPLE},
        ),
    ] = 1
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None = None
    covariates: Annotated[
        dict[Name, float | Name | bool | Annotated[list[float], Meta(min_length=2, max_length=2)]],
        Meta(max_length=20),
    ] = {}
    """Traits, such as ``{"weight": 90}``; a pair is a range."""
    for_hours: Annotated[float, Meta(gt=0, le=HOURS)] | None = None
    start: Day | None = None
    step: Annotated[float, Meta(ge=LEAST_STEP, le=168)] | None = None
    washout: bool = False
    levels: Annotated[list[Annotated[float, Meta(gt=0, lt=1)]], Meta(min_length=1, max_length=20)] | None = (
        None
    )
    outputs: Annotated[list[Name], Meta(min_length=1, max_length=20)] | None = None
    model: Name | None = None
    agonist: Annotated[list[AgonistPulse], Meta(max_length=50)] = []
    compare: bool = False
