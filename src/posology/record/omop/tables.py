"""The tables that are read: their columns, in the order in which rows bring them, and what a row becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from . import conditions, drugs, measurements, observations, person, procedures
from .cells import BadRow, Row, words
from .terms import Terms


class Table(NamedTuple):
    """One table of the CDM."""

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    """Columns without which it cannot be read."""
    concepts: tuple[int, ...]
    """Places of the columns that hold ids of concepts."""
    person: int
    """Place of `person_id`."""
    resources: Callable[[Row, Terms, str], Sequence[dict[str, Any]]]
    """What a row becomes: one resource, or several about different times."""
    source: tuple[str, str] = ("", "")
    """Columns of the source value and of its concept."""


def _clinical(name: str, module: Any, stem: str) -> Table:
    needed = ("person_id", f"{stem}_concept_id")
    source = (f"{stem}_source_value", f"{stem}_source_concept_id")
    resources = getattr(module, "resources", None) or _alone(module.resource)
    return Table(name, module.COLUMNS, needed, module.CONCEPTS, 1, resources, source)


def _alone(
    resource: Callable[[Row, Terms, str], dict[str, Any]],
) -> Callable[[Row, Terms, str], Sequence[dict[str, Any]]]:
    return lambda row, terms, codes: (resource(row, terms, codes),)


PERSON = Table("person", person.COLUMNS, ("person_id",), (), 0, _alone(person.resource))
CLINICAL = (
    _clinical("condition_occurrence", conditions, "condition"),
    _clinical("drug_exposure", drugs, "drug"),
    _clinical("measurement", measurements, "measurement"),
    _clinical("observation", observations, "observation"),
    _clinical("procedure_occurrence", procedures, "procedure"),
)
TABLES = {table.name: table for table in (PERSON, *CLINICAL)}


class Line(NamedTuple):
    """One resource of a row: whose it is, where the row stands, the resource as JSON or why there is none."""

    patient: str
    place: str
    json: bytes | None
    problem: str


_encode = msgspec.json.Encoder().encode


def lines(table: Table, row: Row, terms: Terms, codes: str = "") -> list[Line]:
    """What one row becomes: one line, or several. A row that cannot be read keeps its place and gives a reason."""
    key, patient = row[0], words(row[table.person])
    place = f"{table.name}:{table.columns[0]}={key}" if key else f"{table.name}:a row without an id"
    if not patient:
        return [Line("", place, None, "person_id is empty, so nobody can say whose it is")]
    try:
        made = table.resources(row, terms, codes)
    except BadRow as why:
        return [Line(patient, place, None, str(why))]
    for each in made:
        if each["id"] is None:
            del each["id"]
    return [Line(patient, place, _encode(each), "") for each in made]


def line(table: Table, row: Row, terms: Terms, codes: str = "") -> Line:
    """The first, and mostly only, line of a row."""
    return lines(table, row, terms, codes)[0]
