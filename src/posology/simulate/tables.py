"""The tables of a simulation: columns, types and meaning, and writing them into a folder.

One row a moment of a curve in `curves`, one row a number in `summary`, one row a difference between arms in
`differences`; on request one row a person and number in `people`. All are Parquet, and all but `people` also CSV.
Nothing in them is of a real person: people are drawn at random.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from posology.errors import InputError, UsageError
from posology.simulate.result import Arm, Difference, Individuals, Simulation, Spread, Summary


class Column(NamedTuple):
    """A column: its type, and what it says."""

    name: str
    type: pa.DataType
    says: str


_TEXT, _NUMBER = pa.string(), pa.float64()
_WHAT = (
    Column("output", _TEXT, "What is followed: an analyte, a receptor, or the effect of an opioid."),
    Column("reading", _TEXT, "Of which rival account of the same receptor it is; empty where there is one."),
)
_SLOPE = Column(
    "slope", _NUMBER, "Of an opioid's effect: its slope, of which only a range is known; else null."
)
_VALUES = (
    Column("typical", _NUMBER, "The typical person."),
    Column("median", _NUMBER, "The median of people; null if only the typical person was simulated."),
    Column("p05", _NUMBER, "The 5th percentile of people."),
    Column("p95", _NUMBER, "The 95th percentile of people."),
)
_SUMMARY = (
    Column("kind", _TEXT, "What the number is: `cmax`, `auc`, `hours-above`… (docs/SIMULATE.md)."),
    Column("window", _TEXT, "Over which time, in words."),
    Column("level", _NUMBER, "The level that it counts from, a share from 0 to 1; null for others."),
    Column("unit", _TEXT, "Its unit; `1` for a share or ratio."),
    *_VALUES,
    Column("reached", _NUMBER, "The share of people in whom it occurs at all; null where it always does."),
)
CURVES = (
    Column("arm", _TEXT, "Name of the regimen."),
    *_WHAT,
    _SLOPE,
    Column("unit", _TEXT, "Unit of the values; `1` for a share from 0 to 1."),
    Column("hour", _NUMBER, "Hours since the first moment of the regimen."),
    *_VALUES,
)
SUMMARY = (Column("arm", _TEXT, "Name of the regimen."), *_WHAT, *_SUMMARY)
DIFFERENCES = (
    Column("arm", _TEXT, "Name of the regimen."),
    Column("minus", _TEXT, "Name of the regimen that is subtracted, in the same people."),
    *_WHAT,
    *_SUMMARY,
)
PEOPLE = (
    Column("person", pa.int64(), "Number of the simulated person; the same in each arm, and for a seed."),
    Column("arm", _TEXT, "Name of the regimen."),
    *_WHAT,
    Column("kind", _TEXT, "As in `summary`."),
    Column("window", _TEXT, "As in `summary`."),
    Column("level", _NUMBER, "As in `summary`."),
    Column("unit", _TEXT, "As in `summary`."),
    Column("value", pa.float32(), "The number of this person; null if it does not occur."),
)
TABLES = {"curves": CURVES, "summary": SUMMARY, "differences": DIFFERENCES, "people": PEOPLE}
"""Every table by name."""
FORMAT = 1
"""Version of what is written: raised when a column or key changes its meaning or goes."""


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table, with what its columns say as metadata."""
    return pa.schema(
        [pa.field(each.name, each.type, metadata={"says": each.says}) for each in TABLES[table]],
    )


def curves_table(simulation: Simulation) -> pa.Table:
    """The curves, one row a moment."""
    return pa.concat_tables(
        [_curves_of(arm) for arm in simulation.arms] or [schema("curves").empty_table()]
    ).combine_chunks()


def summary_table(simulation: Simulation) -> pa.Table:
    """The summaries, one row a number."""
    rows = [{"arm": arm.name, **_row(each)} for arm in simulation.arms for each in arm.summaries]
    return pa.Table.from_pylist(rows, schema("summary"))


def differences_table(simulation: Simulation) -> pa.Table:
    """The differences between arms, one row a number."""
    rows = [{"arm": each.arm, "minus": each.minus, **_row(each)} for each in simulation.differences]
    return pa.Table.from_pylist(rows, schema("differences"))


