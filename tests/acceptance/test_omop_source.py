"""OMOP from Parquet, DuckDB and PostgreSQL: the same rows become the same lines."""

import multiprocessing
import os
import pickle
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest

import posology
from posology.api import check
from posology.errors import InputError
from posology.screen.omop_source import OmopSource, is_omop
from posology.screen.units import Unit
from tests.omop import LATE, concept, duck, folder, index, table, three, vocabulary
from tests.postgres import PASSWORD, Server, fill, program, server

PAIN, ACHE, CRAMP = (
    concept(1, "Chronic pain", "SNOMED", "82423001", "Clinical Finding"),
    concept(77, "Persistent ache", "SNOMED", "999000001", "Clinical Finding"),
    concept(78, "Persistent cramp", "SNOMED", "999000002", "Clinical Finding"),
)


pytestmark = pytest.mark.xdist_group("postgresql")  # one server, whose tables one test after the other adds


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    if program("pg_ctl") is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    with server() as running:
        yield running


def lines(location, rows=1, **options):
    """All lines of a database, read in units that went through JSON."""
    with OmopSource.open(location, index()) as source:
        units = msgspec.json.decode(msgspec.json.encode(source.units(rows)), type=list[Unit])
        return sorted(line for unit in units for line in source.lines(unit))


def test_parquet_and_duckdb_give_the_same_lines_however_they_are_split(tmp_path):
    files = folder(tmp_path / "cdm", three())
    expected = lines(files)
    assert len(expected) == 7
    assert not any(line.problem for line in expected)
    assert lines(files, rows=1000) == expected
    upper = {
        name.upper(): rows.rename_columns([c.upper() for c in rows.column_names])
        for name, rows in three().items()
    }
    assert lines(folder(tmp_path / "UPPER", upper)) == expected
    parts = tmp_path / "parts"
    for name, rows in three().items():
        folder(parts / name, {"part-0": rows.slice(0, 1), "part-1": rows.slice(1)})
    assert lines(parts) == expected
    file = duck(tmp_path / "cdm.duckdb", three())
    assert lines(file) == lines(f"duckdb://{file}") == expected
    named = duck(tmp_path / "named.duckdb", three(), 'My "CDM"')
    assert lines(named) == expected
    assert is_omop(files)
    assert is_omop(f"duckdb://{file}")
    assert is_omop(f"{file}?schema=main")
    assert lines(f"{file}?schema=main") == lines(f"DuckDB://{file}?schema=main") == expected
    assert not is_omop(tmp_path)


def test_postgresql_gives_the_same_lines(tmp_path, postgres):
    expected = lines(folder(tmp_path / "cdm", three()))
    fill(postgres.address(), three())
    fill(postgres.address(), three(), "Upper case", upper=True)
    assert lines(postgres.address()) == expected
    assert lines(postgres.address() + "?schema=Upper%20case", rows=1000) == expected
    assert lines(postgres.address().replace("postgresql", "PostgreSQL")) == expected
    for name in ("100%s", "a%%b %(c)s %"):
        fill(postgres.address(), three(), name)
        address = f"{postgres.address()}?schema={quote(name)}"
        for rows in (1, 1000):
            assert lines(address, rows) == expected


def test_a_population_is_screened_from_every_database_alike(tmp_path, postgres):
    """The whole run, in processes of its own; and of a database nothing is written down that opens it."""
    fill(postgres.address(), three(), "people")
    places = {
        "parquet": str(folder(tmp_path / "cdm", three())),
        "duckdb": f"duckdb://{duck(tmp_path / 'cdm.duckdb', three())}",
        "postgresql": f"{postgres.address()}?schema=people",
    }
    answers = {}
    for name, place in places.items():
        out = tmp_path / name
        told = posology.screen(
            place, drug="naltrexone", use="chronic-pain", on="2026-06-30", out=out, workers=1
        )
        assert told["source"]["kind"] == f"omop-{name}"
        assert told["patients"]["patients"] == 3
        answers[name] = [
            pq.read_table(out / f"{each}.parquet") for each in ("verdicts", "findings", "set_aside")
        ]
        assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in out.iterdir())
        person = answers[name][0].column("patient")[0].as_py()
        assert posology.explain(out, person).patient == f"Patient/{person}"
    assert answers["parquet"] == answers["duckdb"] == answers["postgresql"]


