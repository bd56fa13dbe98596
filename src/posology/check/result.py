"""What `check` answers: plain frozen objects, ready to be shown."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from .question import Question


class EntryRef(Struct, frozen=True, gc=False):
    """An entry of the record that decided a finding."""

    ref: str
    resource: str
    title: str
    code: str
    date: str
    value: str
    how: str


class CitedSource(Struct, frozen=True, gc=False):
    """A citation with the title of its source."""

    citation: str
    title: str
    place: str
    url: str


class Gap(Struct, frozen=True, gc=False):
    """One thing to find out: why it is open, which findings wait for it, and the verdict either way.

    `blocks` is True when the answer is `cannot-tell` because of it. `if_so` and `if_not` are the verdicts
    if what it could show is so, and if it is not so, all else unchanged.
    """

    what: str
    why: str
    statements: tuple[str, ...]
    blocks: bool
    if_so: str
    if_not: str
    entries: tuple[EntryRef, ...]


class Finding(Struct, frozen=True, gc=False):
    """A statement whose criterion was put to the record.

    `status` is met, not-met or unknown; `verdict` is what this finding imposes on the answer (None:
    nothing), `would_be` the verdict without it.
    """

    statement: str
    kind: str
    title: str
    status: str
    verdict: str | None
    would_be: str | None
    basis: str
    says: str
    do: str
    note: str
    until: str | None
    due: str
    group: str
    entries: tuple[EntryRef, ...]
    missing: tuple[str, ...]
    sources: tuple[CitedSource, ...]


class ShownDispute(Struct, frozen=True, gc=False):
    """A disagreement between sources on which this answer depends."""

    id: str
    about: str
    positions: tuple[dict[str, Any], ...]
    follows: str
    because: str
    statements: tuple[str, ...]


class Aside(Struct, frozen=True, gc=False):
    """An entry that was read and does not count, or that could not be read, with the reason and the place."""

    ref: str
    title: str
    reason: str
    place: str = ""


class UseShown(Struct, frozen=True, gc=False):
    """The use asked about: its standing and what the evidence says."""

    id: str
    name: str
    labelled: bool
    indicated: bool
    grade: str
    says: str
    recorded: str
    """Whether the record gives a reason for it: met, not-met or unknown."""
    entries: tuple[EntryRef, ...]
    sources: tuple[CitedSource, ...]


class Result(Struct, frozen=True, gc=False):
    """The answer to one question about one record."""

    verdict: str
    stage: str
    question: Question
    patient: str
    """The Patient of the record: ``Patient/id``, or ``Patient`` if it has no id."""
    use: UseShown
    earliest: str | None
    earliest_note: str
    reasons: tuple[Finding, ...]
    missing: tuple[Gap, ...]
    precautions: tuple[Finding, ...]
    monitoring: tuple[Finding, ...]
    next: tuple[str, ...]
    notices: tuple[str, ...]
    disputes: tuple[ShownDispute, ...]
    other_medicines: tuple[str, ...]
    """Current medicines that were recognised as none of those that matter to this drug or any other here."""
    set_aside: tuple[Aside, ...]
    unreadable: tuple[Aside, ...]
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    versions: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, dates as ISO text: the JSON form (docs/result.schema.json)."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class Survey(Struct, frozen=True, gc=False):
    """The answer for every use of a drug: what is said when no use is named."""

    drug: str
    results: tuple[Result, ...]

    def to_dict(self) -> dict[str, Any]:
        """Each use with its verdict and first reason, then the whole result of those the record points to."""
        return {
            "drug": self.drug,
            "uses": [
                {
                    "use": each.use.id,
                    "name": each.use.name,
                    "verdict": each.verdict,
                    "stage": each.stage,
                    "recorded": each.use.recorded,
                    "first_reason": first_reason(each),
                }
                for each in self.results
            ],
            "results": [each.to_dict() for each in self.results if each.use.recorded == "met"],
        }


DOUBTFUL = {
    "against": "the evidence is against a benefit",
    "conflicting": "the evidence conflicts",
    "very-low": "the evidence for a benefit is very weak",
    "none": "no evidence of a benefit is known",
}
"""Grades of evidence that a reader must know of beside the verdict."""


def first_reason(result: Result) -> str:
    """The weightiest reason of a result, in its shortest words."""
    if result.reasons:
        finding = result.reasons[0]
        return finding.title or finding.says
    gap = next((gap for gap in result.missing if gap.blocks), None)
    if gap is not None:
        return f"not known: {gap.what}"
    if result.precautions and result.precautions[0].verdict:
        return result.precautions[0].title or result.precautions[0].says
    if not result.use.labelled and result.use.grade in DOUBTFUL:
        return f"off-label; {DOUBTFUL[result.use.grade]}"
    return "nothing in the record speaks against it"
