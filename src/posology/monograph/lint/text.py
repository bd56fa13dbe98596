"""Is anything written twice?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from ..folder import Placed
from .problem import Knowledge, Problem, warning

SHORTEST = 40
"""Sentences shorter than this many letters ("Do not use.") may repeat."""


def text_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Sentences of `says` or `do` that another statement already has, and text still to be written."""
    yield from _unfinished(knowledge)
    first: dict[str, Placed] = {}
    for placed in knowledge.statements():
        for key in ("says", "do"):
            for sentence in sentences(getattr(placed.item, key)):
                before = first.setdefault(sentence.casefold(), placed)
                if before is not placed:
                    folder, name = before.file.path.parts[-2:]
                    place = f"{folder}/{name}:{before.file.line(before.trail)}"
                    yield warning(
                        placed,
                        key,
                        message=f"'{sentence}' is already said by '{before.item.id}' ({place}); say it once",
                    )


def _unfinished(knowledge: Knowledge) -> Iterator[Problem]:
    for placed in [*knowledge.shared, *(one for drug in knowledge.drugs for one in drug.placed)]:
        for trail, text in _texts(placed.item, ()):
            if text.startswith("TODO"):
                yield warning(
                    placed, *trail, message=f"to be written: {text.removeprefix('TODO').lstrip(': ')}"
                )


def _texts(item: Any, trail: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in an item, with its trail."""
    if isinstance(item, str):
        yield trail, item
    elif isinstance(item, tuple):
        for index, part in enumerate(item):
            yield from _texts(part, (*trail, index))
    elif is_dataclass(item):
        for one in fields(item):
            yield from _texts(getattr(item, one.name), (*trail, one.name))


def sentences(text: str) -> list[str]:
    """The longer sentences of a text."""
    parts = re.split(r"(?<=[.!?;])\s+", " ".join(text.split()))
    return [part for part in parts if len(part) >= SHORTEST]
