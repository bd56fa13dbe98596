"""What a population costs on a cluster, from what one patient costs here.

`python -m bench.scale --measure EXPORT` measures an export on this machine, with both engines, and writes
`bench/scale.json`; without options it prints what follows for `PEOPLE` patients, which `docs/refresh.py` puts
into docs/SCALE.md. Only the JSON file has to change when the measurements do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_suffix(".json")
PEOPLE = 100_000_000
EXECUTORS, CORES = 50, 16
"""The cluster of the example."""
DRUG, USE, ON = "naltrexone", "chronic-pain", "2025-01-01"


# --- measuring ----------------------------------------------------------------------------------------


def cpu_seconds() -> float:
    """Processor time of this session's processes that are alive, and of those that they waited for."""
    session, total = os.getsid(0), 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


class Meter:
    """Is told how far a run is, and notes what it has cost by then."""

    def __init__(self, out: Path) -> None:
        self.work = out.with_name(out.name + ".partial") / "work"
        self.start = cpu_seconds()
        self.mapped = self.reduced = self.joining = 0.0
        self.rows = self.stored = 0

    def __call__(self, step: str, done: int, total: int, patients: int) -> None:
        """Note the moments when a step ends."""
        if step == "answering" and not self.mapped:
            self.mapped = cpu_seconds() - self.start
            for path in (self.work / "map").glob("[0-9]*[0-9].json"):
                self.rows += json.loads(path.read_bytes())["bytes"]
            self.stored = sum(path.stat().st_size for path in (self.work / "map").glob("*.arrow"))
        if step == "answering" and done == total:
            self.reduced = cpu_seconds() - self.start - self.mapped
            self.joining = cpu_seconds()


def one(export: Path, workers: int, spark: str | bool) -> dict[str, float]:
    """Screen an export, and what that cost."""
    import posology

    screen: Callable[..., dict[str, Any]] = posology.screen
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        meter = Meter(out)
        start = time.perf_counter()
        told = screen(
            export, drug=DRUG, use=USE, on=ON, out=out, workers=workers, spark=spark, progress=meter
        )
        end, joined = time.perf_counter(), cpu_seconds()
        results = sum(path.stat().st_size for path in out.iterdir())
    return {
        "patients": told["patients"]["patients"],
        "resources": told["patients"]["read"],
        "wall_seconds": round(end - start, 1),
        "map_cpu_seconds": round(meter.mapped, 2),
        "reduce_cpu_seconds": round(meter.reduced, 2),
        "join_cpu_seconds": round(joined - meter.joining, 2),
        "row_bytes": meter.rows,
        "stored_bytes": meter.stored,
        "result_bytes": results,
    }


def measure(export: Path, workers: int) -> dict[str, Any]:
    """An export, and one patient of it, with both engines: the one patient is what starting costs."""
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "Patient.ndjson"
        with (export / "Patient.ndjson").open("rb") as file:
            first.write_bytes(file.readline())
        return {
            "input_bytes": sum(path.stat().st_size for path in export.glob("*.ndjson")),
            "workers": workers,
            "load": round(os.getloadavg()[0], 1),
            "local_start": _alone(first, workers, "local"),
            "local": _alone(export, workers, "local"),
            "spark_start": _alone(first, workers, "spark"),
            "spark": _alone(export, workers, "spark"),
        }


