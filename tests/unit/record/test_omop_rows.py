"""What rows of the other clinical tables mean, as resources and as entries."""

import pytest

from posology.record.omop.tables import TABLES, line
from tests.omop import concept, record, resource, terms

PAIN = concept(1, "Chronic pain", "SNOMED", "82423001", "Clinical Finding", "Condition")
DAY = {"condition_start_date": "2020-01-05", "condition_concept_id": 1}


def pain(**cells):
    return resource("condition_occurrence", terms(PAIN), **{**DAY, **cells})


def state(made):
    return record(made).hits["chronic-pain"][0].entry.state


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"gender_concept_id": 8507, "year_of_birth": 1980}, {"gender": "male", "birthDate": "1980"}),
        ({"gender_concept_id": 0, "gender_source_value": " F "}, {"gender": "female"}),
        ({"gender_concept_id": 8521}, {"gender": "other"}),
        ({"gender_concept_id": 0, "gender_source_value": "X9"}, {}),
        ({"year_of_birth": 1980, "month_of_birth": 3}, {"birthDate": "1980-03"}),
        ({"year_of_birth": 1980, "month_of_birth": 3, "day_of_birth": 9}, {"birthDate": "1980-03-09"}),
        # With parts missing, the specification has birth_datetime made up.
        ({"year_of_birth": 1980, "birth_datetime": "1980-06-15 00:00:00"}, {"birthDate": "1980"}),
        ({"birth_datetime": "1980-06-17 00:00:00"}, {"birthDate": "1980-06-17"}),
        ({"deaths": 1, "death_date": "2020-02-02"}, {"deceasedDateTime": "2020-02-02"}),
        ({"deaths": 1}, {"deceasedBoolean": True}),
        ({}, {}),
    ],
)
def test_a_person(cells, said):
    made = resource("person", **cells)
    assert made == {"resourceType": "Patient", "id": "1", **said}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, "yes"),
        # Only the end of an entry of a problem list, or of a condition said to be resolved, is the condition's.
        ({"condition_end_date": "2021-01-01", "condition_type_concept_id": 32840}, "past"),
        ({"condition_end_date": "2021-01-01", "condition_status_concept_id": 32906}, "past"),
        ({"condition_end_date": "2020-01-05", "condition_type_concept_id": 32840}, "yes"),
        ({"condition_end_date": "2019-12-01", "condition_type_concept_id": 32840}, "yes"),
        # That of others is often the end of a visit: whether the condition ended with it is not known.
        ({"condition_end_date": "2021-01-01"}, "unsure now"),
        ({"condition_end_date": "2020-01-09", "condition_type_concept_id": 0}, "unsure now"),
        ({"condition_end_date": "2020-01-09", "condition_type_concept_id": 32817}, "unsure now"),
        ({"condition_end_date": "2021-01-01", "condition_type_concept_id": 32821}, "unsure now"),
        ({"condition_end_date": "2021-01-01", "condition_type_concept_id": 32020}, "unsure now"),
        ({"condition_end_date": "2021-01-01", "condition_type_concept_id": 38000200}, "unsure now"),
        ({"condition_end_date": "2020-01-05"}, "yes"),
        ({"condition_end_date": "2019-12-01"}, "yes"),
        ({"condition_status_concept_id": 32899}, "unsure"),
        ({"condition_status_concept_id": 32893}, "yes"),
        ({"condition_status_concept_id": 32906}, "past"),
        ({"condition_status_concept_id": 32902}, "yes"),
    ],
)
def test_a_condition(cells, expected):
    assert state(pain(**cells)) == expected


def test_a_refuted_condition_is_set_aside():
    known = record(pain(condition_status_concept_id=0, condition_status_source_value="Refuted"))
    assert not known.hits
    assert known.set_aside[0].reason == "refuted"


@pytest.mark.parametrize(
    ("cells", "codes", "how", "certain"),
    [
        ({"condition_source_value": "82423001  "}, "", "code", True),
        ({"condition_source_value": "82423001.0"}, "", "code", True),
        ({"condition_source_value": "G8929  "}, "ICD10CM", "code prefix", True),
        ({"condition_source_value": "Chronic pain"}, "", "name", True),
    ],
)
def test_a_source_value_without_a_concept(cells, codes, how, certain):
    made = resource(
        "condition_occurrence",
        None,
        codes,
        condition_concept_id=0,
        condition_start_date="2020-01-05",
        **cells,
    )
    assert [(hit.how, hit.certain) for hit in record(made).hits["chronic-pain"]] == [(how, certain)]


def alt(known=None, **cells):
    cells = {"measurement_source_value": "1742-6", "measurement_date": "2026-06-20", **cells}
    return resource("measurement", known, measurement_concept_id=0, **cells)


@pytest.mark.parametrize(
    ("operator", "sign"),
    [(4171756, "<"), (4171754, "<="), (4172703, None), (4172704, ">"), (4171755, ">="), (0, None), (99, "?")],
)
def test_a_number_with_its_operator(operator, sign):
    made = alt(value_as_number=40.0, operator_concept_id=operator, unit_source_value="U/L")
    assert made["valueQuantity"].get("comparator") == sign
    value = record(made).hits["alt"][0].entry.value
    assert bool(value.problem) == (sign == "?")


