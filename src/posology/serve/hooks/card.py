"""A card: one sentence, the reasons with their sources, what to do, and why somebody may go on all the same."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid5

from posology.check.engine import Engine
from posology.check.result import CitedSource, EntryRef, Finding, Gap, Result
from posology.check.verdict import CANNOT_TELL, CAREFUL, LATER
from posology.show import words
from posology.show.escape import plain
from posology.show.fhir import URN, is_web, severity

from ..settings import Settings
from . import markdown, override_reasons, suggest
from .answer import Said, most_open

Json = dict[str, Any]

NAMESPACE = UUID("6c0a3e0c-3f0b-5f39-8a52-1f7b2d1c9e40")
"""Ids of cards and suggestions are uuid5 in this namespace of the call and of what they say."""
LONGEST = 139
"""Characters of a summary: the specification wants fewer than 140."""
MOST = 6
"""Lines of one part of the detail; the rest is counted, and stands in the full explanation."""


def cards(said: list[Said], call: str, engine: Engine, settings: Settings) -> list[Json]:
    """The cards of one call, named by its hook and instance. The same call on the same day gives the same bytes."""
    ordered = sorted(said, key=lambda each: (-each.rank, each.concern.drug))
    return [_card(each, f"{call}:{number}", engine, settings) for number, each in enumerate(ordered)]


def _card(said: Said, call: str, engine: Engine, settings: Settings) -> Json:
    drug, rank = said.concern.drug, said.rank
    name = f"{call}:{drug}:{said.leading.statement}"
    suggestions = suggest.suggestions(said, engine)
    for number, each in enumerate(suggestions):
        each["uuid"] = str(uuid5(NAMESPACE, f"{name}:{number}"))
    card = {
        "uuid": str(uuid5(NAMESPACE, name)),
        "summary": summary(said, engine),
        "detail": _detail(said),
        "indicator": indicator(rank, said.leading),
        "source": _source(said.leading, drug),
        "suggestions": suggestions,
        "selectionBehavior": "at-most-one" if suggestions else None,
        "overrideReasons": override_reasons.offered(rank) if rank >= CANNOT_TELL else None,
        "links": _links(said, settings),
    }
    return {key: value for key, value in card.items() if value}


def indicator(rank: int, leading: Finding) -> str:
    """How urgent: critical if it must not be given and a contraindication or an *avoid* says so."""
    if rank >= LATER:
        return "critical" if severity(leading) == "high" else "warning"
    return "warning" if rank == CANNOT_TELL else "info"


# --- summary --------------------------------------------------------------------------------------


def summary(said: Said, engine: Engine) -> str:
    """One sentence of the knowledge's words alone; nothing of the record but dates is in it."""
    name = engine.library.monograph(said.concern.drug).identity.name
    verdict = said.leading.verdict if said.against else said.result.verdict
    head = f"{name[:1].upper()}{name[1:]}: {words.spoken(verdict or 'suitable')}"
    if said.against is not None:
        takes = "takes" if said.result.stage == "taking" else "may take"
        inside = name[:1].lower() + name[1:]
        head = f"Ordered for somebody who {takes} {inside}"
        if said.concern.own:
            head = f"Ordered together with {inside}"
    elif said.rank >= LATER and said.result.earliest:
        head += f" (earliest {said.result.earliest})"
    elif len(said.uses) > 1 and len({verdict for _, verdict in said.uses}) > 1:
        head += " for some uses"
    if not said.against and said.rank == CANNOT_TELL:
        return plain(f"{head} without knowing: {_unknown(said)}", LONGEST)
    return plain(f"{head}: {words.heading(said.leading)}", LONGEST)


def _unknown(said: Said) -> str:
    """What to find out first, and how much more there is; its statement, where the record's own words would tell it."""
    gap, others = most_open(said.result), sum(each.blocks for each in said.result.missing) - 1
    if gap is None or gap.entries or any(each.ref in gap.what for each in said.result.unreadable):
        return words.heading(said.leading)
    return f"{gap.what}, and {others} more" if others > 0 else gap.what


# --- detail ---------------------------------------------------------------------------------------


