"""What `check` says about every shared Bundle, as a table for a person to read.

``python -m tests.acceptance.bundles_table FILE [DRUG [USE]]`` writes it as tab-separated text. It holds what
records say, so it is refused inside the repository.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import posology
from posology.check.result import Result
from tests.generative.bundles import ROOT, shared

ON = "2026-06-30"
HEAD = (
    "file",
    "verdict",
    "stage",
    "earliest",
    "first reasons",
    "blocking gaps",
    "read",
    "matched",
    "set aside",
    "unreadable",
)


def row(path: Path, drug: str, use: str) -> tuple[str, ...]:
    """One Bundle's line."""
    result = posology.check(path, drug=drug, use=use, on=ON)
    assert isinstance(result, Result)
    reasons = "; ".join(each.title or each.statement for each in result.reasons[:3])
    blocking = sum(gap.blocks for gap in result.missing)
    counts = (result.counts[each] for each in ("read", "matched", "set_aside", "unreadable"))
    return (
        path.name,
        result.verdict,
        result.stage,
        result.earliest or "-",
        reasons or "-",
        str(blocking),
        *map(str, counts),
    )


def main(place: str, drug: str = "naltrexone", use: str = "chronic-pain") -> None:
    """Write the table; refuse a place in the repository."""
    target = Path(place).resolve()
    if target.is_relative_to(ROOT):
        raise SystemExit(
            f"{target}: is inside the repository; give a place outside, records are not published"
        )
    files = shared()
    if not files:
        raise SystemExit(
            "the shared Bundles are not here; set POSOLOGY_DATA to the folder that holds bundles/"
        )
    with target.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, delimiter="\t")
        table.writerow(HEAD)
        table.writerows(row(path, drug, use) for path in files)
    print(f"Wrote {target}: {len(files)} records, {drug} for {use} on {ON}")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3, 4}:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
