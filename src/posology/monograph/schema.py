"""Check plain data against the dataclasses of `model`, and turn it into them.

Only this module knows pydantic, and only reading YAML imports this module: a run that finds a
snapshot never pays for it. Every error of a file is found in one go and reads
``path/file.yaml:LINE: what is wrong; what would be right``.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ..errors import KnowledgeError
from .criterion import amount, parse
from .model import Citation, Concept, Statement, Until, Use
from .yaml_file import Trail, YamlFile

T = TypeVar("T")
_UNTIL = re.compile(r"(\d+) days? after the (last dose|result|onset|procedure)")
_PYTHON_WORDS = {word: word + "_" for word in ("as", "for", "from", "is", "with")}
"""Keys that YAML writes plainly and a dataclass cannot."""
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


def until(text: Any) -> Until:
    """Read ``10 days after the last dose``; raises ValueError if it is not of that form."""
    match = _UNTIL.fullmatch(str(text).strip())
    if not match:
        raise ValueError(
            f"'{text}' is not an end of waiting; write for example '10 days after the last dose'"
            " (or the result, the onset, the procedure)"
        )
    return Until(days=int(match[1]), after=match[2])  # type: ignore[arg-type]


_FROM_TEXT: dict[type, dict[str, Callable[[Any], Any]]] = {
    Statement: {"when": parse, "until": until},
    Use: {"when": parse},
    Concept: {"uln": amount},
}


def validate(file: YamlFile, shape: Any) -> Any:
    """The file's data as `shape` (a dataclass of `model`, or ``tuple[dataclass, ...]``).

    Raises `KnowledgeError` whose text has one line for each thing that is wrong.
    """
    problems: list[tuple[Trail, str]] = []
    data = file.data
    if data is None and get_origin(shape) is tuple:
        data = []
    if get_origin(shape) is tuple and isinstance(data, list):
        item_class = get_args(shape)[0]
        data = [_from_text(item, item_class, (index,), problems) for index, item in enumerate(data)]
    data = _renamed(data)
    problems.extend(_misread(file.data, (), _boolean_keys(shape)))
    value: Any = None
    try:
        value = _adapter(shape).validate_python(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            problems.append((_trail(detail), _sentence(detail, shape)))
    if problems:
        # A key that could not be read was dropped; what pydantic says of its absence is an echo.
        unread = {trail for trail, _ in problems}
        lines = {
            (file.line(t), f"{file.at(t)}: {text}") for t, text in problems if not _echo(t, text, unread)
        }
        raise KnowledgeError("\n".join(text for _, text in sorted(lines)))
    return value


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    for part in _dataclasses(shape, set()):
        part.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]
    return TypeAdapter(shape)


def _dataclasses(shape: Any, seen: set[type]) -> Iterator[type]:
    if dataclasses.is_dataclass(shape) and isinstance(shape, type) and shape not in seen:
        seen.add(shape)
        yield shape
        for hint in get_type_hints(shape).values():
            yield from _dataclasses(hint, seen)
    for argument in get_args(shape):
        yield from _dataclasses(argument, seen)


def _renamed(data: Any) -> Any:
    # After criteria were parsed: these words mean something else inside them.
    if isinstance(data, dict):
        return {_PYTHON_WORDS.get(key, key): _renamed(value) for key, value in data.items()}
    return [_renamed(item) for item in data] if isinstance(data, list) else data


@cache
def _boolean_keys(shape: Any) -> frozenset[str]:
    hints = (get_type_hints(part).items() for part in _dataclasses(shape, set()))
    return frozenset(name for pairs in hints for name, hint in pairs if hint is bool)


def _misread(data: Any, trail: Trail, booleans: frozenset[str]) -> Iterator[tuple[Trail, str]]:
    """What pydantic would let pass: 'yes' and 'off' as booleans, and sources that are no citations."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        here = (*trail, key)
        if key in booleans and isinstance(value, (str, int)) and not isinstance(value, bool):
            yield here, f"{_written(key)}: takes true or false, found {_found(value)}"
        if trail and trail[-1] == "sources" and isinstance(value, str):
            try:
                Citation.parse(value)
            except ValueError as error:
                yield here, f"sources: {error}"
        yield from _misread(value, here, booleans)


