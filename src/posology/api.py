"""The public Python API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, overload

from posology.check.engine import Engine
from posology.check.question import day, region_named
from posology.check.result import Result, Survey
from posology.monograph.load import Library, load_library
from posology.record.fhir import read

_engines: dict[Path | None, Engine] = {}


def engine(monographs: Path | Library | None = None) -> Engine:
    """The engine of the packaged knowledge, with that of an outside folder if one is given; kept for reuse."""
    if isinstance(monographs, Library):
        return Engine(monographs)
    key = Path(monographs).resolve() if monographs is not None else None
    if key not in _engines:
        _engines[key] = Engine(load_library(monographs))
    return _engines[key]


@overload
def check(
    record: bytes | str | Path | dict[str, Any],
    *,
    drug: str,
    use: str,
    on: date | str | None = None,
    region: str = "US",
    product: str | None = None,
    monographs: Path | Engine | None = None,
) -> Result: ...
@overload
def check(
    record: bytes | str | Path | dict[str, Any],
    *,
    drug: str,
    use: None = None,
    on: date | str | None = None,
    region: str = "US",
    product: str | None = None,
    monographs: Path | Engine | None = None,
) -> Survey: ...


def check(
    record: bytes | str | Path | dict[str, Any],
    *,
    drug: str,
    use: str | None = None,
    on: date | str | None = None,
    region: str = "US",
    product: str | None = None,
    monographs: Path | Engine | None = None,
) -> Result | Survey:
    """Can this patient use this drug for this purpose on this day?

    `record` is a FHIR R4 Bundle, resource or NDJSON: bytes (plain or gzip), a path, ``-`` for standard
    input, or parsed JSON. `use` is a use of the monograph or an alias; without it the answer is a `Survey`
    of all uses. `on` is the day asked about (default: today), `region` US or EU, `product` one of the
    monograph's products (default: the usual one for the use), `monographs` an outside knowledge folder
    or an engine that is kept.

    Raises `UsageError` for an unknown drug, use, region, product or date, `InputError` for bytes that
    are not JSON, `RecordError` for JSON that is not one person's FHIR R4 record.
    """
    asked = monographs if isinstance(monographs, Engine) else engine(monographs)
    planner = asked.planner(drug)
    when, where = day(on) if on is not None else date.today(), region_named(region)
    wanted = [planner.uses.named(use)] if use is not None else list(planner.monograph.uses)
    products = [planner.uses.product(each, product) for each in wanted]
    known = read(record, when.toordinal(), asked.index)
    results = [
        asked.answer(known, drug, each, when, where, made)
        for each, made in zip(wanted, products, strict=True)
    ]
    return results[0] if use is not None else Survey(drug, tuple(results))


def checker(library: Library) -> Callable[..., Any]:
    """`check` with an engine of this library, made once: for lint and for a monograph's cases."""
    return partial(check, monographs=engine(library))
