"""The public Python API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import posology.screen  # before that name becomes the function below
import posology.simulate  # noqa: F401  likewise
from posology.check.engine import Engine
from posology.check.question import day, region_named
from posology.check.result import Result, Survey
from posology.errors import UsageError
from posology.monograph.load import Library, load_library
from posology.record.fhir import read

if TYPE_CHECKING:
    from posology.monograph.model import Statement
    from posology.regimen.dose import Dose
    from posology.regimen.planned import MissedAnswer, Plan
    from posology.simulate.receptor import Pulse
    from posology.simulate.result import Simulation

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


def screen(
    source: str | Path,
    *,
    drug: str,
    use: str,
    out: str | Path,
    on: date | str | None = None,
    region: str = "US",
    product: str | None = None,
    monographs: Path | None = None,
    workers: int | None = None,
    memory: int | None = None,
    resume: bool = False,
    spark: str | bool = False,
    progress: Callable[[str, int, int, int], None] | None = None,
) -> dict[str, Any]:
    """The same question for everyone in `source`; writes tables into the folder `out` (docs/SCREEN.md).

    `source` is a FHIR bulk export (a folder of NDJSON files, plain or gzip), a folder of Bundles, one file of
    either, or an OMOP CDM: ``duckdb:///FILE``, ``postgresql://…`` or a folder of Parquet tables. `workers` are
    processes (default: one a core), `memory` bytes for each. `resume` goes on with an unfinished run. `spark`
    is True, or the address of a master, to run on Spark. `progress` is called with step, pieces done, pieces
    in all and patients answered. Returns what ``run.json`` says.

    Raises `UsageError` for a question or folder that cannot be, `InputError` for an input that cannot be read
    or a disk that is full.
    """
    for name in ("pyarrow", "duckdb"):
        if find_spec(name) is None:
            raise UsageError(f"screening a population needs {name}: pip install 'posology[screen]'")
    from posology.screen import inputs, run
    from posology.screen.process import Job
    from posology.screen.results import knowledge_of
    from posology.screen.units import cores

    asked = engine(monographs)
    planner = asked.planner(drug)
    wanted = planner.uses.named(use)
    when, where = day(on) if on is not None else date.today(), region_named(region)
    made = planner.uses.product(wanted, product)
    location = inputs.located(source)
    opened = inputs.open_source(location, asked.index)
    job = Job(
        drug,
        wanted.id,
        when,
        where,
        made,
        str(Path(monographs).resolve()) if monographs is not None else None,
        location,
        opened.kind,
    )
    start: Callable[..., dict[str, Any]] = run.run
    if spark:
        from posology.screen.spark import run as on_spark

        start = partial(on_spark, master=spark if isinstance(spark, str) else None)
    with closing(opened):
        return start(
            job,
            opened,
            Path(out),
            workers=workers or cores(),
            memory=memory or run.MEMORY,
            resume=resume,
            knowledge=knowledge_of(asked.library, drug),
            progress=progress,
        )


def explain(results: str | Path, patient: str, *, monographs: Path | None = None) -> Result:
    """The answer for one patient of a finished run, as `check` gives it for that patient's record."""
    if find_spec("pyarrow") is None:
        raise UsageError("the results of a screen are read with pyarrow: pip install 'posology[screen]'")
    from posology.screen.explain import explain as told

    return told(Path(results), patient, engine(monographs))


def plan(
    drug: str,
    *,
    regimen: str | None = None,
    rx: str | None = None,
    start: date | str | None = None,
    use: str | None = None,
    product: str | None = None,
    region: str = "US",
    last_opioid: Sequence[str | tuple[str, date | str]] = (),
    surgery: Sequence[date | str] = (),
    until: date | str | None = None,
    on: date | str | None = None,
    monographs: Path | Engine | None = None,
) -> Plan:
    """Which doses, on which days?

    `regimen` is a name or id of the monograph, `rx` a regimen as docs/RX.md writes it; with neither, the usual one
    for `use`. `start` is the first day asked for (default: `on`, whose default is today). `last_opioid` are
    medicines with the day each was last taken (``"NAME 2026-11-25"`` or a pair), which may be any medicine
    after which the monograph asks for a wait; `surgery` days of operations. Both move the start where a statement
    stops it. `until` is the last day to show (default: half a year of a regimen that goes on).

    Raises `UsageError` for names, days and regimens that mean nothing, `NotPossible` if the knowledge forbids the
    plan: a dose above a limit, or a wait to which no day can be given.
    """
    from posology.prescribe.plan import planned

    asked = monographs if isinstance(monographs, Engine) else engine(monographs)
    today = day(on) if on is not None else date.today()
    return planned(
        asked,
        drug,
        start=start if start is not None else today,
        on=today,
        regimen=regimen,
        rx=rx,
        use=use,
        product=product,
        region=region,
        last_opioid=last_opioid,
        surgery=surgery,
        until=until,
    )


