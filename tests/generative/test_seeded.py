"""Bugs that are put into a copy of the program on purpose: the comparison with the oracle finds each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Bug(NamedTuple):
    """A text of the program and what stands there instead."""

    file: str
    right: str
    wrong: str


BUGS = {
    "window edge, medicines": Bug(
        "check/medicines.py",
        "on - within + 1 if within is not None else on",
        "on - within if within is not None else on",
    ),
    "window edge, results": Bug(
        "check/results.py",
        "first = case.on - within + 1 if within is not None else dates.EARLIEST\n    groups",
        "first = case.on - within if within is not None else dates.EARLIEST\n    groups",
    ),
    "comparator edge": Bug(
        "check/results.py",
        "(above is not None and value <= above)",
        "(above is not None and value < above)",
    ),
    "at-least off by one": Bug("check/answer.py", "if len(yes) >= count:", "if len(yes) > count:"),
    "time zone, which is the latest": Bug(
        "record/dates.py",
        "moment = datetime.fromisoformat(text)\n",
        "moment = datetime.fromisoformat(text).replace(tzinfo=None)\n",
    ),
    "time zone, which day": Bug(
        "record/dates.py",
        'return _days(text[:10] if text[10:11] == "T" else text)',
        "return _days(str(datetime.fromisoformat(text).astimezone(UTC).date())"
        ' if text[10:11] == "T" else text)',
    ),
}


def compare(source: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Compare the program of a source tree with the oracle."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.generative.made_up.compare", "0", "20"],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{source}{os.pathsep}{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "POSOLOGY_CACHE": str(place),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"program: {source}" in ran.stdout, ran.stdout + ran.stderr
    return ran


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_found(name: str, tmp_path: Path, cache: Path) -> None:
    bug = BUGS[name]
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source)
    path = source / "posology" / bug.file
    text = path.read_text()
    assert text.count(bug.right) == 1, f"{bug.file} no longer says once: {bug.right}"
    path.write_text(text.replace(bug.right, bug.wrong))
    ran = compare(source, cache)
    assert ran.returncode == 1, f"not found: {name}\n{ran.stdout}{ran.stderr}"
    assert "the program says" in ran.stdout, ran.stdout + ran.stderr


def test_without_a_bug_nothing_is_found(cache: Path) -> None:
    ran = compare(ROOT / "src", cache)
    assert ran.returncode == 0, ran.stdout + ran.stderr
