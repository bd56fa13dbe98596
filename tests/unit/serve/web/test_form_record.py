"""Answers of the short form as a record: unknown stays unknown, and none is not the same as not known."""

from datetime import date

import pytest

from posology import api
from posology.serve.web.answers import Answers, Given, Medicine, Wrong, understood
from posology.serve.web.choices import choices, every_result
from posology.serve.web.fields import Fields
from posology.serve.web.form_record import amended, bundle, written

ON = date(2026, 6, 30)
LISTS = {
    "conditions": "the problem list",
    "medicines": "the current medicines",
    "allergies": "the allergy list, or that there is none",
}


@pytest.fixture(scope="module")
def engine():
    return api.engine()


def asked(engine, answers, use="fibromyalgia"):
    drug = "naltrexone"
    record = bundle(answers, ON, engine.library.vocabulary, choices(engine.library, drug).planned)
    return api.check(record, drug=drug, use=use, on=ON, monographs=engine)


def gaps(result) -> dict[str, str]:
    return {gap.what: gap.why for gap in result.missing}


def types(record) -> list[str]:
    return [entry["resource"]["resourceType"] for entry in record["entry"]]


def test_nothing_answered_is_a_patient_of_whom_nothing_is_known(engine):
    record = bundle(Answers(), ON, engine.library.vocabulary)
    assert record["entry"] == [{"resource": {"resourceType": "Patient", "id": "case"}}]
    result = asked(engine, Answers())
    assert result.verdict == "cannot-tell"
    assert {*LISTS.values(), "date of birth", "pregnancy status within the last 14 days"} <= set(gaps(result))


@pytest.mark.parametrize("name", LISTS)
def test_none_is_known_and_not_known_is_not(engine, name):
    assert LISTS[name] not in gaps(asked(engine, Answers(**{f"{name}_are": "none"})))
    assert LISTS[name] in gaps(asked(engine, Answers(**{f"{name}_are": "unknown"})))


def test_a_list_that_may_hold_more_leaves_its_kind_open(engine):
    listed = {"conditions": ("fibromyalgia",), "medicines_are": "none", "allergies_are": "none"}
    whole = asked(engine, Answers(**listed, conditions_are="these"))
    open_ = asked(engine, Answers(**listed, conditions_are="some"))
    assert not any("further-conditions-not-known" in what for what in gaps(whole))
    assert any("further-conditions-not-known" in what for what in gaps(open_))
    assert open_.use.recorded == "met"
    assert open_.verdict == "cannot-tell"


def test_pregnancy_has_three_answers(engine):
    def status(known):
        found = asked(engine, Answers(age=30, sex="female", pregnancy=known, conditions_are="none")).findings
        return next(each.status for each in found if each.statement == "pregnancy")

    assert [status(each) for each in (True, False, None)] == ["met", "not-met", "unknown"]


@pytest.mark.parametrize("age", [0, 17, 18, 64, 65, 130])
@pytest.mark.parametrize("on", [ON, date(2028, 2, 29), date(2026, 1, 1)])
def test_an_age_is_so_many_completed_years(engine, age, on):
    record = bundle(Answers(age=age), on, engine.library.vocabulary)
    born = date.fromisoformat(record["entry"][0]["resource"]["birthDate"])
    assert on.year - born.year - ((on.month, on.day) < (born.month, born.day)) == age


def test_the_day_of_the_last_dose_decides_until_when_to_wait(engine):
    # The labels ask for 7 to 10 opioid-free days; the statement uses 10.
    medicine = Medicine("tramadol", "stopped", "2026-06-25")
    result = asked(engine, Answers(medicines=(medicine,), medicines_are="these"))
    assert [each.until for each in result.reasons] == ["2026-07-05"]
    assert result.reasons[0].entries[0].date == "2026-06-25"


def test_a_medicine_that_nobody_knows_about_is_not_taken_for_stopped(engine):
    unknown = asked(engine, Answers(medicines=(Medicine("oxycodone", "unknown"),), medicines_are="these"))
    assert any("opioids are being taken" in what for what in gaps(unknown))


def test_an_operation_without_a_day_is_not_certain(engine):
    planned = asked(engine, Answers(planned=True))
    assert "planned, but not certain or without a date" in gaps(planned).values()
    dated = bundle(Answers(planned=True, planned_on="2026-07-03"), ON, engine.library.vocabulary, "surgery")
    assert dated["entry"][-1]["resource"]["occurrenceDateTime"] == "2026-07-03"