def test_a_unit_is_the_concepts_else_the_sources():
    unit = concept(8645, "unit per liter", "UCUM", "U/L", "Unit")
    made = alt(terms(unit), value_as_number=40.0, unit_concept_id=8645, unit_source_value="ukat/l")
    assert made["valueQuantity"]["code"] == "U/L"
    assert alt(value_as_number=40.0, unit_concept_id=8645, unit_source_value=" U/L ")["valueQuantity"] == {
        "value": 40.0,
        "unit": "U/L",
    }


def test_a_reference_range_has_the_unit_of_the_result():
    made = alt(value_as_number=90.0, range_low=0.0, range_high=33.0, unit_source_value="U/L")
    value = record(made).hits["alt"][0].entry.value
    assert (value.range_high, value.range_unit) == (33.0, "U/L")
    assert "referenceRange" not in alt(value_as_number=90.0, range_low=0.0, range_high=0.0)


def test_results_that_are_no_numbers():
    positive = concept(45884084, "Positive", "LOINC", "LA6576-8", "Answer")
    assert alt(terms(positive), value_as_concept_id=45884084)["valueCodeableConcept"]["text"] == "Positive"
    assert alt(value_source_value=" NEG ")["valueString"] == "NEG"
    assert alt(value_as_number=5.0, value_source_value="5.0").keys() & {"valueString"} == set()
    empty = record(alt(value_as_concept_id=0))
    assert empty.set_aside[0].reason == "no value"


ALLERGY = concept(439224, "Allergy to drug", "SNOMED", "416098002", "Clinical Finding", "Observation")
DRUG = concept(1714319, "naltrexone", "RxNorm", "7243", "Ingredient", "Drug")
HISTORY = concept(1340204, "History of event", "OMOP Extension", "OMOP5165859", "Context-dependent")
FAMILY = concept(4167217, "Family history of clinical finding", "SNOMED", "416471007", "Context-dependent")
ALL = terms(PAIN, ALLERGY, DRUG, HISTORY, FAMILY)


def seen(number, known=ALL, **cells):
    return resource(
        "observation", known, observation_concept_id=number, observation_date="2020-01-05", **cells
    )


def test_allergies():
    for made in (
        seen(439224, value_as_concept_id=1714319),
        seen(439224, value_as_string="naltrexone"),
        seen(439224, observation_source_concept_id=1714319, observation_source_value="7243"),
        seen(439224, observation_source_value="naltrexone"),
    ):
        assert made["resourceType"] == "AllergyIntolerance"
        assert "naltrexone-allergy" in record(made).hits
    none = seen(5, terms(concept(5, "No known allergy", "SNOMED", "716186003", "Situation")))
    assert none["resourceType"] == "AllergyIntolerance"
    assert "allergies" in record(none).present


def test_a_finding_among_observations_is_a_condition():
    assert state(seen(1)) == "yes"
    assert state(seen(1, value_as_concept_id=4188539)) == "yes"
    denied = record(seen(1, value_as_concept_id=4188540))
    assert not denied.hits
    assert denied.set_aside[0].reason == "refuted"


TO_NALTREXONE = concept(10, "Allergy to naltrexone", "SNOMED", "293806003", "Clinical Finding")
DEPENDENCE = concept(11, "Opioid dependence", "SNOMED", "75544000", "Clinical Finding", "Condition")
ANSWERS = (
    concept(20, "Anaphylaxis", "SNOMED", "39579001", "Clinical Finding"),
    concept(21, "Yes", "PPI", "Yes", "Answer"),
    concept(22, "Severe", "SNOMED", "24484000", "Qualifier Value"),
    concept(23, "No (qualifier value)", "SNOMED", "1", "Qualifier Value"),
    concept(24, "Absent", "SNOMED", "2667000", "Qualifier Value"),
)
VALUES = {
    # What is said besides: an allergy, and a condition, that has it.
    "nothing": ({}, "yes", "yes"),
    "reaction": ({"value_as_string": "anaphylaxis"}, "yes", "unsure"),
    "coded reaction": ({"value_as_concept_id": 20}, "yes", "unsure"),
    "Y": ({"value_as_string": "Y"}, "yes", "yes"),
    "true": ({"value_source_value": "TRUE"}, "yes", "yes"),
    "1": ({"value_as_string": " 1 "}, "yes", "yes"),
    "the number 1": ({"value_as_number": 1.0}, "yes", "yes"),
    "the number 7": ({"value_as_number": 7.0}, "yes", "unsure"),
    "known yes": ({"value_as_concept_id": 4188539}, "yes", "yes"),
    "another yes": ({"value_as_concept_id": 21}, "yes", "yes"),
    "a concept that is not known": ({"value_as_concept_id": 999}, "yes", "unsure"),
    "qualifier": ({"qualifier_source_value": "severe"}, "yes", "yes"),
    "coded qualifier": ({"qualifier_concept_id": 22}, "yes", "yes"),
    "how bad": ({"value_as_string": "Moderate"}, "yes", "yes"),
    "in remission": ({"value_as_string": "in remission"}, "yes", "unsure"),
    "no within words": ({"value_as_string": "no longer, unknown"}, "yes", "unsure"),
    "normal": ({"value_as_string": "nothing of note"}, "yes", "unsure"),
    "known no": ({"value_as_concept_id": 4188540}, None, None),
    "another no": ({"value_as_concept_id": 23}, None, None),
    "N": ({"value_as_string": "N"}, None, None),
    "none": ({"value_as_string": "None"}, None, None),
    "denied": ({"value_source_value": "denied"}, None, None),
    "qualified as absent": ({"qualifier_concept_id": 24}, None, None),
    "no and yes": ({"value_as_concept_id": 4188540, "value_as_string": "yes"}, "yes", "unsure"),
    "yes, absent": ({"value_as_string": "yes", "qualifier_source_value": "absent"}, "yes", "unsure"),
}


