"""The page: one self-contained file, for the screen and for paper. No scripts, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined

from posology.check.result import CitedSource, Result, Survey, first_reason

from . import words
from .escape import printable

if TYPE_CHECKING:
    from posology.regimen.planned import Plan


def render(
    result: Result | Survey, planned: Plan | str | None = None, more: Iterable[CitedSource] = ()
) -> str:
    """The answer as an HTML document. Every text is escaped; the title says nothing of the patient.

    `planned` is the plan that the answer allows, or why there is none; `more` are the sources that it cites.
    """
    if isinstance(result, Result):
        return page("result.html", **shown(result, planned, more))
    return page("survey.html", **surveyed(result))


def shown(
    result: Result, planned: Plan | str | None = None, more: Iterable[CitedSource] = ()
) -> dict[str, Any]:
    """What a template needs to show an answer with the parts of this room; arguments as for `render`."""
    return {
        "result": result,
        "plan": None if isinstance(planned, str) else planned,
        "no_plan": planned if isinstance(planned, str) else "",
        "told": _told() if planned is not None else None,
        **_sources([result], more),
    }


def surveyed(survey: Survey) -> dict[str, Any]:
    """What a template needs to show the answer for every use."""
    pointed = [each for each in survey.results if each.use.recorded == "met"]
    return {
        "survey": survey,
        "groups": words.grouped(pointed),
        **_sources(pointed),
        "first_reason": first_reason,
    }


def _told() -> ModuleType:
    """The words of plans; regimens are not loaded where no plan is asked for."""
    from . import plan_words

    return plan_words


def page(template: str, **shown: Any) -> str:
    """A template of this room, filled; ends in a newline."""
    return _own().get_template(template).render(**shown)


@cache
def _own() -> Environment:
    return environment()


def environment(*before: BaseLoader) -> Environment:
    """Where templates are found and how they are filled; those of `before` stand in front of this room's."""
    environment = Environment(
        loader=ChoiceLoader([*before, PackageLoader("posology.show")]),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(words=words, parts=words.Parts.of, web=is_web)
    return environment


def _harmless(value: object) -> object:
    """Plain text before it is escaped; what is markup already stays."""
    return printable(value) if type(value) is str else value


def is_web(url: str) -> bool:
    """Is this an address that a page may link to?"""
    return url.startswith(("https://", "http://"))


def _sources(results: list[Result], more: Iterable[CitedSource] = ()) -> dict[str, Any]:
    cited = [*more]
    for result in results:
        for finding in (*result.findings, *result.reasons, *result.precautions, *result.monitoring):
            cited += finding.sources
        cited += result.use.sources
    return documents(cited)


def documents(sources: Iterable[CitedSource]) -> dict[str, Any]:
    """The documents cited on a page with the places cited in each; for every citation its document's row."""
    cited = {source.citation: source for source in sources}
    found: dict[str, list[CitedSource]] = {}
    for citation in sorted(cited, key=natural):
        found.setdefault(citation.partition("#")[0], []).append(cited[citation])
    rows = {key: number for number, key in enumerate(found, 1)}
    index = {citation: rows[citation.partition("#")[0]] for citation in cited}
    return {"documents": found, "index": index}


def natural(text: str) -> list[tuple[bool, int | str]]:
    """A key that sorts numbers in a text by their value: C9 before C10."""
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in re.split(r"(\d+)", text)]