def test_the_vocabulary_widens_in_both_databases(tmp_path, postgres):
    words = vocabulary([PAIN, ACHE, CRAMP], [(77, 1), (78, 1), (1, 1)])
    expected = lines(folder(tmp_path / "cdm", three() | words))
    ache = next(line for line in expected if line.place.endswith("condition_occurrence_id=6"))
    assert b'"urn:posology:ancestor:http://snomed.info/sct","code":"82423001"' in ache.json
    apart = folder(tmp_path / "apart", three())
    assert lines(f"{apart}?vocabulary={folder(tmp_path / 'words', words)}") == expected
    fill(postgres.address(), three() | words, "cdm")
    assert lines(postgres.address() + "?schema=cdm") == expected
    fill(postgres.address(), words, "words")
    fill(postgres.address(), three(), "facts")
    assert lines(postgres.address() + "?schema=facts&vocabulary=words") == expected


def test_what_a_person_has_is_checked_like_a_record(tmp_path):
    mine = [line.json for line in lines(folder(tmp_path, three())) if line.patient == "1"]
    result = check(b"\n".join(mine), drug="naltrexone", use="chronic-pain", on="2026-06-30").to_dict()
    assert result["verdict"] == "not-now"
    reasons = {reason["statement"] for reason in result["reasons"]}
    assert "short-acting-opioid-within-interval" in reasons


def test_describe_tells_what_is_there_and_what_that_means(tmp_path):
    unread = {"note": table([{"note_id": 1, "person_id": 1}])}
    with OmopSource.open(folder(tmp_path / "plain", three() | unread), index()) as source:
        told = source.describe()
    assert source.kind == told["kind"] == "omop-parquet"
    assert told["cdm_version"] == "5.4"
    assert told["tables"]["person"] == 3
    assert told["missing_tables"] == ["observation", "procedure_occurrence"]
    assert told["unread_tables"] == {"note": 1}
    assert told["vocabulary"]["means"] == "source codes and names only"
    msgspec.json.encode(told)
    for pairs, means in (([(77, 1)], "codes widen to descendants"), (None, "no ancestors")):
        files = folder(tmp_path / means, three() | vocabulary([PAIN], pairs))
        with OmopSource.open(files, index()) as source:
            assert means in source.describe()["vocabulary"]["means"]


def test_rows_without_a_person_and_deaths_of_nobody_are_told(tmp_path):
    tables = three()
    tables["death"] = table([{"person_id": 99}, {"person_id": None}, {"person_id": LATE}])
    tables["observation"] = table([{"observation_id": 4, "person_id": None, "observation_concept_id": 0}])
    found = lines(folder(tmp_path, tables))
    problems = {(line.patient, line.place, line.problem) for line in found if line.problem}
    nobody = "person_id is empty, so nobody can say whose it is"
    assert problems == {
        ("99", "death:person_id=99", "person_id is not in the table person"),
        ("", "death:a row without an id", nobody),
        ("", "observation:observation_id=4", nobody),
    }
    person = next(line.json for line in found if line.place == f"person:person_id={LATE}")
    assert b'"deceasedBoolean":true' in person