@pytest.mark.parametrize("name", VALUES)
def test_an_allergy_or_a_condition_with_a_value_is_never_lost(name):
    cells, allergy, condition = VALUES[name]
    known = terms(TO_NALTREXONE, DEPENDENCE, *ANSWERS)
    for number, hit, expected in (
        (10, "naltrexone-allergy", allergy),
        (11, "opioid-use-disorder", condition),
    ):
        made = record(seen(number, known, **cells))
        if expected is None:
            assert hit not in made.hits
            assert made.set_aside[0].reason == "refuted"
        else:
            assert made.hits[hit][0].entry.state == expected


def test_so_is_one_whose_concept_is_not_known():
    named = {"observation_source_value": "opioid dependence"}
    for value, expected in (("Yes", "yes"), ("severe", "yes"), ("in remission", "unsure")):
        made = record(seen(0, terms(), **named, value_as_string=value))
        assert made.hits["opioid-use-disorder"][0].entry.state == expected
    assert record(seen(0, terms(), **named, value_as_string="no")).set_aside[0].reason == "refuted"
    score = concept(6, "Opioid dependence score", "LOINC", "99999-9", "Survey")
    assert seen(6, terms(score), value_as_number=3.0)["resourceType"] == "Observation"


def test_allergies_of_which_the_value_does_not_say_to_what():
    for value in ("Y", "anaphylaxis"):
        made = seen(439224, observation_source_value="naltrexone", value_as_string=value)
        assert "naltrexone-allergy" in record(made).hits
    denied = record(seen(439224, value_as_string="No"))
    assert denied.set_aside[0].reason == "refuted"
    none = concept(5, "No known allergy", "SNOMED", "716186003", "Situation")
    assert "allergies" in record(seen(5, terms(none), value_as_string="yes")).present
    # Whatever this is, it does not say that there are none.
    assert "allergies" not in record(seen(5, terms(none), value_as_string="see letter")).present


def test_histories():
    assert state(seen(1340204, value_as_concept_id=1)) == "unsure now"
    family = seen(4167217, value_as_concept_id=1)
    assert family["resourceType"] == "FamilyMemberHistory"
    assert record(family).set_aside[0].reason == "family history, not the patient's"


def test_questions_stay_observations():
    asked = concept(6, "Tobacco smoking status", "LOINC", "72166-2", "Survey")
    assert seen(6, terms(asked))["resourceType"] == "Observation"
    assert seen(6, terms(asked), value_as_string="never")["valueString"] == "never"
    assert seen(6, terms(asked), value_as_number=3.0)["valueQuantity"] == {"value": 3.0}
    assert seen(0, terms(), observation_source_value="99999")["resourceType"] == "Observation"


def test_a_procedure():
    made = resource(
        "procedure_occurrence",
        procedure_concept_id=0,
        procedure_source_value="Total knee replacement",
        procedure_date="2026-05-01",
    )
    assert (made["status"], made["performedDateTime"]) == ("completed", "2026-05-01")


def test_rows_that_cannot_be_read_say_why_and_where_and_nothing_else():
    table = TABLES["condition_occurrence"]

    def told(**cells):
        return line(table, tuple(cells.get(name) for name in table.columns), terms())

    lost = told(condition_occurrence_id="5")
    assert (lost.patient, lost.json) == ("", None)
    assert lost.place == "condition_occurrence:condition_occurrence_id=5"
    assert "person_id" in lost.problem
    bad = told(person_id="-3", condition_start_date="secret")
    assert bad.problem == "condition_start_date is not a date"
    assert bad.place == "condition_occurrence:a row without an id"
    assert told(person_id="-3", condition_concept_id="secret").problem == "concept_id is not a number"


def test_a_person_with_an_impossible_birthday_has_a_problem():
    table = TABLES["person"]
    cells = {"person_id": "1", "year_of_birth": "1980", "month_of_birth": "2", "day_of_birth": "30"}
    made = line(table, tuple(cells.get(name) for name in table.columns), terms())
    assert (made.json, made.problem) == (None, "day_of_birth is not a date")