def test_free_text_is_kept_as_it_was_written(engine):
    hostile = "<script>alert(1)</script> \u202eesrever"
    record = bundle(
        Answers(
            conditions=(hostile,),
            conditions_are="these",
            medicines=(Medicine(hostile),),
            medicines_are="these",
        ),
        ON,
        engine.library.vocabulary,
    )
    assert record["entry"][1]["resource"]["code"] == {"text": hostile}
    assert record["entry"][2]["resource"]["medicationCodeableConcept"] == {"text": hostile}


@pytest.mark.parametrize("ref", ["Patient/vega-patient", "Patient"])
def test_a_record_is_amended_for_its_own_patient(engine, ref):
    patient = {"resourceType": "Patient", **({"id": "vega-patient"} if "/" in ref else {})}
    record = written({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]})
    answers = Answers(
        age=44, sex="female", allergies_are="none", results=(Given("alt", "22 U/L", "2026-06-20"),)
    )
    before = api.check(record, drug="naltrexone", use="fibromyalgia", on=ON, monographs=engine)
    made = amended(record, answers, ON, engine.library.vocabulary, before.patient)
    after = api.check(made, drug="naltrexone", use="fibromyalgia", on=ON, monographs=engine)
    assert {"ALT within the last 90 days", "date of birth", LISTS["allergies"]} <= set(gaps(before))
    assert not {"ALT within the last 90 days", "date of birth", LISTS["allergies"]} & set(gaps(after))
    assert not after.unreadable
    assert not after.set_aside


def test_what_a_record_says_of_the_patient_is_not_overwritten(engine):
    record = b'{"resourceType": "Patient", "id": "a", "birthDate": "1950-01-01"}'
    made = amended(record, Answers(age=20, sex="male"), ON, engine.library.vocabulary, "Patient/a")
    assert b"1950-01-01" in made
    assert b"male" in made
    assert b"2006" not in made


def test_lines_of_resources_become_a_bundle(engine):
    lines = b'{"resourceType": "Patient", "id": "a"}\n{"resourceType": "Condition", "id": "c"}\n'
    made = amended(lines, Answers(allergies_are="none"), ON, engine.library.vocabulary, "Patient/a")
    assert made.count(b'"resource"') == 3


def form(**texts) -> Fields:
    return Fields(
        {
            name.replace("__", ".").replace("_", "-"): [each] if isinstance(each, str) else each
            for name, each in texts.items()
        }
    )


def read(engine, **texts) -> Answers:
    return understood(form(**texts), every_result(engine.library), ON)


def test_names_without_a_word_about_the_rest_may_not_be_all(engine):
    assert read(engine, condition=["gout", ""]).conditions_are == "some"
    assert read(engine, condition="gout", conditions_are="these").conditions_are == "these"


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"age": "forty"}, "age"),
        ({"age": "-1"}, "age"),
        ({"age": "131"}, "age"),
        ({"age": "٤٤"}, "age"),
        ({"sex": "F"}, "sex"),
        ({"conditions_are": "none", "condition": "gout"}, "conditions-are"),
        ({"conditions_are": "these"}, "conditions-are"),
        ({"value__alt": "high"}, "value.alt"),
        ({"value__alt": "1e3"}, "value.alt"),
        ({"value__alt": "22", "unit__alt": "stone"}, "value.alt"),
        ({"value__alt": "22", "on__alt": "2026-07-01"}, "on.alt"),
        ({"medicine": "tramadol", "medicine_last": "2027-01-01"}, "medicine-last-0"),
        ({"medicine": "", "medicine_last": "2026-01-01"}, "medicine-last-0"),
        ({"planned": "yes", "planned_on": "soon"}, "planned-on"),
    ],
)
def test_what_cannot_be_understood_is_named(engine, texts, field):
    with pytest.raises(Wrong) as told:
        read(engine, **texts)
    assert list(told.value.problems) == [field]


def test_everything_wrong_is_told_at_once(engine):
    with pytest.raises(Wrong) as told:
        read(engine, age="x", value__alt="y")
    assert set(told.value.problems) == {"age", "value.alt"}


def test_a_number_with_a_comma_and_a_comparator(engine):
    given = read(engine, value__bilirubin="<0,4", on__bilirubin="2026-06-01").results
    assert given == (Given("bilirubin", "<0.4 mg/dL", "2026-06-01"),)


def test_a_result_that_is_judged_by_its_limit_has_one(engine):
    given = read(engine, value__bilirubin="0.5", limit__bilirubin="1,2").results
    assert given == (Given("bilirubin", "0.5 mg/dL", ON.isoformat(), "1.2 mg/dL"),)
    why = "the multiple of the upper limit of normal cannot be computed: no reference range"
    assert not any(why in each for each in gaps(asked(engine, Answers(results=given))).values())
    without = (Given("bilirubin", "0.5 mg/dL", ON.isoformat()),)
    assert any(why in each for each in gaps(asked(engine, Answers(results=without))).values())
