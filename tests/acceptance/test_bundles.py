"""All shared Bundles are answered without error, for every drug, and every entry is accounted for."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import posology
from posology.check.result import Result, Survey
from posology.monograph.load import load_library
from tests.generative.bundles import ROOT, shared

from .bundles_table import HEAD, ON, main

FILES = shared()
EXPECTED = 49
needed = pytest.mark.skipif(
    not FILES, reason="the shared Bundles are not here; set POSOLOGY_DATA to the folder that holds bundles/"
)
DRUGS = load_library().names()


def adds_up(result: Result, resources: int) -> bool:
    """Is every resource of the file read, and each of them accounted for?"""
    counts = result.counts
    parts = sum(counts[each] for each in ("matched", "unmatched", "set_aside", "unreadable"))
    return counts["read"] == parts == resources


@needed
def test_all_are_there() -> None:
    assert len(FILES) == EXPECTED


@needed
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_drug_has_an_answer(path: Path) -> None:
    whole = json.loads(gzip.decompress(path.read_bytes()))
    resources = sum("resource" in entry for entry in whole["entry"])
    for drug in DRUGS:
        result = posology.check(path, drug=drug, use="chronic-pain", on=ON)
        assert adds_up(result, resources), drug


@needed
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_without_a_use_every_use_is_answered(path: Path) -> None:
    survey = posology.check(path, drug="naltrexone", on=ON)
    assert isinstance(survey, Survey)
    assert len({each.use.id for each in survey.results}) == len(survey.results) > 1
    assert len({tuple(sorted(each.counts.items())) for each in survey.results}) == 1


@needed
def test_the_table_has_a_line_for_each(tmp_path: Path) -> None:
    main(str(tmp_path / "table.tsv"))
    lines = (tmp_path / "table.tsv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + EXPECTED
    assert all(line.count("\t") == len(HEAD) - 1 for line in lines)


def test_the_table_is_not_written_into_the_repository() -> None:
    with pytest.raises(SystemExit, match="inside the repository"):
        main(str(ROOT / "table.tsv"))
