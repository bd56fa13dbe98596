"""The account of the input: what became of every line, what was quarantined and where, what was set aside."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from posology.record.kinds import RESOURCE_TYPES

from .folder import Results
from .quarantine import PARTS

PLACES = 3
"""First places named for a file."""
OTHER = "other reasons"
NO_TYPE = "no type of FHIR R4"
_WHY = (
    "is not JSON", "is empty", "is not UTF-8", "is JSON, but no object", "is nested too deeply", "is longer than",
    "is a Patient without an id", "does not say whose it is", "has no resourceType",
    "the packed data end too early", "JSON is malformed", "Input data was truncated", "names no medicine",
    "points to a Medication that is not in the record", "points into contained resources that cannot be read",
)  # fmt: skip
"""How reasons of quarantine begin that hold nothing of what was read."""


class Quarantine(Struct, frozen=True):
    """What was quarantined of a file in a category: how much, where first, and why most."""

    category: str
    file: str
    count: int
    places: tuple[str, ...]
    reason: str


class Aside(Struct, frozen=True):
    """How many entries do not count, or cannot be read, for a reason."""

    kind: str
    reason: str
    entries: int


class Quality(Struct, frozen=True):
    """The account of a run's input. `parts` add up to `read`, which is lines and entries of Bundles."""

    read: int
    parts: tuple[tuple[str, int], ...]
    by_type: tuple[tuple[str, int], ...]
    quarantined: tuple[Quarantine, ...]
    asides: tuple[Aside, ...]
    damaged: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def quality(results: Results, asides: Iterable[tuple[str, str, int, int]], least: int) -> Quality:
    """The account, with no name of a file that could be a person's, and no reason that few records share."""
    run = results.run
    return Quality(
        read=run.input.lines + run.input.entries,
        parts=tuple((name, getattr(run.input, name)) for name in PARTS),
        by_type=_by_type(run.input.by_type),
        quarantined=_quarantined(results),
        asides=_asides(asides, least),
        damaged=tuple(results.label(file) for file in run.damaged_files),
        skipped=_skipped(results),
    )


def _by_type(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """Resources by type, the commonest first; what FHIR R4 does not know is not named."""
    found: dict[str, int] = {}
    for name, count in counts.items():
        known = name if name in RESOURCE_TYPES else NO_TYPE
        found[known] = found.get(known, 0) + count
    return tuple(sorted(found.items(), key=lambda one: (one[0] == NO_TYPE, -one[1], one[0])))


def _quarantined(results: Results) -> tuple[Quarantine, ...]:
    places: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    reasons: dict[tuple[str, str], dict[str, int]] = {}
    for piece in results.quarantined():
        key = (piece.category, results.label(piece.file))
        counts[key] = counts.get(key, 0) + 1
        here = places.setdefault(key, [])
        if len(here) < PLACES and (place := results.place(piece)) and place not in here:
            here.append(place)
        why = _why(piece.reason)
        mine = reasons.setdefault(key, {})
        mine[why] = mine.get(why, 0) + 1
    return tuple(
        Quarantine(
            *key,
            counts[key],
            tuple(places[key]),
            min(reasons[key], key=lambda why: (-reasons[key][why], why)),
        )
        for key in sorted(counts)
    )


def _asides(asides: Iterable[tuple[str, str, int, int]], least: int) -> tuple[Aside, ...]:
    """Reasons that hold nothing of a record; those that few records share are put together."""
    found: dict[tuple[str, str], int] = {}
    for kind, reason, entries, people in asides:
        if kind == "unreadable":
            reason = _why(reason)
        elif people < least:
            reason = OTHER
        found[kind, reason] = found.get((kind, reason), 0) + entries
    rows = [Aside(kind, reason, entries) for (kind, reason), entries in found.items()]
    return tuple(sorted(rows, key=lambda row: (row.kind, row.reason == OTHER, -row.entries, row.reason)))


def _why(reason: str) -> str:
    """A reason of the program's own words; for one that may quote what was read, that an element is odd."""
    return next((why for why in _WHY if reason.startswith(why)), "an element cannot be used")


def _skipped(results: Results) -> tuple[tuple[str, str], ...]:
    """Files that were not read, by reason, of which only the ending can be told."""
    counts: dict[tuple[str, str], int] = {}
    for each in results.run.source.skipped_files:
        key = (each.reason, results.label(each.file))
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        (f"{label} ({count})" if count > 1 else label, reason)
        for (reason, label), count in sorted(counts.items())
    )
