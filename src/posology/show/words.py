"""Words and order that all readable renderers share: what verdicts mean, how a finding is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from posology.check.result import Aside, EntryRef, Finding, Gap, Result, UseShown
from posology.check.verdict import RANKS

from .escape import plain

MEANING = {
    "suitable": "Nothing in the record speaks against starting it; whether it helps: see the evidence.",
    "with-precautions": "It can be considered; what is listed below has to be heeded.",
    "cannot-tell": "The record does not say enough; what is missing below could change the answer.",
    "not-now": "Do not start it today: something has to pass or be put right first.",
    "avoid": "Do not start it: a reason against it does not pass with time alone.",
    "continue": "Nothing in the record speaks against going on; whether it helps: see the evidence.",
    "hold": "Do not give the next dose until what is listed below has passed or been put right.",
    "stop": "Stop it: a reason against it does not pass with time alone.",
}
"""What each verdict means, in one sentence."""
TAKING_MEANING = {"with-precautions": "It can go on; what is listed below has to be heeded."}
BASIS = {
    "label": "label",
    "guideline": "guideline",
    "trial": "trial",
    "review": "review",
    "article": "the founding article",
    "judgement": "this project's clinical judgement, not a label statement",
}
GRADES = {
    "labelled": "labelled use",
    "high": "high certainty",
    "moderate": "moderate certainty",
    "low": "low certainty",
    "very-low": "very low certainty",
    "conflicting": "conflicting trials",
    "against": "against an average benefit",
    "none": "no controlled evidence",
}
RECORDED = {
    "met": "the record gives a reason for this use",
    "not-met": "the record gives no reason for this use",
    "unknown": "not known whether the record gives a reason for this use",
}
STATUSES = {"met": "Met", "unknown": "Unknown", "not-met": "Not met"}
MARKS = {0: "+", 1: "~", 2: "?", 3: "!", 4: "X"}
"""One ASCII mark for each rank of a verdict, so that meaning never hangs on colour alone."""
WORK_UP = "work-up"
DISCLAIMER = (
    "Decision support for health professionals, not a prescription. Every statement names its source and "
    "can be reviewed: posology monograph show {drug}."
)
VALUE_LIMIT = 160


def spoken(verdict: str) -> str:
    """A verdict as it is said: ``not now``."""
    return verdict.replace("-", " ")


def rank(verdict: str | None) -> int:
    """0 (nothing against it) to 4 (avoid, stop)."""
    return RANKS[verdict] if verdict else 0


def meaning(result: Result) -> str:
    """What the verdict means for this person, in one sentence."""
    if result.stage == "taking" and result.verdict in TAKING_MEANING:
        return TAKING_MEANING[result.verdict]
    return MEANING[result.verdict]


def drug_for_use(result: Result) -> str:
    """``some-drug for chronic pain, low-dose``; nothing of the patient is in it."""
    question = result.question
    words = plain(f"{question.drug} for {result.use.name}")
    return f"{words}, {plain(question.product)}" if question.product else words


def asked(result: Result) -> str:
    """``US, as of 2026-11-22 · starting``."""
    return f"{result.question.region}, as of {result.question.on.isoformat()} · {result.stage}"


def earliest(result: Result) -> str:
    """The earliest date with what it depends on; empty when the answer holds today."""
    note = plain(result.earliest_note)
    if result.earliest is None:
        if rank(result.verdict) < 3 or not note:
            return ""
        return f"No earliest date: {note}."
    if result.earliest == result.question.on.isoformat() and not note:
        return ""
    return f"Earliest: {result.earliest}{f', {note}' if note else ''}."


def heading(finding: Finding) -> str:
    """The title of a finding, or its statement's id in words."""
    return plain(finding.title) or finding.statement.replace("-", " ")


def imposes(finding: Finding) -> str:
    """``not now until 2026-12-06``; empty when it imposes nothing."""
    if finding.verdict is None:
        return ""
    return spoken(finding.verdict) + (f" until {finding.until}" if finding.until else "")


def without(finding: Finding, verdict: str) -> str:
    """What the answer would be without this finding."""
    if finding.would_be is None:
        return ""
    same = finding.would_be == verdict
    return f"Without it: {'still ' if same else ''}{spoken(finding.would_be)}."