def _from_text(item: Any, item_class: type, trail: Trail, problems: list[tuple[Trail, str]]) -> Any:
    readers = _FROM_TEXT.get(item_class)
    if not readers or not isinstance(item, dict):
        return item
    read = dict(item)
    for key, reader in readers.items():
        if key not in read:
            continue
        given = read.pop(key)
        try:
            read[key] = reader(given)
        except ValueError as error:
            here = (*trail, key)
            problems.append((_deepest(given, here) if reader is parse else here, f"{key}: {error}"))
    return read


def _deepest(node: Any, trail: Trail) -> Trail:
    """The trail of the innermost criterion that cannot be read: its line is the one to show."""
    for below, part in _parts(node, trail):
        try:
            parse(part)
        except ValueError:
            return _deepest(part, below)
    return trail


def _parts(node: Any, trail: Trail) -> Iterator[tuple[Trail, Any]]:
    for key, value in node.items() if isinstance(node, dict) else ():
        here = (*trail, key)
        if key == "not":
            yield here, value
        if key == "at_least" and isinstance(value, dict):
            here, value = (*here, "of"), value.get("of")
        if key in ("all", "any", "at_least") and isinstance(value, list):
            yield from (((*here, index), part) for index, part in enumerate(value))


def _echo(trail: Trail, text: str, unread: set[Trail]) -> bool:
    return text.startswith("needs '") and any(
        other[: len(trail)] == trail and other != trail for other in unread
    )


def _trail(detail: ErrorDetails) -> Trail:
    return tuple(detail["loc"])


def _sentence(detail: ErrorDetails, shape: Any) -> str:
    """What pydantic found, in the words of this project."""
    trail, kind, given = _trail(detail), detail["type"], detail.get("input")
    key = _written(trail[-1]) if trail else "file"
    owner = f"{key}: " if isinstance(trail[-1] if trail else 0, str) else ""
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"unknown key '{key}'{_nearest(key, _keys(shape, trail[:-1]))}"
    if kind in ("missing", "missing_argument"):
        return f"needs '{key}'; add {key}: ..."
    if kind == "literal_error":
        allowed = _allowed(str(detail["ctx"]["expected"]))
        return f"{owner}'{given}' is not known{_nearest(str(given), allowed)}"
    if kind == "string_type":
        return f"{owner}takes text, found {_found(given)}{_quote(given)}"
    if kind in ("tuple_type", "list_type"):
        return f"{owner}takes a list, found {_found(given)}; write [{'...' if given is None else given}]"
    if kind in ("too_short", "string_too_short"):
        least = detail["ctx"].get("min_length", 1)
        return f"{owner}is too short; give at least {least}"
    if kind == "dataclass_type":
        return f"{owner}takes keys and values, found {_found(given)}; write key: value"
    if kind.startswith(("float", "int", "finite")):
        return f"{owner}takes a number, found {_found(given)}"
    if kind.startswith("bool"):
        return f"{owner}takes true or false, found {_found(given)}"
    return f"{owner}{detail['msg']}"


def _written(part: str | int) -> str:
    return str(part).strip("_").replace("_", "-")


def _found(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "keys and values"
    if isinstance(given, list):
        return "a list"
    return f"'{given}'" if isinstance(given, str) else f"{str(given).lower()}"


def _quote(given: Any) -> str:
    if isinstance(given, (int, float)):
        return f"; quote it: '{str(given).lower() if isinstance(given, bool) else given}'"
    return "" if given is None else "; write one text, quoted if it holds ': '"


def _allowed(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(known)}"


def _keys(shape: Any, trail: Trail) -> list[str]:
    """The keys that may stand in the mapping at `trail`."""
    for part in trail:
        if isinstance(part, int):
            continue
        owner = next(_dataclasses(shape, set()), None)
        shape = get_type_hints(owner).get(part) if owner else None
    owner = next(_dataclasses(shape, set()), None)
    return [_written(field.name) for field in dataclasses.fields(owner)] if owner else []