def test_source_codes_are_read_in_the_vocabulary_that_coded_rows_show(tmp_path):
    coded = [concept(1000 + n, f"Tablet {n}", "RxNorm", str(5000 + n)) for n in range(30)]
    rows = [
        {
            "drug_exposure_id": n,
            "person_id": 1,
            "drug_concept_id": 1000 + n if n < 30 else 0,
            "drug_source_concept_id": 1000 + n if n < 30 else 0,
            "drug_source_value": str(5000 + n) if n < 30 else "7243",
        }
        for n in range(31)
    ]
    with OmopSource.open(
        folder(tmp_path, three() | vocabulary(coded, []) | {"drug_exposure": table(rows)}), index()
    ) as source:
        units = [unit for unit in source.units(1000) if unit.table == "drug_exposure"]
        made = {line.place: line.json for unit in units for line in source.lines(unit)}
    assert [unit.codes for unit in units] == ["RxNorm"]
    assert b'umls/rxnorm","code":"7243"' in made["drug_exposure:drug_exposure_id=30"]


def test_a_duckdb_file_cannot_make_us_read_other_files(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("person_id\n1\n", encoding="utf-8")
    file = duck(tmp_path / "cdm.duckdb", {name: rows for name, rows in three().items() if name != "person"})
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE VIEW person AS SELECT * FROM read_csv('{secret}')")
    with pytest.raises(InputError):
        OmopSource.open(file, index())
    with (
        OmopSource.open(duck(tmp_path / "a.duckdb", three()), index()) as one,
        OmopSource.open(tmp_path / "a.duckdb", index()) as two,
    ):
        assert one.describe() == two.describe()


def test_a_fingerprint_changes_with_the_data(tmp_path, postgres):
    changed = three()
    changed["person"] = table([{"person_id": 1}, {"person_id": 2}, {"person_id": LATE - 1}])
    later = three()
    moved = later["drug_exposure"].to_pylist()
    later["drug_exposure"] = table([{**moved[0], "drug_exposure_start_date": date(2026, 6, 2)}])
    for number, make in enumerate((folder, duck)):
        found = []
        for name, tables in (("a", three()), ("b", changed), ("c", later)):
            place = make(tmp_path / f"{number}{name}", tables)
            with (
                OmopSource.open(f"omop:{place}", index()) as one,
                OmopSource.open(f"omop:{place}", index()) as two,
            ):
                found.append(one.fingerprint())
                assert msgspec.json.decode(msgspec.json.encode(two.fingerprint())) == found[-1]
        tables = [msgspec.json.encode([row for row in each if row[0] == "table"]) for each in found]
        assert len(set(tables)) == 3
        assert any(row[0] == "file" for row in found[0])
    same = make(tmp_path / "same", three())
    with OmopSource.open(f"omop:{same}", index()) as source:
        before = source.fingerprint()
    os.utime(same, ns=(1, 1))
    with OmopSource.open(f"omop:{same}", index()) as source:
        assert source.fingerprint() != before
    fill(postgres.address(), three(), "print")
    with OmopSource.open(f"{postgres.address()}?schema=print", index()) as source:
        told = source.fingerprint()
    assert ["table", "drug_exposure", 1, "3", "3", "2026-06-01", "2026-06-01"] in told
    assert PASSWORD not in str(told)


def _count(location: str, unit: Unit) -> int:
    with OmopSource.open(location, index()) as source:
        return sum(1 for _ in source.lines(unit))


def test_a_source_is_opened_anew_in_another_process(tmp_path):
    files = str(folder(tmp_path, three()))
    with OmopSource.open(files, index()) as source, pytest.raises(TypeError):
        pickle.dumps(source)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_count, (files, Unit("omop", table="person"))) == 3


def test_no_password_is_ever_told(postgres):
    fill(postgres.address(), three(), "told")
    with OmopSource.open(f"{postgres.address()}?schema=told", index()) as source:
        told = [f"{source.describe()} {source.shown} {source!r} {source.units(5)!r}"]
    with pytest.raises(InputError) as wrong:
        OmopSource.open(postgres.address(password="wrong-%40-secret"), index())
    told.append(f"{wrong.value} {wrong.value!r} {wrong.value.__cause__}")
    assert wrong.value.__suppress_context__
    for secret in (PASSWORD, "s3cr", "wrong-", "secret"):
        assert secret not in "".join(told)