def writable(folder: Path) -> None:
    """Raises `UsageError` if `folder` is there and is not an empty folder, or its parent is not there."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; give a new or an empty folder")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty; give a new or an empty folder, so that nothing is overwritten"
        )
    if not folder.absolute().parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.absolute().parent} to make it in")


def write(simulation: Simulation, folder: Path, people: list[Individuals] | None = None) -> list[Path]:
    """Write all tables and `run.json` into a new or empty folder that only its owner can read.

    The folder appears when everything is written, or not at all. Returns the files.
    Raises `UsageError` for a folder that holds something, `InputError` if it cannot be written.
    """
    writable(folder)
    try:
        with _appearing(folder) as place:
            tables = {
                "curves": curves_table(simulation),
                "summary": summary_table(simulation),
                "differences": differences_table(simulation),
            }
            rows = {name: table.num_rows for name, table in tables.items()}
            for name, table in tables.items():
                pq.write_table(table, place / f"{name}.parquet", compression="zstd")
                pa_csv.write_csv(table, place / f"{name}.csv")
            if people is not None:
                rows["people"] = _write_people(place / "people.parquet", people)
            told = json.dumps(about(simulation, rows), indent=2, ensure_ascii=False)
            (place / "run.json").write_text(told + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None
    return sorted(folder.iterdir())


def about(simulation: Simulation, rows: dict[str, int]) -> dict[str, Any]:
    """What `run.json` says: the question, what it was answered with, and what has to be said, without curves."""
    told = simulation.to_dict()
    for arm in told["arms"]:
        del arm["curves"], arm["summaries"]
    del told["differences"]
    columns = {
        name: [{"name": each.name, "type": str(each.type), "says": each.says} for each in TABLES[name]]
        for name in rows
    }
    return {"format": FORMAT, **told, "rows": rows, "columns": columns}


def _curves_of(arm: Arm) -> pa.Table:
    parts = [schema("curves").empty_table()]
    for curve in arm.curves:
        many = len(curve.hours)
        text = [arm.name, curve.output.id, curve.output.reading]
        columns = [pa.repeat(pa.scalar(each, _TEXT), many) for each in text]
        columns.append(pa.repeat(pa.scalar(curve.output.slope, _NUMBER), many))
        columns.append(pa.repeat(pa.scalar(curve.output.unit, _TEXT), many))
        for values in (curve.hours, curve.typical, curve.median, curve.low, curve.high):
            columns.append(pa.nulls(many, _NUMBER) if values is None else pa.array(values, _NUMBER))
        parts.append(pa.Table.from_arrays(columns, schema=schema("curves")))
    return pa.concat_tables(parts)


def _row(each: Summary | Difference) -> dict[str, Any]:
    return {
        "output": each.output,
        "reading": each.reading,
        "kind": each.kind,
        "window": each.window,
        "level": each.level,
        "unit": each.unit,
        **_spread(each.value),
    }


def _spread(value: Spread) -> dict[str, float | None]:
    told = {
        "typical": value.typical,
        "median": value.median,
        "p05": value.low,
        "p95": value.high,
        "reached": value.reached,
    }
    return {name: None if number is None or np.isnan(number) else number for name, number in told.items()}


def _write_people(path: Path, people: list[Individuals]) -> int:
    rows = 0
    with pq.ParquetWriter(path, schema("people"), compression="zstd") as writer:
        for each in people:
            many = len(each.values)
            text = [each.arm, each.output, each.reading, each.kind, each.window]
            columns = [pa.array(np.arange(many)), *(pa.repeat(pa.scalar(one, _TEXT), many) for one in text)]
            columns.append(pa.repeat(pa.scalar(each.level, _NUMBER), many))
            columns.append(pa.repeat(pa.scalar(each.unit, _TEXT), many))
            columns.append(pa.array(each.values, pa.float32(), from_pandas=True))
            writer.write_table(pa.Table.from_arrays(columns, schema=schema("people")))
            rows += many
    return rows


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A private folder beside `folder` that takes its place at the end, and is gone if anything went wrong."""
    place = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}.partial")
    place.mkdir(mode=0o700)
    try:
        yield place
        if folder.exists():
            folder.rmdir()
        place.rename(folder)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
