"""The JSON form: stable, indented, the same bytes for the same answer (docs/result.schema.json)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from posology.check.result import Result, Survey

from .escape import quoted

if TYPE_CHECKING:
    from posology.regimen.planned import MissedAnswer, Plan

_NUMBER = r"(?:-?\d[\d.eE+-]*|null)"
_NUMBERS = re.compile(rf"\[\n +{_NUMBER}(?:,\n +{_NUMBER})*\n *\]")
_SPACE = re.compile(r"\n *")


def render(result: Result | Survey, planned: Plan | str | None = None) -> str:
    """The answer as JSON, ending in a newline. Text of the record is kept, escaped where it could act.

    `planned` is the plan that the answer allows, or why there is none.
    """
    return dumped(answer_document(result, planned))


def answer_document(result: Result | Survey, planned: Plan | str | None = None) -> dict[str, Any]:
    """The answer as plain data, with the plan that it allows or why there is none."""
    told = document(result)
    if isinstance(planned, str):
        told["no_plan"] = planned
    elif planned is not None:
        told["plan"] = plan_document(planned)
    return told


def render_plan(plan: Plan | MissedAnswer) -> str:
    """A plan, or the answer to a missed dose, as JSON, ending in a newline."""
    return dumped(plan_document(plan))


def plan_document(plan: Plan | MissedAnswer) -> dict[str, Any]:
    """Plain data, the versions sorted."""
    told = plan.to_dict()
    if "versions" in told:
        told["versions"] = dict(sorted(told["versions"].items()))
    return told


def dumped(data: Any) -> str:
    """Plain data as indented JSON in which no character acts on a terminal or a page."""
    return quoted(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"


def compact(data: Any) -> bytes:
    """The same JSON for programs: on one line, in UTF-8, and many times faster than with indents."""
    try:
        text = msgspec.json.encode(data).decode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, as JSON may hold it
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return quoted(text).encode("utf-8")


def dumped_curves(data: Any) -> str:
    """The same for data with long rows of numbers: each row stands on one line."""
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    return quoted(_NUMBERS.sub(lambda found: _SPACE.sub(" ", found[0]), text)) + "\n"


def document(result: Result | Survey) -> dict[str, Any]:
    """Plain data, sorted where order has no meaning: entries put aside, counts and versions."""
    plain = result.to_dict()
    if isinstance(result, Survey):
        plain["results"] = [_sorted(each) for each in plain["results"]]
        return plain
    return _sorted(plain)


def _sorted(plain: dict[str, Any]) -> dict[str, Any]:
    for key in ("set_aside", "unreadable"):
        plain[key] = sorted(plain[key], key=lambda aside: sorted(aside.items()))
    for key in ("counts", "versions"):
        plain[key] = dict(sorted(plain[key].items()))
    return plain