def _detail(said: Said) -> str:
    result = said.result
    if said.against is not None:
        parts = [
            markdown.section("Why", [_reason(said.leading)]),
            markdown.section(f"What the record has of {result.question.drug}", _taken(said)),
            _uncounted(result),
        ]
    else:
        meaning = markdown.text(
            f"{words.drug_for_use(result)}. {words.meaning(result)} {words.earliest(result)}"
        )
        parts = [
            f"**{markdown.text(words.spoken(result.verdict).capitalize())}** for {meaning}",
            markdown.section("Note", [markdown.text(each) for each in result.notices]),
            markdown.section("Why", _some([_reason(each) for each in result.reasons])),
            markdown.section("To find out", _some([_gap(each) for each in result.missing])),
            markdown.section("To heed", _some([_reason(each) for each in _heeded(said)])),
            markdown.section("Next", _some([markdown.text(each) for each in result.next])),
            _by_use(said),
            _uncounted(result),
        ]
    note = words.DISCLAIMER.format(drug=result.question.drug)
    parts.append(f"*{markdown.text(f'{words.asked(result)}. {note}')}*")
    return "\n\n".join(part for part in parts if part)


def _heeded(said: Said) -> tuple[Finding, ...]:
    """Precautions; where something weightier stands above them, those that the order itself gives cause for."""
    if said.rank <= CAREFUL:
        return said.result.precautions
    own = {each.entry for each in said.concern.own}
    return tuple(
        [each for each in said.result.precautions if any(entry.ref in own for entry in each.entries)]
    )


def _taken(said: Said) -> list[str]:
    return [
        _entries((each,)) for each in said.taken if each.ref not in {own.entry for own in said.concern.own}
    ]


def _some(lines: list[str]) -> list[str]:
    if len(lines) <= MOST:
        return lines
    return [*lines[:MOST], f"and {len(lines) - MOST} more, in the full explanation"]


def _reason(finding: Finding) -> str:
    parts = [f"**{markdown.text(words.heading(finding))}**: {markdown.text(finding.says)}"]
    if finding.do:
        parts.append(f"*To do:* {markdown.text(finding.do)}")
    if finding.entries:
        parts.append(f"*Record:* {_entries(finding.entries)}.")
    parts.append(
        f"*Basis:* {markdown.text(words.BASIS.get(finding.basis, finding.basis))} ({_sources(finding)})."
    )
    return " ".join(parts)


def _entries(entries: tuple[EntryRef, ...]) -> str:
    shown = [
        "; ".join(markdown.text(part, words.VALUE_LIMIT) for part in words.entry_parts(each))
        for each in entries
    ]
    return " / ".join(_some(shown))


def _sources(finding: Finding) -> str:
    return markdown.text(words.citations(finding, most=3))


def _gap(gap: Gap) -> str:
    why = markdown.text(gap.why, words.VALUE_LIMIT)
    return f"**{markdown.text(gap.what, words.VALUE_LIMIT)}**: {why} ({markdown.text(words.either_way(gap))})"


def _by_use(said: Said) -> str:
    """Every use that was asked about, where the order did not say which is meant."""
    if len(said.uses) < 2:
        return ""
    verdicts: dict[str, list[str]] = {}
    for use, verdict in said.uses:
        verdicts.setdefault(verdict, []).append(use)
    lines = [
        f"{markdown.text(words.spoken(verdict))}: {markdown.text(', '.join(uses))}"
        for verdict, uses in sorted(verdicts.items(), key=lambda each: -words.rank(each[0]))
    ]
    how = "the uses that the order names" if said.use_given else "the order does not say what it is for"
    return markdown.section(f"By use ({how})", lines)


def _uncounted(result: Result) -> str:
    """What was read and does not count, by reason: nothing of what was sent is passed over in silence."""
    reasons = Counter([each.reason for each in result.set_aside])
    return markdown.section(
        "Read and not counted",
        _some([f"{count}: {markdown.text(why)}" for why, count in reasons.most_common()]),
    )


# --- source, links --------------------------------------------------------------------------------


def _source(leading: Finding, drug: str) -> Json:
    """The citation of the leading reason; its topic is the statement."""
    cited: CitedSource | None = leading.sources[0] if leading.sources else None
    label = plain(
        f"{cited.title}, {cited.place}" if cited and cited.place else cited.title if cited else drug
    )
    topic = {
        "system": f"{URN}:statement:{drug}",
        "code": leading.statement,
        "display": words.heading(leading),
    }
    source: Json = {"label": label, "topic": topic}
    if cited and is_web(cited.url):
        source["url"] = cited.url
    return source


def _links(said: Said, settings: Settings) -> list[Json]:
    """To the statement in the monograph, and to the SMART app, where these have an address."""
    drug, links = said.concern.drug, []
    if settings.public_url:
        base = settings.public_url.rstrip("/")
        url = f"{base}/monographs/{drug}#{said.leading.statement}"
        links.append({"label": "The statement, with its sources", "url": url, "type": "absolute"})
    if settings.smart_launch:
        context = f'{{"drug":"{drug}","use":"{said.result.question.use}"}}'
        label = "Full explanation for this patient"
        links.append({"label": label, "url": settings.smart_launch, "type": "smart", "appContext": context})
    return links
