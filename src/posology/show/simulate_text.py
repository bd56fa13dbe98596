"""The terminal's answer of a simulation: numbers of each regimen, both readings, and what has to be said."""

from __future__ import annotations

from posology.simulate.result import Simulation

from . import simulate_words as words
from .layout import Page
from .simulate_table import Table, arm_tables, compared, differences

_CELL = 13
"""Characters that a cell needs at least."""


def render(simulation: Simulation, color: bool, width: int) -> str:
    """The answer as text of at most `width` columns; without `color` there is no escape sequence in it."""
    page = Page(color, width)
    count = len(simulation.arms)
    page.say(
        f"{simulation.drug_name}: {count} regimen{'s' if count > 1 else ''} simulated in {words.people(simulation)}",
        "title",
    )
    page.say(simulation.calibrated, "bold")
    if simulation.covariates:
        page.say(f"Assumed of the person: {words.covariates(simulation)}.")
    if words.people_band(simulation):
        page.say(f"Numbers: the typical person ({words.BAND}).", "dim")
    _readings(page, simulation)
    for table in compared(simulation):
        page.heading(f"Compared: {table.title}")
        _rows(page, table, width)
    for number, arm in enumerate(simulation.arms, 1):
        page.gap()
        # A heading whose doses and units stay as they are written.
        page.say(
            f"REGIMEN {number}: {words.named(arm)}" if count > 1 else f"REGIMEN: {words.named(arm)}", "bold"
        )
        for note in arm.notes:
            page.say(note, "dim")
        for each in arm.conventions:
            page.say(
                f"After the last dose, {each.says} ({words.basis(each.basis)}: {', '.join(each.sources)})."
            )
        for table in arm_tables(simulation, arm, brief=True):
            page.gap()
            page.say(table.title, "bold")
            _rows(page, table, width)
    between = differences(simulation)
    if between is not None:
        page.heading(between.title)
        _rows(page, between, width)
    if simulation.covariate_effects:
        page.heading("What the person’s traits changed")
        for effect in simulation.covariate_effects:
            page.say(
                f"{effect.covariate} {effect.value}: {', '.join(effect.parameters)} {effect.says}"
                f" ({words.status(effect.status)}: {', '.join(effect.sources)})",
                mark="•",
            )
    page.heading("To be said with it")
    for said in simulation.said:
        page.say(said.says, mark="•")
        page.say(f"{words.basis(said.basis)}: {', '.join(said.sources)}", "dim", indent=2)
    for note in words.notes(simulation):
        page.say(note, mark="•")
    page.gap()
    told = "; ".join(f"{count} {how}" for how, count in words.statuses(simulation))
    page.say(f"Parameters: {told}. Each with value, source and spread: --format json, or --out DIR.", "dim")
    return page.text()


def _readings(page: Page, simulation: Simulation) -> None:
    rivals = words.readings(simulation)
    if not rivals:
        return
    page.heading(f"{len(rivals)} readings of the same receptors; which one holds is not known")
    for reading in rivals:
        page.say(f"{reading.title}: {reading.says}", mark="•")


def _rows(page: Page, table: Table, width: int) -> None:
    """Columns where there is room for them; else one line for each cell."""
    others = len(table.heads) - 1
    first = min(34, max(22, width - 26 * others))
    each = (width - first) // others
    if each < _CELL:
        for row in table.rows:
            page.say(row[0], "bold", indent=2)
            for head, cell in zip(table.heads[1:], row[1:], strict=True):
                page.say(f"{head}: {cell}", indent=4)
        return
    widths = [first, *[each] * (others - 1), 0]
    for row in (table.heads, *table.rows):
        page.columns(list(zip(row, widths, strict=True)), "", least=_CELL)