def missed(
    drug: str,
    *,
    last_taken: date | datetime | str,
    regimen: str | None = None,
    rx: str | None = None,
    start: date | str | None = None,
    use: str | None = None,
    product: str | None = None,
    region: str = "US",
    on: date | str | None = None,
    monographs: Path | Engine | None = None,
) -> MissedAnswer:
    """What to do when doses were missed, asked on the day `on` (default: today)?

    `last_taken` is the day or time of the last dose taken, `start` that of the first of the regimen (without it
    the last step is taken to be the present one); the rest as for `plan`.

    Raises `UsageError` for names and days that mean nothing or contradict each other.
    """
    from posology.prescribe.plan import missed as answered

    asked = monographs if isinstance(monographs, Engine) else engine(monographs)
    return answered(
        asked,
        drug,
        last_taken=last_taken,
        on=day(on) if on is not None else date.today(),
        regimen=regimen,
        rx=rx,
        start=start,
        use=use,
        product=product,
        region=region,
    )


def plan_after(
    result: Result,
    *,
    start: date | str | None = None,
    regimen: str | None = None,
    monographs: Path | Engine | None = None,
) -> Plan:
    """The plan for the question that an answer of `check` is about, from `start` (default: the day asked about).

    `regimen` names one; without it the usual one for the use and product. Raises `NotPossible` with the reasons if
    the verdict allows no plan, else as `plan` does.
    """
    from posology.prescribe.plan import after_verdict

    asked = monographs if isinstance(monographs, Engine) else engine(monographs)
    return after_verdict(asked, result, start=start, regimen=regimen)


def simulate(
    drug: str,
    *,
    rx: str | Sequence[str] = (),
    regimen: str | Sequence[str] = (),
    doses: Mapping[str, Sequence[Dose]] | None = None,
    population: int | None = None,
    seed: int | None = None,
    covariates: Mapping[str, object] | Iterable[str] | None = None,
    for_hours: float | None = None,
    start: date | str | None = None,
    step: float | None = None,
    washout: bool = False,
    levels: Sequence[float] | None = None,
    outputs: Sequence[str] | None = None,
    model: str | None = None,
    agonist: Sequence[Pulse] = (),
    despite_limits: bool = False,
    missed: float = 0.0,
    compare: bool = False,
    workers: int | None = None,
    out: str | Path | None = None,
    individuals: bool = False,
    monographs: Path | Library | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulation:
    """What regimens do in the body: concentrations and receptor blockade over time, with summaries.

    `rx` are regimens in rx notation (docs/RX.md), `regimen` names of the monograph's, `doses` lists of doses by
    the name of their arm. `population` is how many people are drawn at random; 1, the default, is the typical
    person alone (for a washout the default is 500). `out` is a new or empty folder that the
    tables are written into, with `individuals` also the summaries of every person. The other parameters, and what
    is refused, stand with `posology.simulate.run.simulate`.

    Raises `UsageError` for a question that cannot be put, `InputError` for a folder that cannot be written.
    """
    for name in ("numpy", *(("pyarrow",) if out is not None else ())):
        if find_spec(name) is None:
            raise UsageError(f"simulating needs {name}: pip install 'posology[simulate]'")
    from posology.simulate.run import simulate as run

    if out is not None:
        from posology.simulate import tables

        tables.writable(Path(out))
    elif individuals:
        raise UsageError("the numbers of every person are written into a folder: give one as out")
    library = monographs if isinstance(monographs, Library) else engine(monographs).library
    ran = run(
        library,
        drug,
        rx=[rx] if isinstance(rx, str) else rx,
        regimen=[regimen] if isinstance(regimen, str) else regimen,
        doses=doses,
        population=population,
        seed=seed,
        covariates=covariates,
        for_hours=for_hours,
        start=day(start) if start is not None else None,
        step=step,
        washout=washout,
        levels=levels,
        outputs=outputs,
        model=model,
        agonist=agonist,
        despite_limits=despite_limits,
        missed=missed,
        compare=compare,
        workers=workers,
        individuals=individuals,
        progress=progress,
    )
    if out is not None:
        tables.write(ran.simulation, Path(out), ran.individuals)
    return ran.simulation


def checker(library: Library) -> Callable[..., Any]:
    """`check` with an engine of this library, made once: for lint and for a monograph's cases."""
    return partial(check, monographs=engine(library))


def trial(library: Library) -> Callable[[str, Statement], str]:
    """Tries the regimen of a statement with an engine of this library: what is wrong with it, for lint."""
    from posology.prescribe.plan import tried

    return partial(tried, engine(library))
