"""The terminal's answer: a screenful, the verdict first, then what it rests on, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posology.check.result import Result, Survey

from .layout import Page
from .text_answer import Answer, footer
from .text_survey import table
from .words import grouped

if TYPE_CHECKING:
    from posology.regimen.planned import Plan


def render(result: Result | Survey, color: bool, width: int, planned: Plan | str | None = None) -> str:
    """The answer as text of at most `width` columns; without `color` there is no escape sequence in it.

    `planned` is the plan that the answer allows, or why there is none.
    """
    page = Page(color, width)
    if isinstance(result, Result):
        Answer(page).whole(result)
        if isinstance(planned, str):
            page.heading("No plan")
            page.say(planned, mark="!")
        elif planned is not None:
            from .plan_text import section  # regimens are not loaded where no plan is asked for

            page.heading("Plan")
            section(page, planned)
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
