"""The terminal's answer: a screenful, the verdict first, then what it rests on, then what to do."""

from __future__ import annotations

from posology.check.result import Result, Survey

from .layout import Page
from .text_answer import Answer, footer
from .text_survey import table
from .words import grouped


def render(result: Result | Survey, color: bool, width: int) -> str:
    """The answer as text of at most `width` columns; without `color` there is no escape sequence in it."""
    page = Page(color, width)
    if isinstance(result, Result):
        Answer(page).whole(result)
        footer(page, [result])
        return page.text()
    table(page, result)
    if not result.results:
        return page.text()
    answer = Answer(page)
    pointed = [each for each in result.results if each.use.recorded == "met"]
    for group in grouped(pointed):
        page.gap()
        answer.whole(group[0], also=tuple(group[1:]))
    footer(page, pointed or list(result.results))
    return page.text()
