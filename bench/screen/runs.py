"""Whole runs over an export: the floor, which only parses, and `posology.screen`, each in processes of its own."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from posology.screen import lines
from posology.screen.fhir_export import FhirExport
from posology.screen.units import LINES, Unit

DRUG, USE, ON = "naltrexone", "chronic-pain", "2025-01-01"
UNIT = 62_500_000
"""Bytes of a unit, as a run with the default memory has it."""

_SCREEN = """
import json, resource, sys, time
import posology
def main():
    begun, marks = time.perf_counter(), {}
    def tell(step, done, total, patients):
        marks.setdefault(step, time.perf_counter() - begun)
    settings = json.loads(sys.argv[2])
    told = posology.screen(sys.argv[1], progress=tell, **settings)
    wall = time.perf_counter() - begun
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({
        "seconds": wall,
        "map_seconds": marks["answering"] - marks["reading"],
        "cpu_seconds": sum(each.ru_utime + each.ru_stime for each in used),
        "parent_mb": used[0].ru_maxrss / 1000, "worker_mb": used[1].ru_maxrss / 1000,
        "patients": told["patients"]["patients"], "resources": told["patients"]["read"],
        "rows": told["rows"],
    }))
if __name__ == "__main__":
    main()
"""


def parse(root: str, unit: Unit) -> int:
    """Parse every line of a unit and forget it; how many could not be parsed."""
    bad = 0
    for block in lines.of_range(Path(root) / unit.files[0], unit.start, unit.end):
        for line in block.lines:
            try:
                orjson.loads(line)
            except orjson.JSONDecodeError:
                bad += 1
    return bad


def floor(export: Path, workers: int) -> dict[str, Any]:
    """`orjson.loads` over all lines of an export, in as many processes, by the same byte ranges."""
    units = [unit for unit in FhirExport(export).units(UNIT) if unit.kind == LINES]
    begun = perf_counter()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        bad = sum(pool.map(parse, [str(export)] * len(units), units))
    return {"seconds": perf_counter() - begun, "unparsed": bad}


def screen(export: Path, out: Path, **settings: Any) -> dict[str, Any]:
    """One run from process start; the program reports its own times and the memory of its largest worker."""
    for folder in (out, out.with_name(out.name + ".partial")):
        shutil.rmtree(folder, ignore_errors=True)
    asked = {"drug": DRUG, "use": USE, "on": ON, "out": str(out), **settings}
    script = out.with_suffix(".py")
    script.write_text(_SCREEN, encoding="utf-8")
    begun = perf_counter()
    done = subprocess.run(
        [sys.executable, str(script), str(export), json.dumps(asked)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"screen ended with {done.returncode}:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    size = sum(each.stat().st_size for each in out.iterdir())
    shutil.rmtree(out)
    return {**figures, "process_seconds": perf_counter() - begun, "result_bytes": size}
