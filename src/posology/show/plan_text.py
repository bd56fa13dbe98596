"""A plan on the terminal: when, how much, what else happens, what has to be waited for, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from posology.monograph.plan_prose import ANSWERS
from posology.regimen.planned import MissedAnswer, Plan, Said

from . import plan_words as told
from . import words
from .escape import plain
from .layout import Page

DAY = 16
"""Columns of a day."""
VERSION_LETTERS = 12
FULL = ("decide", "restart")
"""Appointments that are told in full."""
NEXT = 7
"""Doses that are named after a gap."""


def render(plan: Plan, color: bool, width: int) -> str:
    """The plan as text of at most `width` columns; without `color` there is no escape sequence in it."""
    page = Page(color, width)
    section(page, plan)
    page.gap()
    page.say(words.DISCLAIMER.format(drug=plan.drug), "dim")
    return page.text()


def section(page: Page, plan: Plan) -> None:
    """The plan on a page that may hold more, such as the answer that allowed it."""
    page.say(told.headline(plan), "title")
    page.say(told.context(plan))
    page.say(plan.rx, mark="rx:")
    page.say(told.span(plan), "bold")
    _waits(page, plan)
    _statements(page, "Limits that this regimen goes beyond", plan.warnings, "!")
    _steps(page, plan)
    _pauses(page, plan)
    _appointments(page, plan)
    _statements(page, "About this regimen", [each for each in plan.said if each not in plan.warnings], "-")
    if plan.notes:
        page.heading("To know about this plan")
        for note in plan.notes:
            page.say(note, mark="-")
    known = ", ".join(
        f"{name} {version[:VERSION_LETTERS]}" for name, version in sorted(plan.versions.items())
    )
    page.gap()
    page.say(f"Versions: {plain(known)}.", "dim")


def _waits(page: Page, plan: Plan) -> None:
    if not plan.waits:
        return
    page.heading("What has to be waited for")
    for wait in plan.waits:
        until = f"first dose not before {told.day(wait.until)}" if wait.until else "no date can be given"
        page.say(f"{wait.medicine}, last on {told.day(wait.last)}: {until}", "bold", mark="!")
        _said(page, wait.said)


def _steps(page: Page, plan: Plan) -> None:
    page.heading("Doses")
    page.columns([("from", DAY), ("to", DAY), ("dose", 0)], "")
    for number, step in enumerate(plan.steps):
        taken = f" ({plain(step.taken_as)})" if step.taken_as else ""
        last = told.day(step.last) if step.last else "goes on"
        page.columns([(told.day(step.first), DAY), (last, DAY), (f"{plain(step.says)}{taken}", 0)], "bold")
        for line in told.rhythms_of(plan, number):
            page.say(line, "dim", 2)
    if plan.week:
        page.say(told.week(plan), mark="In a week:")
    if needs := told.to_make(plan):
        page.heading("What the pharmacy has to make")
        for need in needs:
            page.say(need, mark="-")


def _pauses(page: Page, plan: Plan) -> None:
    if not plan.pauses:
        return
    page.heading("Pauses")
    for pause in plan.pauses:
        page.say(
            f"Operation {told.day(pause.operation)}: last dose {told.day(pause.last_dose)}, first again "
            f"{told.day(pause.restart)}",
            "bold",
            mark="-",
        )
        _said(page, pause.said)


def _appointments(page: Page, plan: Plan) -> None:
    if not plan.appointments:
        return
    page.heading("Dates")
    for day, titles in told.by_day(plan):
        page.columns([(told.day(day), DAY), ("; ".join(titles), 0)], "bold")
    page.gap()
    shown = {(each.title, each.statement): each for each in plan.appointments if each.sources}
    for each in shown.values():
        # What is decided, and what a pause depends on, is told in full; of the rest, who says so.
        if each.kind in FULL:
            page.say(f"{each.title}: {each.says} {told.basis(each)}", "dim", mark="-")
        else:
            page.say(f"{each.title} [{each.basis}: {', '.join(each.sources)}]", "dim", mark="-")


def _statements(page: Page, heading: str, statements: Sequence[Said], mark: str) -> None:
    if not statements:
        return
    page.heading(heading)
    for said in statements:
        page.say(said.title or said.statement.replace("-", " "), "bold", mark=mark)
        _said(page, said)


def _said(page: Page, said: Said) -> None:
    page.say(said.says, indent=2)
    if said.do:
        page.say(said.do, indent=2, mark="Do:")
    page.say(told.basis(said), "dim", 2)


def render_missed(answer: MissedAnswer, color: bool, width: int) -> str:
    """What to do after a gap, as text."""
    page = Page(color, width)
    gap = told.counted(answer.gap_days, "day")
    page.say(f"{answer.drug}: {told.counted(answer.missed, 'dose')} missed", "title")
    page.say(answer.rx, mark="rx:")
    at = f" at {answer.last_taken:%H:%M}" if answer.last_taken.time() != time() else ""
    page.say(
        f"Last taken {told.day(answer.last_taken.date())}{at}; asked on "
        f"{told.day(answer.asked)}: {gap} since the first dose that was due and not taken."
    )
    if answer.advice:
        page.heading("What to do")
    checked = "recheck" in answer.answers
    for said, do in zip(answer.advice, answer.answers, strict=True):
        after = "only after these checks, " if checked and do != "recheck" else ""
        page.say(f"{said.title or said.statement}: {after}{ANSWERS.get(do, do)}", "bold", mark="-")
        _said(page, said)
    if answer.next:
        page.heading("Next doses, if that is followed")
        for dose in answer.next[:NEXT]:
            taken = f" ({plain(dose.taken_as)})" if dose.taken_as else ""
            page.say(f"{told.day(dose.when.date())} at {dose.when:%H:%M}: {dose.text}{taken}", mark="-")
        page.more(len(answer.next) - NEXT, 2)
    for note in answer.notes:
        page.say(note, mark="!")
    page.gap()
    page.say(words.DISCLAIMER.format(drug=answer.drug), "dim")
    return page.text()
