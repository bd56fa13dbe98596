"""The skeleton of a new monograph works as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from posology.api import checker
from posology.errors import UsageError
from posology.monograph import load
from posology.monograph.cases import run_cases, uncovered
from posology.monograph.lint import lint
from posology.monograph.load import load_library
from posology.monograph.new import write_skeleton
from posology.monograph.page import monograph_page
from tests.unit.monograph.conftest import Knowledge


@pytest.mark.parametrize("name", ["zumab", "made-up"])
def test_a_skeleton_lints_answers_and_can_be_read(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(load, "PACKAGED", knowledge.path)
    files = write_skeleton(name, tmp_path / "mine")
    assert {path.name for path in files} >= {"monograph.yaml", "uses.yaml", "safety.yaml", "cases.yaml"}
    library = load_library(tmp_path / "mine")
    mine = [
        problem for problem in lint(library, check=checker(library)) if str(tmp_path / "mine") in problem.file
    ]
    assert mine
    assert all(problem.severity == "warning" and "to be written" in problem.message for problem in mine)
    results = run_cases(library, name, checker(library))
    assert [result.mismatches for result in results] == [(), (), ()]
    assert uncovered(library, name, results) == {}
    page = monograph_page(library.monograph(name), library.vocabulary, library.sources)
    assert "## Contraindications" in page
    assert "drugname" not in page.lower()


@pytest.mark.parametrize("name", ["", "Big", "a b", "../x", "concepts", "-x", "x-", "drugname", "x.yaml"])
def test_names_that_cannot_be_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a monograph"):
        write_skeleton(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_skeleton("zumab", tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="is there already"):
        write_skeleton("zumab", tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
