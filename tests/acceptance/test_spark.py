"""`--engine spark` gives what the local engine gives: the same bytes, whatever the input is like."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from posology import api
from posology.errors import InputError, KnowledgeError, PosologyError, UsageError
from posology.screen import run as local
from posology.screen import spark, spark_session, spark_tasks
from posology.screen.fhir_export import FhirExport
from posology.screen.process import Job
from posology.screen.results import knowledge_of
from tests.acceptance import spark_exports
from tests.generative.bundles import data

pytestmark = pytest.mark.xdist_group("spark")
LARGE = (data() or Path()) / "synthea-py-r4-enriched"
MEMORY = 8_000_000
"""So little that a small input is read in several pieces."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Spark for all tests."""
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'posology[spark]'")
    if spark_session._java() is None:
        pytest.skip("there is no Java runtime here, which Spark needs")
    with spark_session.session("local[2]", tmp_path_factory.mktemp("spark")):
        yield


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spark_exports.own(tmp_path_factory.mktemp("own") / "export")


def asked(source: Path) -> tuple[Job, dict[str, str]]:
    engine = api.engine()
    uses = engine.planner("naltrexone").uses
    product = uses.product(uses.named("chronic-pain"), None)
    day = date(2026, 7, 1)
    job = Job("naltrexone", "chronic-pain", day, "US", product, None, str(source), "fhir", 1, 1)
    return job, knowledge_of(engine.library, job.drug)


def on_spark(source: FhirExport, folder: Path, out: Path, **more: Any) -> dict[str, Any]:
    job, knowledge = asked(folder)
    return spark.run(job, source, out, memory=MEMORY, knowledge=knowledge, **more)


def locally(folder: Path, out: Path) -> dict[str, Any]:
    job, knowledge = asked(folder)
    return local.run(job, FhirExport(folder), out, workers=2, memory=MEMORY, knowledge=knowledge)


def agree(one: Path, other: Path) -> None:
    """Two results folders hold the same, but for which engine they name."""
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    told = []
    for name in names:
        if name == "run.json":
            told = [json.loads((folder / name).read_bytes()) for folder in (one, other)]
            assert [each.pop("engine") for each in told] == ["local", "spark"]
        else:
            assert (one / name).read_bytes() == (other / name).read_bytes(), name
    assert told[0] == told[1]


@pytest.mark.usefixtures("session")
def test_the_same_results_from_an_export_with_everything(export: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int, int]] = []
    ran = on_spark(FhirExport(export), export, tmp_path / "spark", progress=lambda *now: seen.append(now))
    told = locally(export, tmp_path / "local")
    agree(tmp_path / "local", tmp_path / "spark")
    assert ran["input"]["malformed"] >= 4
    assert ran["damaged_files"] == ["Encounter.ndjson.gz"]
    assert ran["patients"]["patients"] == spark_exports.PEOPLE + 3
    assert ran["quarantined"] == told["quarantined"]
    assert seen[0][:2] == ("reading", 0)
    assert seen[-1] == ("answering", ran["partitions"], ran["partitions"], spark_exports.PEOPLE + 3)
    assert {path.name for path in tmp_path.iterdir()} == {"local", "spark"}


@pytest.mark.usefixtures("session")
def test_an_interrupted_run_goes_on_where_it_stopped(export: Path, tmp_path: Path) -> None:
    def stop(step: str, done: int, total: int, patients: int) -> None:
        if step == "answering":
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(local.Interrupted, match="--resume"):
        on_spark(FhirExport(export), export, out, progress=stop)
    with pytest.raises(UsageError, match="--resume"):
        on_spark(FhirExport(export), export, out)
    job, knowledge = asked(export)
    with pytest.raises(UsageError, match="--engine is not the same"):
        local.run(job, FhirExport(export), out, workers=1, memory=MEMORY, knowledge=knowledge, resume=True)
    reduce_one(tmp_path / "out.partial" / "work", 1)
    seen: list[tuple[str, int, int, int]] = []
    ran = on_spark(FhirExport(export), export, out, resume=True, progress=lambda *now: seen.append(now))
    assert seen[0][1] == seen[0][2], "what was mapped is not mapped again"
    assert ("answering", 1, ran["partitions"]) in [each[:3] for each in seen]
    locally(export, tmp_path / "local")
    agree(tmp_path / "local", out)


