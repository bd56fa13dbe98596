"""`python -m bench.screen`: how fast a population is screened.

The floor is `orjson.loads` over the same lines, in as many processes; floor and runs are taken in turns, and
ratios are of medians of one run of this benchmark. The export is made by a generator that is not part of this
project (`--generator`), with a seed, and kept in `--data` for the next time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from ..__main__ import _machine as machine
from ..peers import posology_peer
from ..peers.run import compare
from . import runs
from .step import reduce_step

SEED = 7
PEOPLE = 200
"""Patients whom the peers are asked about."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options().parse_args(arguments)
    options.data.mkdir(parents=True, exist_ok=True)
    small, large = (_export(options, count) for count in (options.patients // 10, options.patients))
    few = _export(options, PEOPLE)
    figures: dict[str, Any] = {
        "machine": machine(),
        "patients": options.patients,
        "workers": options.workers,
        "turns": options.turns,
        "run": _turns(large, options),
        "tenth": _several(small, options, options.turns),
        "reduce_step": reduce_step(small),
    }
    if not options.no_spark:
        figures["spark"] = _spark(small, options)
    if not options.no_peers:
        figures["peers"] = compare(few)
        handful = {
            "drug": posology_peer.DRUG,
            "use": posology_peer.USE,
            "monographs": str(posology_peer.MONOGRAPHS),
        }
        figures["handful"] = _once(small, options, **handful)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(table(figures))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.screen", description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3, help="how often floor and run are taken (default 3)")
    parser.add_argument(
        "--data", type=Path, default=Path(".bench"), help="where exports are kept (default .bench)"
    )
    parser.add_argument(
        "--generator",
        type=Path,
        default=Path("../shared/bench/gen_fhir.py"),
        help="the program that makes exports",
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--no-spark", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    return parser


def _export(options: argparse.Namespace, patients: int) -> Path:
    folder: Path = options.data / f"patients-{patients}-seed-{SEED}"
    if not (folder / "manifest.json").exists():
        if not options.generator.exists():
            sys.exit(
                f"{options.generator}: the generator of the export is not there; say where with --generator"
            )
        command = [sys.executable, str(options.generator), "--patients", str(patients), "--seed", str(SEED)]
        subprocess.run([*command, "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


def _turns(export: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Floor and run in turns; the first floor also brings the files into memory and is not counted."""
    runs.floor(export, options.workers)
    floors, screens = [], []
    for _ in range(options.turns):
        floors.append(runs.floor(export, options.workers)["seconds"])
        screens.append(_once(export, options))
    return {"floor_seconds": _spread(floors), **_summary(screens)}


def _several(export: Path, options: argparse.Namespace, turns: int) -> dict[str, Any]:
    return _summary([_once(export, options) for _ in range(turns)])


def _once(export: Path, options: argparse.Namespace, **settings: Any) -> dict[str, Any]:
    return runs.screen(export, options.data / "results", workers=options.workers, **settings)


def _spark(export: Path, options: argparse.Namespace) -> dict[str, Any]:
    if find_spec("pyspark") is None:
        return {"skipped": "pyspark is not installed"}
    return _once(export, options, spark=f"local[{options.workers}]")


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = [each["seconds"] for each in found]
    middle = sorted(found, key=lambda each: each["seconds"])[len(found) // 2]
    return {**middle, "seconds": _spread(seconds)}


def _spread(times: list[float]) -> dict[str, float]:
    return {"min": round(min(times), 2), "median": round(median(times), 2), "max": round(max(times), 2)}


def table(figures: dict[str, Any]) -> str:
    """The figures as people read them."""
    run, tenth, step, here = figures["run"], figures["tenth"], figures["reduce_step"], figures["machine"]
    seconds, floor = run["seconds"]["median"], run["floor_seconds"]["median"]
    patients, workers = run["patients"], figures["workers"]
    lines = [
        f"{here['processor']}, {here['cores']} cores, load {here['load']}, Python {here['python']}",
        f"{patients:,} patients, {run['resources']:,} resources, {workers} workers, {figures['turns']} turns",
        "",
        f"{'':44}{'min':>9}{'median':>9}{'max':>9}",
        _line("orjson.loads of every line (the floor), s", run["floor_seconds"]),
        _line("posology screen, s", run["seconds"]),
        f"ratio of medians {seconds / floor:.2f} (target 1.3); {patients / seconds:,.0f} patients/s; "
        f"map {run['map_seconds']:.1f} s of it; CPU {run['cpu_seconds'] / patients * 1e6:.0f} us a patient",
        f"memory: largest worker {run['worker_mb']:.0f} MB, parent {run['parent_mb']:.0f} MB (target 600 MB a worker)",
        f"results: {run['result_bytes'] / patients:.0f} bytes and "
        f"{run['rows']['findings'] / patients:.1f} findings a patient",
        f"linear: a tenth of the patients takes {tenth['seconds']['median']:.2f} s; ten times as many "
        f"{seconds / tenth['seconds']['median']:.2f} times as long (target 10.5)",
        "",
        f"reduce step: {step['us_per_patient']} us a patient for {step['statements']} statements = "
        f"{step['us_per_patient_per_40_statements']} us per 40 (target 40); "
        f"{step['statements_that_hit_nothing']} more that hit nothing cost "
        f"{step['cost_of_these_percent']} % (target 5)",
    ]
    lines += _spark_lines(figures, tenth)
    lines += _peer_lines(figures)
    return "\n".join(lines)


def _line(name: str, times: dict[str, float]) -> str:
    return f"{name:44}" + "".join(f"{times[at]:>9.2f}" for at in ("min", "median", "max"))


def _spark_lines(figures: dict[str, Any], tenth: dict[str, Any]) -> list[str]:
    spark = figures.get("spark")
    if spark is None:
        return []
    if "skipped" in spark:
        return ["", f"Spark: {spark['skipped']}"]
    seconds, local = spark["seconds"], tenth["seconds"]["median"]
    return [
        "",
        f"Spark local[{figures['workers']}], {spark['patients']:,} patients: {seconds:.1f} s, "
        f"{seconds / local:.2f} times the local engine "
        f"({spark['process_seconds'] - seconds:.1f} s more to start and end)",
    ]


def _peer_lines(figures: dict[str, Any]) -> list[str]:
    rows = figures.get("peers")
    if not rows:
        return []
    run = figures["handful"]
    population = run["patients"] / run["seconds"]
    lines = [
        "",
        f"The same 8 criteria: {PEOPLE} patients in one process each; posology screen on {run['patients']:,} "
        f"patients in {figures['workers']} processes, start and tables included",
        f"{'':24}{'patients/s':>12}{'check is':>14}{'screen is':>14}",
        f"{'posology screen':24}{population:>12,.1f}",
    ]
    for row in rows:
        if "skipped" in row:
            lines.append(f"{row['peer']:24} not run: {row['skipped']}")
            continue
        rate = row["patients_per_second"]
        slower = f"{row['slower']:.1f} x" if "slower" in row else ""
        lines.append(f"{row['peer']:24}{rate:>12,.1f}{slower:>14}{population / rate:>12.1f} x")
    return lines


if __name__ == "__main__":
    main()
