"""The JSON Schema of an answer, made from the dataclasses: ``python -m posology.show.schema`` writes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import msgspec

from posology.check.question import REGIONS
from posology.check.result import Result
from posology.check.verdict import NAMES, RANKS
from posology.monograph.model import Basis, Grade, StatementKind
from posology.regimen.planned import Plan

PLACE = Path(__file__).parents[3] / "docs" / "result.schema.json"


@dataclass(frozen=True, slots=True)
class UseLine:
    """A use with its verdict and first reason."""

    use: str
    name: str
    verdict: str
    stage: str
    recorded: str
    first_reason: str


@dataclass(frozen=True, slots=True)
class SurveyForm:
    """The answer for every use of a drug; whole results only for uses that the record gives a reason for."""

    drug: str
    uses: tuple[UseLine, ...]
    results: tuple[Result, ...]


_VERDICT = {"enum": sorted(RANKS, key=lambda name: (-RANKS[name], name))}
_STATUS = {"enum": ["met", "not-met", "unknown"]}
_OPTIONAL_VERDICT = {"enum": [*_VERDICT["enum"], None]}
_DAY = {"type": ["string", "null"], "format": "date"}
FIELDS: dict[str, dict[str, Any]] = {
    "Aside.place": {"description": "Where in the input, for entries that could not be read."},
    "Aside.reason": {"description": "Why it does not count, or could not be read."},
    "CitedSource.citation": {"description": "source#place: a place in a source of the knowledge."},
    "EntryRef.date": {"description": "The day or span recorded, as text; empty if none."},
    "EntryRef.how": {"description": "How it matched: code, code prefix, ingredient, name."},
    "EntryRef.ref": {"description": "The entry in the input: ResourceType/id, or its place if it has no id."},
    "Finding.basis": {"enum": list(get_args(Basis)), "description": "Why the statement may drive a verdict."},
    "Finding.do": {"description": "What to do about it."},
    "Finding.due": {"description": "For monitoring: when it falls due, in words."},
    "Finding.entries": {"description": "The entries that decided it, newest first."},
    "Finding.kind": {"enum": list(get_args(StatementKind))},
    "Finding.missing": {"description": "What would have to be known to decide it."},
    "Finding.statement": {"description": "The id of the statement in the monograph."},
    "Finding.status": _STATUS,
    "Finding.until": {**_DAY, "description": "The day on which it ends, if it ends with time."},
    "Finding.verdict": {**_OPTIONAL_VERDICT, "description": "What it imposes on the answer; null: nothing."},
    "Finding.would_be": {**_OPTIONAL_VERDICT, "description": "The verdict without it."},
    "Gap.blocks": {"description": "True if the answer is cannot-tell because of it."},
    "Gap.if_not": {**_VERDICT, "description": "The verdict if what it could show is not so."},
    "Gap.if_so": {**_VERDICT, "description": "The verdict if what it could show is so."},
    "Question.on": {"description": "The day asked about."},
    "Question.region": {"enum": list(REGIONS)},
    "Question.stage": {"enum": sorted(NAMES)},
    "Result.counts": {"description": "How many resources were read, by what became of them."},
    "Result.disputes": {"description": "Disagreements between sources on which this answer depends."},
    "Result.earliest": {**_DAY, "description": "The first day on which nothing known would stop it."},
    "Result.earliest_note": {"description": "What the earliest day depends on, or why there is none."},
    "Result.findings": {"description": "Every statement put to the record, in the order of the monograph."},
    "Result.missing": {"description": "What to find out, that which blocks the answer first."},
    "Result.monitoring": {"description": "Monitoring that is due."},
    "Result.next": {"description": "What to do next, in order of weight."},
    "Result.notices": {"description": "What to know about the record before reading the verdict."},
    "Result.other_medicines": {"description": "Current medicines that no concept knows; check them by eye."},
    "Result.patient": {"description": "The Patient of the record: Patient/id, or Patient if it has no id."},
    "Result.precautions": {"description": "What to heed if it is used, and work-up to consider."},
    "Result.question": {"description": "What was asked."},
    "Result.reasons": {"description": "Met findings that stop it, heaviest first."},
    "Result.set_aside": {"description": "Entries that were read and do not count."},
    "Result.stage": {"enum": sorted(NAMES), "description": "Read from the record: starting or taking it."},
    "Result.unreadable": {"description": "Entries that could not be read; what they could say is unknown."},
    "Result.use": {"description": "The use asked about."},
    "Result.verdict": {**_VERDICT, "description": "The least permissive of the findings."},
    "Result.versions": {"description": "Program and knowledge that the answer is from."},
    "UseLine.recorded": _STATUS,
    "UseLine.stage": {"enum": sorted(NAMES)},
    "UseLine.verdict": _VERDICT,
    "UseShown.grade": {"enum": list(get_args(Grade)), "description": "Certainty of the evidence."},
    "UseShown.recorded": {**_STATUS, "description": "Whether the record gives a reason for this use."},
}
"""What the types do not say: closed lists and meanings. A field that does not exist here is an error."""

AFTER = {
    "plan": {"$ref": "#/$defs/Plan", "description": "With --plan: the plan that the verdict allows."},
    "no_plan": {"type": "string", "description": "With --plan: why there is no plan."},
}
"""What 'check --plan' adds to a result; never both."""


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a result or a survey."""
    _, definitions = msgspec.json.schema_components([Result, SurveyForm, Plan], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        # What is written always has every key, also those that have a default in Python.
        definition["required"] = list(definition["properties"])
        definition["additionalProperties"] = False
        for field in definition["properties"].values():
            field.pop("default", None)
    for name, more in FIELDS.items():
        kind, field = name.split(".")
        known = definitions[kind]["properties"][field]
        if "enum" in more:
            known = {}
        elif more.get("type"):
            known.pop("anyOf", None)
        definitions[kind]["properties"][field] = {**known, **more}
    definitions["Result"]["properties"] |= AFTER
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Posology: the answer of check",
        "description": "What 'posology check --format json' writes: a Result, or without --for a survey.",
        "anyOf": [{"$ref": "#/$defs/Result"}, {"$ref": "#/$defs/SurveyForm"}],
        "$defs": dict(sorted(definitions.items())),
    }


def text() -> str:
    """The schema as it stands in docs/."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
    print(f"Wrote {PLACE}")