def entry_parts(entry: EntryRef) -> tuple[str, ...]:
    """Date, name, value, reference and way of matching; parts that are empty are left out."""
    title = plain(entry.title, VALUE_LIMIT) or ("patient" if entry.resource == "Patient" else "")
    return tuple(
        part
        for part in (
            plain(entry.date) or ("" if entry.resource == "Patient" else "no date"),
            title,
            plain(entry.value, VALUE_LIMIT),
            plain(entry.ref),
            f"matched by {plain(entry.how)}" if entry.how else "",
        )
        if part
    )


def citations(finding: Finding | UseShown, most: int = 0) -> str:
    """The short names of the sources; with `most`, those past it are counted."""
    names = [plain(source.citation) for source in finding.sources]
    if most and len(names) > most + 1:
        names = [*names[:most], f"and {len(names) - most} more"]
    return ", ".join(names)


def evidence(use: UseShown) -> str:
    """Standing and grade of a use, what speaks against it first."""
    standing = "labelled" if use.labelled else "off-label"
    if not use.indicated:
        return f"No place in this use; {standing}"
    grade = GRADES.get(use.grade, use.grade)
    if use.grade == "labelled" and use.labelled:
        return "Labelled use"
    return f"{grade.capitalize()}; {standing}"


def either_way(gap: Gap) -> str:
    """The verdicts if what is missing shows what it could, and if it does not."""
    if gap.if_so == gap.if_not:
        return f"either way: {spoken(gap.if_so)}"
    return f"if it speaks against: {spoken(gap.if_so)}; if not: {spoken(gap.if_not)}"


def alike(gaps: Iterable[Gap]) -> list[list[Gap]]:
    """Gaps open for the same reason with the same consequences together, if no entry tells them apart."""
    groups: dict[tuple[object, ...], list[Gap]] = {}
    for gap in gaps:
        key = (gap.blocks, gap.why, gap.if_so, gap.if_not, gap.what if gap.entries else "")
        groups.setdefault(key, []).append(gap)
    return list(groups.values())


def sentences(text: str, most: int) -> str:
    """The first sentences of a text, never cut within one; what is left out is marked."""
    kept, start = 0, 0
    text = plain(text)
    for end in range(len(text) - 2):
        if text[end] in ".?!" and text[end + 1] == " " and (text[end + 2].isupper() or text[end + 2] == "("):
            kept += 1
            start = end + 1
            if kept == most:
                return f"{text[:start]} […]"
    return text


def listed(asides: Iterable[Aside]) -> list[Aside]:
    """Entries put aside, in an order that does not depend on that of the record."""
    return sorted(asides, key=lambda aside: (aside.ref, aside.place, aside.reason, aside.title))


def worked_up(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Findings apart from those of the work-up, and those of the work-up."""
    kept: list[Finding] = []
    work_up: list[Finding] = []
    for finding in findings:
        (work_up if finding.group == WORK_UP else kept).append(finding)
    return kept, work_up


@dataclass(frozen=True, slots=True)
class Parts:
    """A result's findings by the section that shows them."""

    precautions: tuple[Finding, ...]
    monitoring: tuple[Finding, ...]
    work_up: tuple[Finding, ...]

    @classmethod
    def of(cls, result: Result) -> Parts:
        """Precautions and monitoring without the work-up, and the work-up."""
        precautions, some = worked_up(result.precautions)
        monitoring, more = worked_up(result.monitoring)
        return cls(tuple(precautions), tuple(monitoring), tuple(dict.fromkeys([*some, *more])))


def signature(result: Result) -> tuple[object, ...]:
    """What makes two results of a survey the same answer."""
    return (
        result.verdict, result.stage, result.earliest, result.earliest_note, result.question.product,
        result.reasons, result.missing, result.precautions, result.monitoring,
    )  # fmt: skip


def grouped(results: Sequence[Result]) -> list[list[Result]]:
    """Results with the same answer together, in the order of the first of each."""
    groups: dict[tuple[object, ...], list[Result]] = {}
    for result in results:
        groups.setdefault(signature(result), []).append(result)
    return list(groups.values())
