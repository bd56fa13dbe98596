"""Event tables as text: comma-separated or in columns of white space."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields

from posology.regimen.measures import number
from posology.regimen.nonmem import COLUMNS, DOSE_ITEMS, REQUIRED, Event, EventTable, EventTableError

_WHOLE = {"ID", "EVID", "CMT", "ADDL", "SS"}
_COMMENT = re.compile(r"[#@]|C(?=[\s,]|$)")
# Plain numbers only: float() would also read `nan`, `1_0` and digits of other scripts.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_LONGEST_CELL = 400


def read_events(source: str | Iterable[str], unit: str = "mg") -> EventTable:
    """A table from its text or lines, separated by commas or by white space.

    The first line that is no comment is the header. Lines that begin with `#`, `@` or `C` and a separator are comments;
    `.` or nothing is a missing value, 0.

    Raises `EventTableError`, which names the line, or the row by its ID and TIME.
    """
    lines = source.splitlines() if isinstance(source, str) else source
    header: tuple[str, ...] = ()
    comma = False
    rows = []
    for place, line in enumerate(lines, 1):
        line = line.strip("\ufeff\r\n \t")
        if not line or _COMMENT.match(line):
            continue
        if not header:
            comma = "," in line
            header = _header(_cells(line, comma=comma), place)
            continue
        cells = _cells(line, comma=comma)
        if len(cells) != len(header):
            raise EventTableError(
                f"line {place} has {len(cells)} values for {len(header)} columns: write one for each"
            )
        values = {name: _value(name, cell, place) for name, cell in zip(header, cells, strict=True)}
        if "EVID" not in values:
            values["EVID"] = int(any(values.get(name.upper()) for name in DOSE_ITEMS))
        rows.append(Event(**{name.lower(): value for name, value in values.items()}))  # type: ignore[arg-type]
    if not header:
        raise EventTableError(f"there is no header: begin with a line such as {','.join(COLUMNS)}")
    return EventTable(tuple(rows), unit)


def write_events(table: EventTable) -> str:
    """The table as comma-separated text with all columns, which reads back the same. Its unit is not in the text."""
    names = [column.name for column in fields(Event)]
    lines = [",".join(COLUMNS)]
    lines += [",".join(number(getattr(row, name)) for name in names) for row in table.rows]
    return "\n".join(lines) + "\n"


def _cells(line: str, *, comma: bool) -> list[str]:
    return [cell.strip() for cell in line.split(",")] if comma else line.split()


def _header(cells: list[str], place: int) -> tuple[str, ...]:
    names = tuple(cell.upper() for cell in cells)
    if names[0].strip(".+-").isdigit():
        raise EventTableError(f"line {place} is no header: begin with a line such as {','.join(COLUMNS)}")
    for name in names:
        if name not in COLUMNS:
            raise EventTableError(
                f"line {place}: column '{name}' is not supported: remove it (known: {', '.join(COLUMNS)})"
            )
        if names.count(name) > 1:
            raise EventTableError(f"line {place}: column {name} is there twice: keep one")
    for name in REQUIRED:
        if name not in names:
            raise EventTableError(
                f"line {place}: column {name} is missing: every table has {', '.join(REQUIRED)}"
            )
    return names


def _value(name: str, cell: str, place: int) -> float | int:
    if cell in {"", "."}:
        if name == "ID":
            raise EventTableError(f"line {place}: ID is missing: give a whole number")
        return 0
    if len(cell) > _LONGEST_CELL or not _NUMBER.fullmatch(cell):
        raise EventTableError(f"line {place}: {name} '{cell[:40]}' is not a number: give one, or '.'")
    value = float(cell)
    if name not in _WHOLE:
        return value
    if not value.is_integer() or abs(value) > 1e9:
        raise EventTableError(f"line {place}: {name} {cell[:40]} is not a whole number: give one")
    return int(value)
