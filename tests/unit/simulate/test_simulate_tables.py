"""The folder of tables: columns as documented, private, all or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from posology.errors import InputError, UsageError
from posology.simulate import tables
from posology.simulate.tables import TABLES
from tests.unit.simulate.simulating import plainol

ASKED = {"population": 50, "outputs": ["plainol", "mu-loose"], "washout": True, "compare": True}


def test_tables_have_their_documented_columns_and_agree_with_the_result(tmp_path: Path) -> None:
    out = tmp_path / "sim"
    asked = plainol("100 mg po q24h x2", "50 mg po q24h x2", out=out, individuals=True, **ASKED)
    assert sorted(each.name for each in out.iterdir()) == [
        *("curves.csv", "curves.parquet", "differences.csv", "differences.parquet", "people.parquet"),
        *("run.json", "summary.csv", "summary.parquet"),
    ]
    assert out.stat().st_mode & 0o777 == 0o700
    told = json.loads((out / "run.json").read_text())
    for name, columns in TABLES.items():
        table = pq.read_table(out / f"{name}.parquet")
        assert table.column_names == [each.name for each in columns]
        assert table.num_rows == told["rows"][name] > 0
    curves = pq.read_table(out / "curves.parquet")
    shown = [each for arm in asked.arms for curve in arm.curves for each in curve.typical]
    assert curves.column("typical").to_pylist() == pytest.approx(shown)
    assert pyarrow.csv.read_csv(out / "summary.csv").num_rows == told["rows"]["summary"]
    assert told["seed"] == 1
    assert "curves" not in told["arms"][0]
    assert {"kinetics", "posology", "monograph"} <= set(told["versions"])


def test_the_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        plainol("100 mg po q24h x2", "50 mg po", out=tmp_path / name, **ASKED)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep me")
    with pytest.raises(UsageError, match="not empty"):
        plainol("100 mg po", out=tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        plainol("100 mg po", out=tmp_path / "mine")
    with pytest.raises(UsageError, match="there is no folder"):
        plainol("100 mg po", out=tmp_path / "no" / "where")


def test_a_run_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.pa_csv, "write_csv", full)
    with pytest.raises(InputError, match="No space left"):
        plainol("100 mg po", out=tmp_path / "sim")
    assert not list(tmp_path.iterdir())

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tables.pa_csv, "write_csv", stopped)
    with pytest.raises(KeyboardInterrupt):
        plainol("100 mg po", out=tmp_path / "sim")
    assert not list(tmp_path.iterdir())
