"""`python -m bench`: how long an answer takes, beside orjson reading the same bytes.

Two questions, as the project's targets put them: one Bundle from bytes to result in process, and the
command from process start to answer. Everything is measured in one run on one machine; the ratio to
`orjson.loads` is the figure that can be compared between machines.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson

import posology

from .bundles import ON, bundle

DRUG, USE = "naltrexone", "chronic-pain"
SIZES: dict[str, Callable[[], bytes]] = {
    "50 resources": lambda: bundle(resources=50),
    "1 MB": lambda: bundle(size=1_000_000),
    "5 MB": lambda: bundle(size=5_000_000),
}
COMMAND_ON = "1 MB"
AT = ("min", "p50", "p99")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options().parse_args(arguments)
    inputs = {name: make() for name, make in SIZES.items()}
    inputs |= {path.name: _read(path) for path in options.bundle}
    figures: dict[str, Any] = {
        "machine": _machine(),
        "in_process": [_in_process(name, data, options.seconds) for name, data in inputs.items()],
        "command": _command(inputs[COMMAND_ON], options.starts),
    }
    print(json.dumps(figures, indent=2) if options.json else _table(figures))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--bundle",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="measure these Bundles too (plain or gzip)",
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each Bundle (default 4)")
    parser.add_argument("--starts", type=int, default=15, help="process starts to measure (default 15)")
    return parser


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def _machine() -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("posology", "msgspec", "orjson")},
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _in_process(name: str, data: bytes, seconds: float) -> dict[str, Any]:
    """Times of `orjson.loads` and of `posology.check`, taken in turns so that noise meets both."""

    def read() -> object:
        return orjson.loads(data)

    def check() -> object:
        return posology.check(data, drug=DRUG, use=USE, on=ON)

    resources = len(orjson.loads(data).get("entry", ()))
    for _ in range(3):
        read()
        check()
    reading: list[float] = []
    checking: list[float] = []
    # As a service does once its knowledge is loaded: what stays is not looked through again at each collection.
    gc.collect()
    gc.freeze()
    end = perf_counter() + seconds
    while perf_counter() < end or len(checking) < 20:
        reading.append(_timed(read))
        checking.append(_timed(check))
    gc.unfreeze()
    return {
        "bundle": name,
        "bytes": len(data),
        "resources": resources,
        "repeats": len(checking),
        "orjson_ms": _spread(reading),
        "check_ms": _spread(checking),
        "ratio_p50": round(median(checking) / median(reading), 2),
        "ratio_min": round(min(checking) / min(reading), 2),
    }


def _timed(call: Callable[[], object]) -> float:
    begun = perf_counter()
    kept = call()
    taken = perf_counter() - begun
    del kept  # freeing is not part of the answer, for either
    return taken * 1000


def _spread(times: Sequence[float]) -> dict[str, float]:
    ranked = sorted(times)
    last = len(ranked) - 1
    return {
        "min": round(ranked[0], 3),
        "p50": round(median(ranked), 3),
        "p99": round(ranked[min(last, int(len(ranked) * 0.99))], 3),
    }


def _command(data: bytes, starts: int) -> dict[str, Any]:
    """Wall time of whole processes: an empty Python, the command warm, the command with no snapshot."""
    with tempfile.TemporaryDirectory(prefix="posology-bench-") as place:
        file = Path(place) / "bundle.json"
        file.write_bytes(data)
        warm = {**os.environ, "POSOLOGY_CACHE": str(Path(place) / "warm")}
        command = [
            sys.executable,
            "-m",
            "posology.cli",
            "check",
            DRUG,
            str(file),
            "--for",
            USE,
            "--on",
            str(ON),
        ]
        script = Path(sys.executable).with_name("posology")
        if script.exists():
            command[:3] = [str(script)]
        _start(command, warm)
        empty, ready, cold = [], [], []
        for turn in range(starts):
            empty.append(_start([sys.executable, "-c", "pass"], warm))
            ready.append(_start(command, warm))
            if turn < max(3, starts // 5):
                cold.append(_start(command, {**warm, "POSOLOGY_CACHE": str(Path(place) / f"cold-{turn}")}))
    return {
        "bundle": COMMAND_ON,
        "starts": starts,
        "python_pass_ms": _spread(empty),
        "warm_ms": _spread(ready),
        "cold_ms": _spread(cold),
    }


def _start(command: Sequence[str], environment: dict[str, str]) -> float:
    begun = perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    taken = (perf_counter() - begun) * 1000
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return taken


def _table(figures: dict[str, Any]) -> str:
    machine, command = figures["machine"], figures["command"]
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    heads = _cells(dict.fromkeys(AT, 0), names=True)
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, load {machine['load']}",
        f"Python {machine['python']}, {packages}",
        "",
        f"One Bundle from bytes to result, in process ({DRUG} for {USE}), in milliseconds",
        f"{'':30}{'orjson.loads':>29}{'posology.check':>29}",
        f"{'Bundle':14}{'kB':>8}{'res.':>8}{heads}  {heads}{'ratio':>8}",
    ]
    for row in figures["in_process"]:
        times = f"{_cells(row['orjson_ms'])}  {_cells(row['check_ms'])}"
        size = f"{row['bytes'] / 1000:>8.0f}{row['resources']:>8}"
        lines.append(f"{row['bundle'][:13]:14}{size}{times}{row['ratio_p50']:>8.2f}")
    lines += [
        "ratio: p50 of posology.check by p50 of orjson.loads, taken in turns on the same bytes",
        "",
        f"The command, from process start to answer, on the {command['bundle']} Bundle, in milliseconds",
        f"{'':30}{heads}",
    ]
    for name, key in (
        ("python -c pass", "python_pass_ms"),
        ("posology check", "warm_ms"),
        ("posology check, no snapshot", "cold_ms"),
    ):
        lines.append(f"{name:30}{_cells(command[key])}")
    return "\n".join(lines)


def _cells(times: dict[str, float], names: bool = False) -> str:
    return "".join(f"{at:>9}" if names else f"{times[at]:>9.2f}" for at in AT)


if __name__ == "__main__":
    main()
