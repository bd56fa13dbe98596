"""The wheel holds every file of the package: templates, style sheets, scripts, knowledge."""

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


def shipped(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


@pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None,
    reason="the build backend is not installed: pip install hatchling",
)
def test_it_holds_every_file_of_the_source(tmp_path):
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        packed = {name for name in wheel.namelist() if not name.partition("/")[0].endswith(".dist-info")}
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
        assert "posology = posology.cli:main" in wheel.read(metadata).decode()
    own = {path.relative_to(SOURCE).as_posix() for path in (SOURCE / "posology").rglob("*") if shipped(path)}
    assert packed == own
    kinds = {Path(name).suffix for name in packed if name.startswith("posology/serve/")}
    assert kinds == {".py", ".html", ".css", ".js", ".svg", ".yaml"}
