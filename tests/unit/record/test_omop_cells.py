import pytest

from posology.record.omop.cells import BadRow, day, decimal, moment, whole
from posology.record.omop.vocabularies import dotted, fits, is_name, self_told, tidy, uri


@pytest.mark.parametrize(
    ("date_text", "datetime_text", "said"),
    [
        ("2026-06-20", None, "2026-06-20"),
        ("2026-06-20", "2026-06-20 08:30:00", "2026-06-20T08:30:00Z"),
        ("2026-06-20", "2026-06-20 08:30:00.250000+00", "2026-06-20T08:30:00.250000Z"),
        ("2026-06-20", "2026-06-20 00:00:00", "2026-06-20"),
        ("2026-06-20", "2026-06-21 08:30:00", "2026-06-20"),
        ("2026-06-20 00:00:00", None, "2026-06-20"),
        (None, "2026-06-20 08:30:00", "2026-06-20T08:30:00Z"),
        (None, None, None),
        (" ", "", None),
    ],
)
def test_a_date_decides_and_a_time_of_day_is_added_where_it_is_known(date_text, datetime_text, said):
    assert moment("measurement_date", date_text, datetime_text) == said


@pytest.mark.parametrize(
    "text", ["20.6.2026", "2026-02-30", "0044-03-15 (BC)", "infinity", "2026-06-20x", "20260620"]
)
def test_what_is_no_date_names_the_column_and_not_the_value(text):
    with pytest.raises(BadRow) as wrong:
        day("condition_start_date", text)
    assert str(wrong.value) == "condition_start_date is not a date"


def test_numbers():
    assert whole("concept_id", " 12 ") == 12
    assert whole("concept_id", "8507.0") == 8507
    assert whole("concept_id", "-7671795861352464589") == -7671795861352464589
    assert whole("concept_id", None) is whole("concept_id", "") is None
    assert decimal("value_as_number", "1e3") == 1000
    assert decimal("value_as_number", "nan") is None
    for text in ("x", "1.5"):
        with pytest.raises(BadRow):
            whole("concept_id", text)
    for text in ("x", "inf"):
        with pytest.raises(BadRow):
            decimal("value_as_number", text)


@pytest.mark.parametrize(
    ("code", "vocabulary"),
    [
        ("82423001", "SNOMED"),
        ("1121000119107", "SNOMED"),
        ("72514-3", "LOINC"),
        ("1742-6", "LOINC"),
        ("82423002", ""),  # wrong check digit
        ("1742-5", ""),
        ("1043400", ""),  # RxNorm
        ("F11.20", ""),
        ("", ""),
    ],
)
def test_codes_with_a_check_digit_tell_whose_they_are(code, vocabulary):
    assert self_told(code) == vocabulary


def test_source_codes_as_exports_leave_them():
    assert tidy(" 2809   ") == "2809"
    assert tidy("308182.0") == "308182"
    assert tidy("250.0") == "250.0"
    assert dotted("ICD10CM", "F1120") == "F11.20"
    assert dotted("ICD10CM", "F11.20") == "F11.20"
    assert dotted("ICD9CM", "2809") == "2809"
    assert is_name("Caffeine Citrate 1 Syringe")
    assert is_name("tramadol")
    assert not any(map(is_name, ["F11.20", "OMOP4873903", "J2315", "00002751001", "72514-3", ""]))
    assert fits("RxNorm", "1043400")
    assert not fits("RxNorm", "tramadol")
    assert not fits("SNOMED", "1043400")
    assert uri("RxNorm Extension") == "urn:omop:vocabulary:RxNorm%20Extension"
