"""The figures of results made by hand, counted by hand."""

import json

import pytest

from posology.errors import InputError, UsageError
from posology.monograph.load import load_library
from posology.screen import figures
from posology.screen.disclosure import bounds, narrowed
from posology.screen.figures import STAGES, compute, shown
from posology.screen.tables import SCHEMAS

from . import made
from .made import ALT, LIST, Person, Told

PREGNANT, ACUTE, TAKEN = "pregnancy", "acute-hepatitis-us", "opioid-taken-now"


@pytest.fixture(scope="module")
def library():
    return load_library()


def blocked(*missing, statement="allergy-to-naltrexone", verdict="cannot-tell"):
    return Told(statement, verdict, False, missing=missing)


SOME = [
    Person(age=9),
    Person(
        "with-precautions",
        told=[Told("biologics", "with-precautions", kind="interaction", how="name")],
        age=90,
    ),
    Person(
        "avoid", told=[Told(PREGNANT, "avoid", how="code"), Told(TAKEN, "not-now", how="code")], sex="male"
    ),
    Person("avoid", told=[Told(PREGNANT, "avoid"), Told(ACUTE, "avoid")], sex="unknown", age=None),
    Person("not-now", told=[Told(TAKEN, "not-now", how="ingredient code")], sex=None, age=100),
    Person("cannot-tell", told=[blocked((ALT, "not recorded"))]),
    Person(
        "cannot-tell",
        told=[
            blocked((ALT, "not recorded"), (LIST, "the record has no allergies")),
            blocked((ALT, "the latest is of 2019"), statement=ACUTE),
            blocked(("PEG", "not recorded"), statement="pain-asked", verdict="with-precautions"),
        ],
    ),
    Person(
        "cannot-tell",
        indication="unknown",
        told=[blocked(("what Condition/c77 says", "Condition/c77 cannot"))],
    ),
    Person("suitable", indication="not-met", unreadable=2),
    Person("avoid", dead=True, told=[Told(PREGNANT, "avoid", how="code")], others=("Gone",)),
    Person("stop", "taking", told=[Told(PREGNANT, "stop"), Told(TAKEN, "hold")]),
    Person("hold", "taking", told=[Told(TAKEN, "hold")], others=("Aspirin", "Aspirin")),
    Person("continue", "taking", others=("Aspirin", "Rare")),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory, library):
    folder = made.write(
        tmp_path_factory.mktemp("run") / "a [b]* 'c'",
        SOME,
        [
            ("p1", "set-aside", "entered in error"), ("p2", "set-aside", "entered in error"),
            ("p1", "set-aside", "no value (John Smith)"), ("p2", "set-aside", "no value (x)"),
            ("p1", "set-aside", "a rare one"), ("p3", "refused", "Jane"),
            ("p1", "unreadable", "the date 'Jane' is odd"),
        ],
        [
            {"file": "Condition.ndjson", "line": 3, "category": "malformed", "reason": "is empty"},
            {"file": "Condition.ndjson", "line": 4_000, "category": "malformed", "reason": "is empty"},
            {"file": "b/Jane.json", "line": None, "place": "Patient/jane", "category": "wrong shape", "reason": "Jane"},
        ],
        source={"files": [{"file": "b/Jane.json"}, {"file": "Condition.ndjson", "bytes": 5}]},
        patients={"people_without_patient": 4, "people_refused": 1},
        input={"by_type": {"Condition": 90, "Jane": 2, "": 1, "Patient": 13}},
        damaged_files=["b/Jane.json"],
    )  # fmt: skip
    return compute(folder, library, 2)


def people(found, *key):
    return found.people.get(key, 0)


def test_everybody_is_counted_once(found):
    assert people(found, "people") == 18
    assert people(found, "unjudged") == 5
    assert people(found, "answered") == 13
    assert people(found, "dead") == 1
    assert people(found, "living") == 12
    assert people(found, "stage", "starting") == 9
    assert people(found, "stage", "taking") == 3
    verdicts = {key[1:]: count for key, count in found.people.items() if key[0] == "verdict" and count}
    assert verdicts == made.tally(SOME, "stage", "verdict")


def test_all_sums_add_up(found):
    for each in found.sums:
        assert found.people[each.total] == sum(found.people[key] for key in each.parts), each


def test_steps(found):
    assert [people(found, "indication", name) for name in ("met", "not-met", "unknown")] == [7, 1, 1]
    assert people(found, "out", "no-indication") == 2
    assert [people(found, "out", name) for name in ("avoid", "not-now", "cannot-tell")] == [2, 1, 2]
    assert people(found, "left", "could-start") == 2
    assert people(found, "left", "suitable") == people(found, "left", "with-precautions") == 1


