"""Every use of a drug in one table."""

from __future__ import annotations

from posology.check.result import Survey, first_reason

from . import words
from .escape import plain
from .layout import Page

VERDICT = max(map(len, words.MEANING)) + 2


def table(page: Page, survey: Survey) -> None:
    """A row for each use: its verdict and the first reason; a star where the record gives a reason for it."""
    if not survey.results:
        page.say(f"{survey.drug} has no uses to ask about.")
        return
    question = survey.results[0].question
    on = question.on.isoformat()
    page.say(f"{survey.drug}: {len(survey.results)} uses, {question.region}, as of {on}", "bold")
    page.gap()
    name_width = min(max(len(plain(each.use.name)) for each in survey.results), 30) + 4
    for each in survey.results:
        starred = "* " if each.use.recorded == "met" else "- "
        mark = words.MARKS[words.rank(each.verdict)]
        page.columns(
            ((starred + plain(each.use.name), name_width),
             (f"{mark} {words.spoken(each.verdict)}", VERDICT + 2),
             (plain(first_reason(each)), 0)),
            f"rank{words.rank(each.verdict)}",
        )  # fmt: skip
    page.gap()
    if any(each.use.recorded == "met" for each in survey.results):
        page.say("* the record gives a reason for this use; details of these follow.", "dim")
    else:
        page.say("The record gives a reason for none of these; name a use with --for to see details.", "dim")
