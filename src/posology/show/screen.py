"""What a screening run shows on a terminal: progress on the way, and a few lines at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from posology.errors import UsageError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)i?B?", re.IGNORECASE)
_SCALE = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SMALLEST = 50_000_000

Tell = Callable[[str, int, int, int], None]


def size_of(text: str) -> int:
    """Bytes of a size such as ``500MB``; raises `UsageError` for anything else, and for less than can work."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"'{text}' is no size; write it as 500MB or 2GB")
    size = int(float(found[1]) * _SCALE[found[2].lower()])
    if size < _SMALLEST:
        raise UsageError(f"--memory {text} is too little: a worker needs at least {_SMALLEST // 10**6}MB")
    return size


@contextmanager
def progress_bar(stream: TextIO, counted: str = "patients") -> Iterator[Tell | None]:
    """A bar with rate (of what is `counted`) and time left, on a terminal; None elsewhere."""
    if not stream.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description:10}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rate]}"),
        console=Console(file=stream),
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int, patients: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total, rate="")
            elapsed = bar.tasks[tasks[step]].elapsed or 0.0
            rate = f"{patients / elapsed:,.0f} {counted}/s" if patients and elapsed else ""
            bar.update(tasks[step], completed=done, rate=rate)

        yield tell


def summary(told: dict[str, Any], folder: Path) -> str:
    """What a run found of its input, in a few lines; the rest is in the report."""
    people, counts = told["patients"], told["input"]
    lines = [
        f"{people['patients']:,} patients answered, from {counts['lines'] + counts['entries']:,} resources.",
    ]
    if people["people_without_patient"] or people["people_refused"]:
        lines.append(
            f"Not answered: {people['people_without_patient']:,} people without a Patient resource, "
            f"{people['people_refused']:,} whose record cannot be judged (set_aside.parquet says why)."
        )
    if told["quarantined"]:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in told["quarantined"].items())
        lines.append(f"Quarantined, with text and place, in quarantine.ndjson: {kinds}.")
    lines += [f"Damaged: {name}" for name in told["damaged_files"]]
    lines.append(
        f"Results: {folder} (report.html, verdicts.parquet, findings.parquet, set_aside.parquet, run.json)"
    )
    return "\n".join(lines) + "\n"
