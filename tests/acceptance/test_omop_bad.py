"""OMOP databases that cannot be read: one clear sentence each."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from posology.errors import InputError, UsageError
from posology.screen.omop_location import refuse_unknown_scheme, shown
from posology.screen.omop_source import OmopSource
from tests.omop import duck, folder, index, table, three
from tests.postgres import Server, fill, program, server


def refused(location, kind=InputError) -> str:
    with pytest.raises(kind) as wrong:
        OmopSource.open(location, index())
    assert wrong.value.__cause__ is None
    return str(wrong.value)


def without(*names, **more):
    return {name: rows for name, rows in three().items() if name not in names} | more


PERSONS = {
    "empty": (table([{"person_id": 1}]).slice(1), "the table person is empty"),
    "text": (table([{"person_id": "1"}], person_id=pa.string()), "person_id of person is of type varchar"),
    "float": (table([{"person_id": 1.0}], person_id=pa.float64()), "person_id of person is of type double"),
    "nameless": (table([{"person": 1}]), "the table person has no column person_id"),
}


@pytest.mark.parametrize("name", PERSONS)
def test_a_wrong_table_of_persons(tmp_path, name):
    persons, message = PERSONS[name]
    assert message in refused(folder(tmp_path / "cdm", without(person=persons)))
    assert message in refused(duck(tmp_path / "cdm.duckdb", without(person=persons)))


def test_no_cdm(tmp_path):
    assert "has no table 'person'" in refused(folder(tmp_path / "a", without("person")))
    (tmp_path / "b").mkdir()
    assert "has no table 'person'" in refused(tmp_path / "b")
    assert "nothing to read" in refused(folder(tmp_path / "c", {"person": three()["person"]}))
    bare = table([{"person_id": 1, "drug_exposure_id": 4}])
    message = refused(folder(tmp_path / "d", without(drug_exposure=bare)))
    assert message.endswith("the table drug_exposure has no column drug_concept_id")


def test_ids_of_the_vocabulary_are_whole_numbers(tmp_path):
    words = table([{"concept_id": "1", "concept_code": "82423001"}], concept_id=pa.string())
    message = refused(folder(tmp_path, without(concept=words)))
    assert message.endswith("concept_id of concept is of type varchar; the CDM has whole numbers there")


def test_files_that_are_none(tmp_path):
    assert "there is no such file or folder" in refused(tmp_path / "nothing.duckdb")
    (tmp_path / "x.duckdb").write_bytes(b"not a database at all" * 1000)
    assert "cannot be opened as a DuckDB database" in refused(tmp_path / "x.duckdb")
    files = folder(tmp_path / "cdm", three())
    (files / "person.parquet").write_bytes(b"PAR1 or not")
    assert "'person' cannot be read as Parquet" in refused(files)
    assert "the folder of the vocabulary is not there" in refused(
        f"{folder(tmp_path / 'ok', three())}?vocabulary=no"
    )


def test_locations_that_are_none(tmp_path):
    assert "the option 'colour' is not known" in refused(f"{tmp_path}?colour=red", UsageError)
    for address in (
        "postgresql://u:pw@[x/y",
        "postgresql://u:pw@h:99999/d",
        "postgresql://u:pw@h/d?nonsense=1",
        "postgresql://u:pw#x@h/d",
    ):
        message = refused(address, UsageError)
        assert "pw" not in message


def test_a_library_that_is_missing_is_named_with_its_extra(tmp_path, monkeypatch):
    files = folder(tmp_path, three())
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert "pip install 'posology[screen]'" in refused(files, UsageError)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'posology[postgres]'" in refused("postgresql://u@h/d", UsageError)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("postgresql://me:pw@h:5/d", "postgresql://me:***@h:5/d"),
        ("postgresql://me:p@w/x@h/d", "postgresql://me:***@h/d"),
        ("postgresql://h/d?user=me&password=pw&schema=x", "postgresql://h/d?user=me&password=***&schema=x"),
        ("postgresql://me@h/d", "postgresql://me@h/d"),
        ("data/cdm", "data/cdm"),
        ("PostgreSQL://me:pw@h/d", "PostgreSQL://me:***@h/d"),
        ("postgresql+psycopg://me:pw@h/d", "postgresql+psycopg://me:***@h/d"),
        ("mssql://me:pw@h", "mssql://me:***@h"),
        ("postgres:me:pw@h", "postgres:me:***@h"),
        ("/home/me/PostgreSQL:/me:p/w@h/d", "/home/me/PostgreSQL:/me:***@h/d"),
        ("me:pw@h/d", "me:***@h/d"),
        ("host=h password='p w' user=me", "host=h password=*** user=me"),
        ("password=pw host=h", "password=*** host=h"),
    ],
)
def test_a_location_is_shown_without_its_password(location, said):
    assert shown(location) == said


@pytest.mark.parametrize(
    "location",
    [
        "postgresql+psycopg://u:secret@h/db",
        "mssql://u:secret@h/db",
        "MySQL://u:secret@h/db",
        "postgres:u:secret@h",
        "jdbc:postgresql://u:secret@h/db",
        "s3://bucket/cdm",
    ],
)
def test_an_address_of_a_kind_that_is_not_known_is_refused(location):
    for refuse in (refuse_unknown_scheme, lambda text: OmopSource.open(text, index())):
        with pytest.raises(UsageError) as wrong:
            refuse(location)
        assert "postgresql://" in str(wrong.value)
        assert "duckdb:" in str(wrong.value)
        assert "secret" not in str(wrong.value)
        assert wrong.value.__cause__ is None


def test_other_locations_are_not_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("odd:name@x").mkdir()
    for text in (
        "data/cdm",
        "C:\\data\\me@work",
        "odd:name@x",
        "a@b",
        "x:y",
        "duckdb:///a/b.duckdb",
        "DuckDB:cdm@1.duckdb",
        "PostgreSQL://u:pw@h/db",
        "omop:folder",
    ):
        refuse_unknown_scheme(text)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    if program("pg_ctl") is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    with server() as running:
        yield running


def test_postgresql_that_does_not_answer(postgres):
    cases = {
        postgres.address(password="wrong"): "the server refused the user or the password",
        postgres.address("nothing"): "there is no such database",
        "postgresql://me:pw@127.0.0.1:1/d": "the server cannot be reached",
        "postgresql://me:pw@no-such-host.invalid/d": "the server cannot be reached",
        postgres.address() + "?schema=no": "there is no schema 'no'",
        postgres.address(): "has no table 'person'",
    }
    for address, said in cases.items():
        message = refused(address)
        assert said in message
        assert ":***@" in message
    fill(postgres.address(), three(), "one")
    fill(postgres.address(), three(), "two")
    assert "2 schemas hold a table 'person' (one, two)" in refused(postgres.address())
    fill(postgres.address(), without(person=PERSONS["text"][0]), "public")
    assert "person_id of person is of type text" in refused(postgres.address())
