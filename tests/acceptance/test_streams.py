import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [
    sys.executable,
    "-m",
    "posology.cli",
    "check",
    "naltrexone",
    "examples/fibromyalgia-on-tramadol.json",
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("format", ["text", "json"])
def test_a_full_disk_is_said_in_a_line(format: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*COMMAND, "--format", format],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
        )
    assert ran.returncode == 1
    assert ran.stderr.startswith("posology: the answer cannot be written")
    assert ran.stderr.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("closed", [">&-", "<&-"])
def test_a_closed_stream_is_said_in_a_line(closed: str) -> None:
    command = f"{' '.join(COMMAND)} {closed}"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=ROOT)
    assert "Traceback" not in ran.stderr
    assert ran.returncode in (0, 1)
