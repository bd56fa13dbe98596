"""What became of cards, kept without anything about a patient.

Of a feedback only this is written, one JSON object a line: when it arrived, the service, the card's id, the
outcome, how many suggestions were taken (and their ids), the code of the reason if it is one that cards offer,
and when the user acted. Comments are free text and could name a patient: they are checked for their type and
thrown away.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from threading import Lock
from uuid import UUID

import msgspec
from msgspec import Struct

from . import clock, override_reasons
from .faults import decoded, wrong

AT_ONCE = 1000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)")
_writing = Lock()


class _Coding(Struct):
    code: str
    system: str = ""
    display: str | None = None


class _Override(Struct):
    reason: _Coding | None = None
    userComment: str | None = None  # noqa: N815


class _Accepted(Struct):
    id: str


class _Feedback(Struct):
    card: str
    outcome: str
    outcomeTimestamp: str  # noqa: N815
    acceptedSuggestions: list[_Accepted] = []  # noqa: N815
    overrideReason: _Override | None = None  # noqa: N815


class _Body(Struct):
    feedback: list[_Feedback]


_decode = msgspec.json.Decoder(_Body).decode


class Kept(Struct, omit_defaults=True):
    """One line of the file."""

    received: str
    service: str
    card: str
    outcome: str
    acted: str
    suggestions: tuple[str, ...] = ()
    reason: str = ""


def parsed(body: bytes, service: str) -> list[Kept]:
    """The lines that a body asks to be kept. Raises `Refused` (400) with a JSON path."""
    sent = decoded(_decode, body).feedback
    if not sent:
        raise wrong("$.feedback", "is an array of at least one feedback")
    if len(sent) > AT_ONCE:
        raise wrong("$.feedback", f"holds more than {AT_ONCE} feedbacks")
    received = clock.stamp()
    return [_kept(each, f"$.feedback[{number}]", service, received) for number, each in enumerate(sent)]


def _kept(sent: _Feedback, at: str, service: str, received: str) -> Kept:
    card = _uuid(sent.card, f"{at}.card")
    if sent.outcome not in ("accepted", "overridden"):
        raise wrong(f"{at}.outcome", "is accepted or overridden")
    if not _is_time(sent.outcomeTimestamp):
        raise wrong(f"{at}.outcomeTimestamp", "is a time with its zone, such as 2026-11-23T09:30:00Z")
    if sent.outcome == "accepted" and not sent.acceptedSuggestions:
        raise wrong(f"{at}.acceptedSuggestions", "is required where the outcome is accepted")
    taken = tuple(
        [
            _uuid(each.id, f"{at}.acceptedSuggestions[{number}].id")
            for number, each in enumerate(sent.acceptedSuggestions)
        ]
    )
    reason = sent.overrideReason.reason if sent.overrideReason else None
    code = ""
    if reason is not None:
        code = reason.code if override_reasons.is_known(reason.system, reason.code) else "other"
    return Kept(received, service, card, sent.outcome, sent.outcomeTimestamp, taken, code)


def _is_time(text: str) -> bool:
    """Is it a moment that there is, in the one form of it?"""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _uuid(text: str, at: str) -> str:
    """The id in its one spelling, so that nothing else can stand in the file in its place."""
    try:
        return str(UUID(text))
    except ValueError:
        raise wrong(at, "is the uuid of a card or suggestion of this server") from None


def keep(lines: list[Kept], file: Path | None) -> None:
    """Append the lines, all in one write. Without a file they are dropped. Raises `OSError` if it cannot be written."""
    if file is None:
        return
    data = b"".join(msgspec.json.encode(each) + b"\n" for each in lines)
    with _writing:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)