def reduce_one(work: Path, part: int) -> None:
    """Do one partition, as when a run was stopped in the middle of the second step."""
    plan = json.loads((work / "plan.json").read_bytes())
    job = msgspec.convert(plan["job"], Job)
    task = spark_tasks.Task(spark_tasks.Settings(job, str(work), plan["knowledge"], "test"))
    none = pa.array([], pa.int32())
    table = pa.Table.from_batches(
        [batch for number in range(len(plan["units"])) for batch in task.rows(number, none)]
    )
    task.reduce(part, table.filter(pc.equal(table["part"], part)))


@pytest.mark.usefixtures("session")
@pytest.mark.skipif(not LARGE.exists(), reason="the large synthetic export is not on this machine")
def test_the_same_results_from_a_part_of_a_large_export(tmp_path: Path) -> None:
    export = spark_exports.part_of(LARGE, tmp_path / "export", 12)
    ran = on_spark(FhirExport(export), export, tmp_path / "spark")
    locally(export, tmp_path / "local")
    agree(tmp_path / "local", tmp_path / "spark")
    assert ran["patients"]["patients"] == 12


@pytest.mark.usefixtures("session")
def test_what_fails_on_an_executor_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()

    class Gone(FhirExport):
        """An input that an executor does not see."""

        def fingerprint(self) -> list[Any]:
            found = super().fingerprint()
            shutil.move(folder, tmp_path / "elsewhere")
            return found

        def units(self, size: int) -> list[Any]:
            return [spark_tasks.Unit("lines", ("Ms-Rosalind-Secret.ndjson",), 0, 10)]

    (folder / "Ms-Rosalind-Secret.ndjson").write_bytes(b'{"resourceType":"Patient","id":"secret"}\n')
    with pytest.raises(InputError) as failed:
        on_spark(Gone(folder), folder, tmp_path / "out")
    said = str(failed.value)
    assert "cannot read the input" in said
    assert "ecret" not in said
    assert "\n" not in said


@pytest.mark.usefixtures("session")
def test_an_executor_with_other_knowledge_is_refused(export: Path, tmp_path: Path) -> None:
    job, knowledge = asked(export)
    other = {**knowledge, "vocabulary": "another"}
    with pytest.raises(KnowledgeError, match="every machine needs the same"):
        spark.run(job, FhirExport(export), tmp_path / "out", knowledge=other)


# --- without Spark --------------------------------------------------------------------------------------


def test_without_pyspark_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(UsageError, match=r"pip install 'posology\[spark\]'") as refused:
        spark_session.check(None)
    assert refused.value.exit_code == 2


def test_without_java_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, export: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'posology[spark]'")
    for name in ("JAVA_HOME", *spark_session._SPARK_ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(spark_session, "_active", lambda: None)
    with pytest.raises(UsageError, match="Java runtime, 17 or newer") as refused:
        on_spark(FhirExport(export), export, tmp_path / "out")
    assert refused.value.exit_code == 2
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="JAVA_HOME"):
        spark_session.check("local[2]")


def test_spark_connect_is_refused() -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'posology[spark]'")
    with pytest.raises(UsageError, match="Spark Connect"):
        spark_session.check("sc://somewhere")


def test_an_error_loses_the_values_it_speaks_of() -> None:
    def fails() -> Any:
        raise ValueError("Ms Secret, born 1980")

    with pytest.raises(spark_tasks.Trouble) as stripped:
        spark_tasks.answer(1, fails)
    assert str(stripped.value).startswith("[[posology: ValueError in ")
    assert "Secret" not in str(stripped.value)
    assert stripped.value.__suppress_context__


def test_an_error_of_this_program_comes_back_as_what_it_was() -> None:
    def fails() -> Any:
        raise KnowledgeError("naltrexone/safety.yaml:3: says nothing: at all")

    row = spark_tasks.answer(1, fails).to_pylist()[0]
    error = spark_session.raised(row["problem"])
    assert type(error) is KnowledgeError
    assert str(error) == "naltrexone/safety.yaml:3: says nothing: at all"
    assert type(spark_session.raised("Other: words")) is PosologyError


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Job aborted … PythonException: [[posology: vm: cannot read]] at java.base", "vm: cannot read"),
        ("ModuleNotFoundError: No module named 'posology'", "have no posology"),
        ("java.lang.OutOfMemoryError: Java heap space", "less --memory"),
        ("ExecutorLostFailure (executor 3 exited", "less --memory"),
        ("java.io.IOException: No space left on device", "disk is full"),
        ("something about Ms Secret", "RuntimeError"),
    ],
)
def test_what_spark_says_is_put_in_plain_words(text: str, means: str) -> None:
    said = spark_session.meaning(RuntimeError(text))
    assert means in said
    assert "Secret" not in said