def test_reasons_of_a_step_are_the_first_of_each_person(found):
    assert found.first == {
        "avoid": {PREGNANT: 2},
        "not-now": {TAKEN: 1},
        "cannot-tell": {"allergy-to-naltrexone": 2},
    }


def test_statements(found):
    assert people(found, "met", "starting", PREGNANT, "contraindication", "avoid") == 2
    assert people(found, "met", "starting", TAKEN, "contraindication", "not-now") == 2
    assert people(found, "met", "taking", TAKEN, "contraindication", "hold") == 2
    assert people(found, "unknown", "starting", ACUTE, "contraindication", "cannot-tell") == 1
    assert people(found, "alone", "starting", PREGNANT) == 1
    assert people(found, "alone", "taking", TAKEN) == 1
    assert people(found, "alone", "starting", ACUTE) == 0
    assert people(found, "stopped") == 2


def test_missing(found):
    unread = "what an entry says that cannot be read"
    assert found.missing == (ALT, "PEG", LIST, unread)
    assert {name: people(found, "missing", name) for name in found.missing} == {
        ALT: 2,
        "PEG": 1,
        LIST: 1,
        unread: 1,
    }
    assert people(found, "missing-open", ALT) == people(found, "missing-quite", ALT) == 1
    assert people(found, "missing-quite", LIST) == 1
    # Of three who wait, one lacks only ALT, one lacks the list too, and one what an entry says.
    assert [people(found, "missing-alone", name) for name in found.missing] == [1, 0, 0, 1]


def test_age_and_sex(found):
    ages = {
        key[1]: count for key, count in found.people.items() if key[0] == "age" and len(key) == 2 and count
    }
    assert ages == {"0–9": 1, "40–49": 8, "90 and over": 2, "not known": 1}
    sexes = {
        key[1]: count for key, count in found.people.items() if key[0] == "sex" and len(key) == 2 and count
    }
    assert sexes == {"female": 9, "male": 1, "not known": 2}
    assert people(found, "sex", "male", "4") == 1


def test_medicines_are_named_only_if_many_take_them(found):
    assert found.medicines == ("Aspirin",)
    assert people(found, "medicine", "Aspirin") == 2
    assert people(found, "with-medicines") == 2
    assert people(found, "with-unreadable") == 1


def test_matches(found):
    assert found.matches == {"code": (2, 0), "ingredient code": (1, 0), "name": (1, 0)}


def test_quality_names_nobody(found):
    quality = found.quality
    assert quality.read == 100 == sum(count for _, count in quality.parts)
    assert [(row.kind, row.reason, row.entries) for row in quality.asides] == [
        ("set-aside", "entered in error", 2),
        ("set-aside", "no value", 2),
        ("set-aside", "other reasons", 1),
        ("unreadable", "an element cannot be used", 1),
    ]
    assert [(row.category, row.file, row.count, row.places, row.reason) for row in quality.quarantined] == [
        ("malformed", "Condition.ndjson", 2, ("line 3", "line 4,000"), "is empty"),
        ("wrong shape", "file 1 of 2", 1, (), "an element cannot be used"),
    ]
    assert quality.damaged == ("file 1 of 2",)
    assert quality.by_type == (("Condition", 90), ("Patient", 13), ("no type of FHIR R4", 3))
    assert "Jane" not in repr(quality)


@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("Condition.ndjson", "Condition.ndjson"),
        ("x/Condition.ndjson.gz", "Condition.ndjson.gz"),
        ("Condition.000.ndjson", "Condition.000.ndjson"),
        ("1.Patient.ndjson", "1.Patient.ndjson"),
        ("Patient-Jane.ndjson", "file 8 of 9"),
        ("Jane.ndjson", "file 8 of 9"),
        ("Patient-19421224.ndjson", "file 8 of 9"),
        ("Patient.json", "file 8 of 9"),
    ],
)
def test_names_of_files(tmp_path, file, label):
    files = [{"file": f"f{number}"} for number in range(7)] + [{"file": file}, {"file": "z"}]
    results = figures.Results(made.write(tmp_path / "run", [], source={"files": files}))
    assert results.label(file) == label


def test_nobody_at_all(tmp_path, library):
    empty = compute(made.write(tmp_path / "run", []), library)
    assert people(empty, "people") == 0
    assert empty.missing == empty.medicines == ()
    assert empty.rows["starting"]