def _alone(export: Path, workers: int, engine: str) -> dict[str, float]:
    """One run in a session of its own, so that nothing is warm and nothing else is counted."""
    command = [sys.executable, "-m", "bench.scale", "--one", engine, "--measure", str(export)]
    done = subprocess.run(
        [*command, "--workers", str(workers)], check=True, stdout=subprocess.PIPE, start_new_session=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


# --- what follows -------------------------------------------------------------------------------------


def page(figures: dict[str, Any]) -> str:
    """The arithmetic, as Markdown."""
    local, spark = figures["local"], figures["spark"]
    patients = local["patients"]
    us = {
        (engine, step): _us(figures, engine, f"{step}_cpu_seconds")
        for engine in ("local", "spark")
        for step in ("map", "reduce")
    }
    both = us["spark", "map"] + us["spark", "reduce"]
    size = figures["input_bytes"] / patients
    rows, stored, kept = (spark[name] / patients for name in ("row_bytes", "stored_bytes", "result_bytes"))
    local_rows, local_stored = (local[name] / patients for name in ("row_bytes", "stored_bytes"))
    join = _us(figures, "local", "join_cpu_seconds")
    cores = EXECUTORS * CORES
    hours = PEOPLE * both / 1e6 / 3600
    minutes = hours / cores * 60
    mapping = minutes * us["spark", "map"] / both
    partitions = min(16_384, 1 << max(2, int(PEOPLE * size // 62_500_000).bit_length()))
    each = PEOPLE / partitions
    return "\n".join(
        [
            f"Measured on {patients:,} synthetic patients with {local['resources'] / patients:.0f} resources each "
            f"({figures['workers']} workers, load {figures['load']}); what starting costs is taken off:",
            "",
            "| one patient | local engine | Spark |",
            "|---|---:|---:|",
            f"| input | {size:,.0f} bytes | {size:,.0f} bytes |",
            f"| CPU to map | {us['local', 'map']:,.0f} µs | {us['spark', 'map']:,.0f} µs |",
            f"| CPU to sort and reduce | {us['local', 'reduce']:,.0f} µs | {us['spark', 'reduce']:,.0f} µs |",
            f"| rows that go to the patient's partition | {local_rows:,.0f} bytes | {rows:,.0f} bytes |",
            f"| the same, as stored in the work folder | {local_stored:,.0f} bytes | {stored:,.0f} bytes |",
            f"| results | {kept:,.0f} bytes | {kept:,.0f} bytes |",
            f"| joining the results (one process) | {join:,.1f} µs | {join:,.1f} µs |",
            "",
            f"Starting costs {figures['local_start']['wall_seconds']} s with the local engine and "
            f"{figures['spark_start']['wall_seconds']} s with Spark.",
            "",
            f"For {PEOPLE:,} such patients on {EXECUTORS} executors of {CORES} cores:",
            "",
            "| what | how | how much |",
            "|---|---|---:|",
            f"| input | {PEOPLE:,} × {size:,.0f} bytes | {PEOPLE * size / 1e12:,.1f} TB |",
            f"| CPU | {PEOPLE:,} × {both:,.0f} µs | {hours:,.0f} core hours |",
            f"| time to map and reduce | {hours:,.0f} core hours / {cores} cores | {minutes:,.0f} minutes |",
            f"| storage must deliver | input, while mapping takes {mapping:,.1f} of these minutes | "
            f"{PEOPLE * size / 1e9 / (mapping * 60):,.1f} GB/s |",
            f"| work folder | {PEOPLE:,} × {stored:,.0f} bytes | {PEOPLE * stored / 1e12:,.2f} TB |",
            f"| disks of the executors, for sorting | {PEOPLE:,} × at most {rows:,.0f} bytes / {EXECUTORS} | "
            f"{PEOPLE * rows / EXECUTORS / 1e9:,.0f} GB each |",
            f"| a partition | {PEOPLE:,} / {partitions:,} × {rows:,.0f} bytes | "
            f"{each:,.0f} patients, {each * rows / 1e6:,.0f} MB of rows |",
            f"| results | {PEOPLE:,} × {kept:,.0f} bytes | {PEOPLE * kept / 1e9:,.0f} GB |",
            f"| joining them | {PEOPLE:,} × {join:,.1f} µs, one process | {PEOPLE * join / 6e7:,.0f} minutes |",
            "",
            f"With a core hour at 0.05 (any currency), {hours * 0.05:,.0f}. This is arithmetic on a small run, and no "
            "measurement of a large one: records that hold more cost more, in proportion; waiting for storage, lost "
            "executors and the slowest task come on top.",
        ]
    )


def _us(figures: dict[str, Any], engine: str, name: str) -> float:
    """Microseconds a patient, without what starting costs."""
    run, start = figures[engine], figures[f"{engine}_start"]
    return float(run[name] - start[name]) / float(run["patients"] - start["patients"]) * 1e6


def main() -> None:
    """Measure, or print what follows."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--measure", type=Path, metavar="EXPORT", help="a folder of plain NDJSON files")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", choices=("local", "spark"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        spark = f"local[{options.workers}]" if options.one == "spark" else False
        print(json.dumps(one(options.measure, options.workers, spark)))
        return
    if options.measure:
        FIGURES.write_text(json.dumps(measure(options.measure, options.workers), indent=2) + "\n", "utf-8")
    print(page(json.loads(FIGURES.read_text("utf-8"))))


if __name__ == "__main__":
    main()
