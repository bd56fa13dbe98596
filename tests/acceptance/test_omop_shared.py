"""The shared OMOP sets: every row becomes a line or has a problem, and people are answered for."""

from collections import Counter, defaultdict

import duckdb
import pytest

from posology.api import check
from posology.record.omop.tables import TABLES
from posology.screen.omop_source import OmopSource
from posology.screen.units import Unit
from tests.generative.bundles import data
from tests.omop import index

SETS = {
    "omop53-mimic-iv-demo": ("5.3.1", "source codes and names only"),
    "omop53-gibleed": ("5.3.1", "codes widen to descendants"),
    "omop54-synthea27nj": ("5.4", "no ancestors"),
}


@pytest.fixture(params=SETS)
def source(request):
    here = data()
    if here is None or not (here / request.param).is_dir():
        pytest.skip(f"{request.param} is not here; set POSOLOGY_DATA to the folder that holds it")
    with OmopSource.open(here / request.param, index()) as opened:
        yield request.param, opened, here / request.param


def test_every_row_is_accounted_for_and_people_are_answered_for(source):
    name, opened, place = source
    told = opened.describe()
    version, means = SETS[name]
    assert told["cdm_version"].removeprefix("v") == version
    assert means in told["vocabulary"]["means"]
    ids = [
        row[0]
        for row in duckdb.execute(
            "SELECT person_id FROM read_parquet(?) ORDER BY 1", [str(place / "person.parquet")]
        ).fetchall()
    ]
    last = ids[min(60, len(ids) - 1)]
    people, problems, rows = defaultdict(list), Counter(), Counter()
    for unit in opened.units(10**9):
        first = (
            unit
            if unit.table == "death"
            else Unit("omop", table=unit.table, parts=2, high=last, codes=unit.codes)
        )
        for line in opened.lines(first):
            rows[unit.table] += 1
            if line.json is None:
                problems[line.problem] += 1
            else:
                people[int(line.patient)].append(line.json)
    assert not problems
    assert len(people) == ids.index(last)
    for table in TABLES:
        if table in told["tables"]:
            counted = duckdb.execute(
                "SELECT count(*) FROM read_parquet(?) WHERE person_id < ?",
                [str(place / f"{table}.parquet"), last],
            ).fetchone()
            assert rows[table] == counted[0]
    for person, lines in list(people.items())[:20]:
        result = check(b"\n".join(lines), drug="naltrexone", use="chronic-pain", on="2026-06-30").to_dict()
        assert result["patient"] == f"Patient/{person}"
        assert result["counts"]["read"] == len(lines)
