"""Read one YAML file into plain data, and remember the line of everything in it.

YAML 1.2 core rules: only ``true`` and ``false`` are booleans, and dates stay text. Hyphens in keys
become underscores. What is not plain data (tags, anchors, duplicate keys, several documents) is an
error, so that a file means to a program exactly what it says to a person.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..errors import KnowledgeError

Trail = tuple[str | int, ...]
"""Where something is inside a file: keys and list positions, outermost first."""

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DEEPEST = 40
"""Levels of nesting that a file may have; real ones have fewer than ten."""
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_FIXES = (
    ("mapping values are not allowed", "quote text that contains ': '"),
    ("could not find expected ':'", "write 'key: value', and quote or indent long text"),
    ("while scanning a simple key", "write 'key: value', and quote or indent long text"),
    ("cannot start any token", "indent with spaces, not tabs, and quote text that begins with @, ` or %"),
    ("expected '-' indicator", "give every item of a list the same indentation"),
    ("expected <block end>", "give the keys of one mapping the same indentation"),
    ("did not find expected key", "give the keys of one mapping the same indentation"),
    ("expected ',' or", "close the bracket or quote the text inside it"),
    ("unexpected end of stream", "close the quote or bracket"),
)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The plain data of a file, and the line (from 1) of each trail in it."""

    path: Path
    data: Any
    lines: dict[Trail, int]

    def line(self, trail: Trail = ()) -> int:
        """The line of this trail, or of the nearest thing around it."""
        trail = tuple(part.rstrip("_") if isinstance(part, str) else part for part in trail)
        while trail and trail not in self.lines:
            trail = trail[:-1]
        return self.lines.get(trail, 1)

    def at(self, trail: Trail = ()) -> str:
        """``path/file.yaml:LINE`` of this trail."""
        return f"{shown(self.path)}:{self.line(trail)}"


def shown(path: Path) -> str:
    """A path as messages show it: relative to the working directory if it lies within."""
    text = os.path.abspath(path)
    here = os.getcwd() + os.sep
    return text.removeprefix(here)


def read_yaml(path: Path, content: bytes | None = None) -> YamlFile:
    """Read a YAML file (or `content` as if it stood there).

    Raises `KnowledgeError` naming file, line, what is wrong and what would be right.
    """
    if content is None:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise KnowledgeError(
                f"{shown(path)}:1: cannot be read ({error.strerror}); check the path"
            ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise KnowledgeError(f"{shown(path)}:{line}: not UTF-8 text; save the file as UTF-8") from None
    reader = _Reader(path, yaml.parse(text, Loader=_LOADER))
    try:
        data = reader.document()
    except yaml.YAMLError as error:
        raise KnowledgeError(_syntax_message(path, text, error)) from None
    return YamlFile(path, data, reader.lines)


def _syntax_message(path: Path, text: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
    words = [
        getattr(error, "context", None),
        getattr(error, "problem", None) or getattr(error, "reason", None),
    ]
    what = ", ".join(word for word in words if word) or "not YAML"
    fix = next((fix for sign, fix in _FIXES if sign in what), "check indentation, quotes and brackets here")
    return f"{shown(path)}:{line}: not valid YAML ({what}); {fix}"


class _Reader:
    """Builds plain data from parser events, noting lines on the way.

    From events and not from composed nodes, because PyYAML composes by recursion in C, which a file
    of a hundred thousand brackets turns into a crash of the process.
    """

    def __init__(self, path: Path, events: Iterator[yaml.Event]) -> None:
        self.path = path
        self.events = events
        self.lines: dict[Trail, int] = {}

    def wrong(self, event: yaml.Event, what: str) -> KnowledgeError:
        return KnowledgeError(f"{shown(self.path)}:{_line(event)}: {what}")

    def document(self) -> Any:
        """The data of the one document; None if there is nothing in it."""
        documents = 0
        data = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.wrong(event, "a second document begins; keep one in a file and remove '---'")
                data = self.value(next(self.events), ())
        return data

    # Any, because the stubs give Event none of the attributes that its kinds have.
    def value(self, event: Any, trail: Trail) -> Any:
        if len(trail) > DEEPEST:
            raise self.wrong(event, f"nested deeper than {DEEPEST} levels; write it flatter")
        # Aliases are how a small file becomes a huge one.
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self.wrong(
                event, "anchors (&) and aliases (*) are not read; write the value out or quote it"
            )
        if event.tag not in (None, "!"):
            raise self.wrong(event, f"the tag '{event.tag}' is not read; remove it")
        self.lines.setdefault(trail, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(trail)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(trail)
        # A style means that it was quoted or written as a block, hence text.
        return event.value if event.style else plain(event.value)

    def sequence(self, trail: Trail) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.value(event, (*trail, len(found))))
        return found

    def mapping(self, trail: Trail) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.wrong(event, "a key must be a word; quote text that begins with {, [ or *")
            key = event.value.replace("-", "_")
            here = (*trail, key)
            if key in found:
                first = self.lines[here]
                raise self.wrong(
                    event, f"'{event.value}' is given twice (first in line {first}); keep one of them"
                )
            self.lines[here] = _line(event)
            found[key] = self.value(next(self.events), here)
        return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def plain(text: str) -> Any:
    """What an unquoted word means by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