def test_statements_that_are_known_no_more(tmp_path, library):
    folder = made.write(
        tmp_path / "run",
        [Person("avoid", told=[Told("gone-by-now", "avoid"), Told("open-by-now", "cannot-tell", False)])],
        knowledge={"monograph": "of-old"},
    )
    old = compute(folder, library)
    assert old.changed[0] == "monograph"
    gone = [(row.finding.statement, row.verdict) for row in old.rows["starting"] if not row.known]
    assert gone == [("gone-by-now", "avoid"), ("open-by-now", "cannot-tell")]


def test_a_few_without_answer_do_not_hide_the_rest(tmp_path, library):
    few = {"people_without_patient": 2, "people_refused": 1}
    people = [Person(dead=number < 4) for number in range(2_000)]
    counts = shown(compute(made.write(tmp_path / "run", people, patients=few), library), 11, True)
    told = {key[0]: tuple(counts[key]) for key in [("people",), ("answered",), ("dead",), ("living",)]}
    assert told == {
        "people": ("coarse", 2000), "answered": ("coarse", 2000), "dead": ("small", None), "living": ("about", 1995),
    }  # fmt: skip


def test_rows_are_the_statements_in_scope(found, library):
    rows = {row.finding.statement: row for row in found.rows["starting"]}
    assert rows[PREGNANT].verdict == "avoid"
    assert rows[PREGNANT].finding.sources[0].title
    assert {row.verdict for row in found.rows["starting"] if row.asks} == {"cannot-tell", "with-precautions"}
    assert set(found.rows) == set(STAGES)


@pytest.mark.parametrize("size", [5, 40, 300])
def test_nothing_small_can_be_worked_out_of_the_whole_report(tmp_path, library, size):
    crowd = compute(made.write(tmp_path / "run", made.crowd(size, size, library)), library)
    counts = shown(crowd, 11, True)
    reach = narrowed({key: bounds(count, 11) for key, count in counts.items()}, crowd.sums)
    totals = {key: each.total for each in crowd.sums for key in each.parts}
    for key, count in crowd.people.items():
        low, high = reach[key]
        assert low <= count <= high
        if 0 < count < 11:
            assert counts[key].kind in ("small", "hidden")
            if counts.get(totals.get(key, key), counts[key]).value is not None:
                assert low <= 1
                assert high >= 10
    assert all(each.kind == "exact" for each in shown(crowd, 11, False).values())


# --- folders that are none ---------------------------------------------------------------------------------


def test_no_folder_of_results(tmp_path, library):
    with pytest.raises(InputError, match=r"there is no run\.json"):
        compute(tmp_path, library)
    with pytest.raises(InputError, match=r"there is no run\.json"):
        compute(tmp_path / "nowhere", library)


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "[" * 100_000, '{"format": 1}', "\xff"])
def test_a_run_that_is_none(tmp_path, library, text):
    folder = made.write(tmp_path / "run", [])
    (folder / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"run\.json: is (not what|of format)"):
        compute(folder, library)


@pytest.mark.parametrize("other", [2, "1", None, True])
def test_another_format(tmp_path, library, other):
    folder = made.write(tmp_path / "run", [], format=other)
    with pytest.raises(InputError, match="format"):
        compute(folder, library)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_table_that_is_not_there_or_none(tmp_path, library, name):
    folder = made.write(tmp_path / "run", SOME)
    table = folder / f"{name}.parquet"
    table.write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        compute(folder, library)
    other = "set_aside" if name == "verdicts" else "verdicts"
    table.write_bytes((folder / f"{other}.parquet").read_bytes())
    with pytest.raises(InputError, match="not as expected"):
        compute(folder, library)
    table.unlink()
    with pytest.raises(InputError, match="not complete"):
        compute(folder, library)


def test_a_quarantine_that_is_none(tmp_path, library):
    folder = made.write(tmp_path / "run", [])
    (folder / "quarantine.ndjson").write_text("secret\n")
    with pytest.raises(InputError, match=r"quarantine\.ndjson:1") as wrong:
        compute(folder, library)
    assert "secret" not in str(wrong.value)
    (folder / "quarantine.ndjson").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        compute(folder, library)


@pytest.mark.parametrize("asked", [{"drug": "nothing"}, {"use": "nothing"}])
def test_a_question_of_other_knowledge(tmp_path, library, asked):
    with pytest.raises(UsageError, match="nothing"):
        compute(made.write(tmp_path / "run", [], question=asked), library)


def test_run_json_is_as_a_run_writes_it():
    assert set(json.loads(json.dumps(made.run(0)))) <= {
        "format", "program", "knowledge", "question", "source", "input", "damaged_files", "patients", "quarantined",
        "rows", "partitions",
    }  # fmt: skip
