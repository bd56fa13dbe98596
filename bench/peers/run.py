"""The same criteria by Posology, CQL and FHIRPath over the same patients, in one run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from . import cql_peer, fhirpath_peer, posology_peer
from .population import bundles
from .rounds import CRITERIA, Ready, Round, Skipped

ON = "2025-01-01"
"""The day that the generated populations are as of."""
PEERS: dict[str, Callable[[Sequence[bytes], str], Ready]] = {
    "cql-execution": cql_peer.start,
    "fhirpathpy": fhirpath_peer.start,
}


def compare(directory: Path, on: str = ON, turns: int = 3) -> list[dict[str, Any]]:
    """One row for Posology's `check`, in process, and one for each peer, over a folder of bulk NDJSON.

    `patients_per_second` counts from bytes to answers (medians of the turns; starting up is apart),
    `slower` is how many times Posology's figure is a peer's, `evaluated_per_second` leaves the peer's
    JSON parsing out. `differs` names the patients for whom an answer is not Posology's. A peer that
    cannot run has a row with `skipped`, the reason.
    """
    people = bundles(directory)
    own = posology_peer.start(people, on)
    startup, before = own.run(turns)
    outcomes: dict[str, tuple[str, float, list[Round]] | str] = {}
    for name, start in PEERS.items():
        try:
            ready = start(people, on)
            outcomes[name] = (ready.versions, *ready.run(turns))
        except Skipped as why:
            outcomes[name] = str(why)
    # Once more at the end, so that a machine that grew busier or idler meets Posology too.
    ours = [*before, *own.run(turns)[1]]
    first = _row("posology check", own.versions, startup, ours)
    rows = [first]
    for name, outcome in outcomes.items():
        if isinstance(outcome, str):
            rows.append({"peer": name, "skipped": outcome})
            continue
        row = _row(name, *outcome)
        row["slower"] = round(first["patients_per_second"] / row["patients_per_second"], 1)
        row["differs"] = _differences(ours[0], outcome[2][0])
        rows.append(row)
    return rows


def _row(name: str, versions: str, startup: float, rounds: Sequence[Round]) -> dict[str, Any]:
    patients = rounds[0].patients
    return {
        "peer": name,
        "versions": versions,
        "patients": patients,
        "turns": len(rounds),
        "startup_seconds": round(startup, 3),
        "parse_seconds": round(median(each.parse_seconds for each in rounds), 4),
        "evaluate_seconds": round(median(each.evaluate_seconds for each in rounds), 4),
        "patients_per_second": round(patients / median(each.seconds for each in rounds), 1),
        "evaluated_per_second": round(patients / median(each.evaluate_seconds for each in rounds), 1),
        "counts": {criterion: len(rounds[0].true_for[criterion]) for criterion in CRITERIA},
    }


def _differences(ours: Round, theirs: Round) -> dict[str, dict[str, list[str]]]:
    """Criterion: the patients for whom only one of the two says that it is met."""
    found = {}
    for criterion in CRITERIA:
        here, there = ours.true_for[criterion], theirs.true_for[criterion]
        if here != there:
            found[criterion] = {"only_posology": sorted(here - there), "only_peer": sorted(there - here)}
    return found


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as text: speed, then the counts side by side."""
    ran = [row for row in rows if "skipped" not in row]
    lines = [f"{'':16}{'start s':>9}{'parse s':>9}{'eval. s':>9}{'patients/s':>12}{'slower':>9}"]
    for row in ran:
        seconds = f"{row['startup_seconds']:>9.2f}{row['parse_seconds']:>9.3f}{row['evaluate_seconds']:>9.3f}"
        times = f"{row['slower']:>8.1f}x" if "slower" in row else f"{'':>9}"
        lines.append(f"{row['peer']:16}{seconds}{row['patients_per_second']:>12.1f}{times}")
    lines += [f"{row['peer']:16} skipped: {row['skipped']}" for row in rows if "skipped" in row]
    patients, turns = ran[0]["patients"], ran[-1]["turns"]
    lines += [
        f"{patients} patients, {len(CRITERIA)} criteria, median of {turns}; patients/s: from bytes to answers",
        "",
        f"{'patients who meet':24}" + "".join(f"{row['peer']:>16}" for row in ran),
    ]
    for criterion in CRITERIA:
        lines.append(f"{criterion:24}" + "".join(f"{row['counts'][criterion]:>16}" for row in ran))
    for row in ran[1:]:
        lines += [
            f"{row['peer']}, {criterion}: only Posology {' '.join(each['only_posology']) or '-'}; "
            f"only the peer {' '.join(each['only_peer']) or '-'}"
            for criterion, each in row["differs"].items()
        ]
    return "\n".join([*lines, "", *(row["versions"] for row in ran)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("directory", type=Path, help="a folder of bulk NDJSON, one file a resource type")
    parser.add_argument("--on", default=ON, metavar="DAY", help=f"the day asked about (default {ON})")
    parser.add_argument("--turns", type=int, default=3, help="how often each is run (default 3)")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args(arguments)
    rows = compare(options.directory, options.on, options.turns)
    print(json.dumps(rows, indent=2) if options.json else table(rows))
