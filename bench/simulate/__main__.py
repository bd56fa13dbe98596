"""`python -m bench.simulate`: how fast regimens are simulated, and how exactly, beside ODE solvers.

Seconds are CPU seconds of one process with one thread, each task in a process of its own so that its memory
is known. Ratios are of one run. Peers that are not installed are named (extra `bench-simulate`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from ..__main__ import _machine as machine

_ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
_MILLION = 1_000_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options().parse_args(arguments)
    if options.one:
        print(json.dumps(_task(options.one, options.quick)))
        return
    tasks = ["common", "population", "occasions", "blockade", "public", "everything", "slider", "million"]
    figures: dict[str, Any] = {"machine": machine(), "quick": options.quick}
    for task in tasks:
        print(f"{task} …", file=sys.stderr)
        figures[task] = _alone(task, options.quick)
    figures["command"] = _command()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(table(figures))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.simulate", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the people, and fewer turns")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser


def _alone(task: str, quick: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.simulate", "--one", task, *(["--quick"] if quick else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **_ONE_THREAD})
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _task(task: str, quick: bool) -> dict[str, Any]:
    from . import people

    many = 10_000 if quick else 100_000
    every = list(people.regimens())
    if task == "common":
        return _common(quick)
    if task == "population":
        found = people.population(many, people.DAYS, every, occasion=False, drift=True)
        found["people"] = many
    elif task == "occasions":
        found = people.population(many, people.DAYS, every, occasion=True, drift=False)
    elif task == "blockade":
        found = people.blockade(many // 10, people.DAYS)
    elif task == "public":
        found = people.public(many, people.SIX, [people.model().analytes[0].id])
    elif task == "everything":
        found = people.public(many, people.ACCEPTANCE, None)
    elif task == "slider":
        turns = 5 if quick else 15
        return {"steps": [people.slider(500, people.DAYS, step, turns) for step in (1.0, 3.0, 6.0)]}
    else:
        started = perf_counter()
        found = people.population(
            _MILLION // (10 if quick else 1), 28, [every[1]], occasion=False, drift=False
        )
        found["wall_seconds"] = perf_counter() - started
    found["megabytes"] = people.peak_megabytes()
    return found


def _common(quick: bool) -> dict[str, Any]:
    from . import common, peers

    found = common.ours(5 if quick else 15)
    answer = found.pop("answer")
    return {
        **found,
        "error": common.error(answer, 2 if quick else 8),
        "peers": peers.all_peers(answer, 2 if quick else 10),
    }


def _command() -> dict[str, Any]:
    """`posology simulate` from process start to a small answer, twice: the second has the snapshot."""
    command = [sys.executable, "-m", "posology.cli", "simulate", "naltrexone", "--rx", "50 mg po q24h x7"]
    with tempfile.TemporaryDirectory() as cache:
        seconds = []
        for _ in range(4):
            start = perf_counter()
            done = subprocess.run(
                command,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, "POSOLOGY_CACHE": cache},
            )
            seconds.append(perf_counter() - start)
            if done.returncode:
                return {"missing": done.stderr.decode(errors="replace").strip().splitlines()[-1:]}
    return {"seconds": min(seconds[1:]), "first": seconds[0]}


def table(figures: dict[str, Any]) -> str:
    """The figures as people read them."""
    here, common, people = figures["machine"], figures["common"], figures["population"]
    lines = [
        f"{here['processor']}, {here['cores']} cores, load {here['load']}, Python {here['python']}; "
        "CPU seconds, one thread",
        "",
        "1,000 people x 28 days of one dose a day, hourly, four states:",
        f"{'':40}{'seconds':>10}{'ratio':>9}{'compiling':>11}{'difference':>12}",
        f"{'posology (NumPy)':40}{common['seconds']:>10.4f}{1:>9}{'':>11}"
        f"{common['error']:>12.0e}  from 30 digits, of the peak (targets 0.015, 1e-12)",
    ]
    lines += [_peer(each, common["seconds"]) for each in common["peers"]]
    lines += [
        "difference of peers: from posology, of the peak; their tolerance is 1e-8",
        "",
        f"{people['people']:,} people x {len(people['seconds'])} regimens x 90 days hourly, 5/50/95 % and hours above "
        f"of naltrexone's concentration:",
        f"  {people['total']:.1f} s, {people['nanoseconds_a_value']:.1f} ns a value, {people['megabytes']:.0f} MB; "
        f"bands within {people['band_error']:.0e} of sorting (targets for 100,000 people 15 s, 500 MB, 1e-3)",
        *(f"    {name:36}{seconds:>8.2f} s" for name, seconds in people["seconds"].items()),
        f"  with variability between doses too: {figures['occasions']['total']:.1f} s, "
        f"{figures['occasions']['megabytes']:.0f} MB",
        "",
        f"mu blockade that is held, {figures['blockade']['people']:,} people, 90 days hourly, bands: "
        f"{figures['blockade']['nanoseconds_a_value']:.0f} ns a value, {figures['blockade']['megabytes']:.0f} MB",
        *(f"    {name:36}{seconds:>8.2f} s" for name, seconds in figures["blockade"]["seconds"].items()),
        "",
        *(_public(figures[each]) for each in ("public", "everything")),
        "",
        "slider: 500 people x 90 days of 50 mg a day, concentration and both readings of mu with bands,",
        "  CPU milliseconds from the text of the regimen to the curves (target 30):",
    ]
    lines += [
        f"    a point every {each['hours_between']:g} h{each['all']:>8.1f} ms"
        for each in figures["slider"]["steps"]
    ]
    million, command = figures["million"], figures["command"]
    lines += [
        "",
        f"{'100,000' if figures['quick'] else 'a million'} people, one regimen, 28 days hourly, bands and hours above: "
        f"{million['total']:.1f} s, {million['wall_seconds']:.0f} s wall, {million['megabytes']:.0f} MB "
        "(a million: 5 minutes)",
        "posology simulate, process start to a small answer: "
        + (
            f"{command['seconds']:.2f} s (target 1)"
            if "seconds" in command
            else f"not measured: {command['missing']}"
        ),
    ]
    return "\n".join(lines)


def _public(each: dict[str, Any]) -> str:
    return (
        f"posology.simulate, {each['people']:,} people x {each['regimens']} regimens, {each['curves']} curves of "
        f"{each['times']:,} times, {each['summaries']} summaries:\n"
        f"  {each['total']:.1f} s, {each['nanoseconds_a_value']:.1f} ns a value, {each['megabytes']:.0f} MB"
    )


def _peer(each: dict[str, Any], ours: float) -> str:
    if "missing" in each:
        return f"{each['name']:40}{each['missing']}"
    compiling = f"{each['compile_seconds']:.1f}" if "compile_seconds" in each else ""
    note = f"  measured on {each['measured_on']} and scaled" if "measured_on" in each else ""
    ratio = each["seconds"] / ours
    return f"{each['name']:40}{each['seconds']:>10.2f}{ratio:>9,.0f}{compiling:>11}{each['difference']:>12.0e}{note}"


if __name__ == "__main__":
    main()
