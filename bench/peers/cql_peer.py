"""The CQL peer: npm's cql-execution with cql-exec-fhir, in a Node process of its own.

The packages are installed once into the cache folder, as package-lock.json pins them; `cql/` itself stays
as it is in the repository.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson

from posology.monograph.snapshot import cache_directory, content_hash

from .rounds import Ready, Round, Skipped

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc", "run.mjs", "peers.elm.json")
INSTALL_SECONDS, RUN_SECONDS = 300, 1800


def start(bundles: Sequence[bytes], on: str) -> Ready:
    """Install the packages if they are not there; raises `Skipped` without Node, npm or its registry."""
    node = _program("node")
    place = _installed()
    pinned = json.loads((HERE / "cql" / "package.json").read_text("utf-8"))["dependencies"]
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    versions = ", ".join(f"{name} {number}" for name, number in sorted(pinned.items(), reverse=True))

    def run(turns: int) -> tuple[float, list[Round]]:
        with tempfile.TemporaryDirectory(prefix="posology-peers-") as folder:
            data = Path(folder) / "bundles.ndjson"
            data.write_bytes(b"".join(each + b"\n" for each in bundles))
            command = [node, str(place / "run.mjs"), str(data), str(HERE / "codes.json"), on, str(turns)]
            told = orjson.loads(_output(command, RUN_SECONDS))
        return told["startup_seconds"], [
            Round(
                each["patients"],
                each["parse_seconds"],
                each["evaluate_seconds"],
                {name: frozenset(patients) for name, patients in each["true_for"].items()},
            )
            for each in told["rounds"]
        ]

    return Ready(f"{versions}, node {done.stdout.strip()}", run)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Skipped(f"{name} is not on this machine")
    return found


def _installed() -> Path:
    """The folder with the packages and the files of `cql/`, named by their content."""
    files = [HERE / "cql" / name for name in FILES]
    place = cache_directory() / f"bench-peers-{content_hash(files)}"
    if place.is_dir():
        return place
    npm = _program("npm")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="bench-peers-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        for each in files:
            shutil.copy(each, made)
        command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        _output(command, INSTALL_SECONDS, made)
        made.rename(place)
    return place


def _output(command: Sequence[str], seconds: float, folder: Path | None = None) -> str:
    """Standard output of a command that must succeed; else `Skipped` with the end of what it complained of."""
    name = " ".join([Path(command[0]).name, Path(command[1]).name])
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Skipped(f"{name} took longer than {seconds:.0f} seconds") from None
    if done.returncode:
        raise Skipped(f"{name} failed: {' '.join(done.stderr.split())[-300:]}")
    return done.stdout
