"""The short form: what was entered counts, or the page says that it does not."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.served import post

RECORD = (Path(__file__).parents[2] / "examples" / "fibromyalgia-complete.json").read_bytes()
UNKNOWN = b'{"resourceType": "Patient", "id": "p", "gender": "unknown", "birthDate": "19xx"}'
QUESTION = {"drug": "naltrexone", "use": "chronic-pain", "on": "2026-11-23"}
TRAMADOL = {"medicine": "tramadol", "medicine-when": "now", "medicine-last": ""}


def sent(path, *, file=b"", **fields):
    parts = [
        (name, (None, text))
        for name, texts in (QUESTION | fields).items()
        for text in (texts if isinstance(texts, list) else [texts])
    ]
    return post(path, files=[*parts, *([("file", ("record.json", file))] if file else [])])


def hidden(page):
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"pregnancy": "yes"}, "the answers of the short form"),
        ({"planned-on": "2026-11-30"}, "the answers of the short form"),
        (TRAMADOL, "the answers of the short form"),
        ({"paste": "{}"}, "the pasted text"),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("use", ["chronic-pain", ""])
def test_a_file_is_answered_alone_and_the_rest_is_named_as_not_used(fields, told, use):
    page = sent("/check", file=RECORD, way="file", **(fields | {"use": use}))
    assert page.status_code == 200
    assert ("<strong>Not used:</strong>" in page.text) == bool(told)
    assert told in page.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"value.alt": "1,200"}, "two ways"),
        ({"value.platelets": "< 150,000"}, "two ways"),
        ({"value.bilirubin": "1", "limit.bilirubin": "1,200"}, "upper limit of normal is a number"),
        ({"on.alt": "2026-11-01"}, "no result"),
        ({"limit.bilirubin": "1.2"}, "no result"),
        ({"age": "0000999"}, "from 0 to 130"),
        (TRAMADOL | {"medicine-last": "2026-09-20"}, "taken now, and last taken on 2026-09-20"),
        ({"planned-on": "30 Nov"}, "30 Nov"),
    ],
)
def test_what_cannot_be_understood_is_not_passed_over(fields, told):
    page = sent("/check", way="form", **fields)
    assert page.status_code == 422
    assert told in html.unescape(page.text)


@pytest.mark.parametrize("value", ["1,2", "0,125", "1200", "1.200", "12,5", "1234,5"])
def test_a_decimal_comma_is_one(value):
    assert sent("/check", way="form", **{"value.alt": value}).status_code == 200


def test_the_day_of_an_operation_says_that_one_is_planned():
    page = sent("/check", way="form", age="45", planned="", **{"planned-on": "2026-11-30"})
    assert "Decided by <bdi>2026-11-30" in page.text


def test_a_medicine_named_later_does_not_replace_those_of_the_form():
    first = sent("/check", way="form", age="45", **(TRAMADOL | {"medicine": "methadone"}))
    later = TRAMADOL | {
        "medicine": ["tramadol", ""],
        "medicine-when": ["stopped", "now"],
        "medicine-last": ["2026-01-01", ""],
    }
    again = sent("/check/again", **(hidden(first.text) | later))
    form = sent("/check", way="edit", answers=hidden(again.text)["answers"])
    medicines = re.findall(r'name="medicine" [^>]*value="([^"]+)"', form.text)
    assert medicines == ["methadone", "tramadol"]
    whens = re.findall(r'<option value="(\w+)" selected', form.text.partition('name="medicine-when"')[2])
    assert whens[:2] == ["now", "stopped"]


def test_sex_and_age_that_say_nothing_can_be_filled_in():
    first = sent("/check", way="paste", paste=UNKNOWN.decode())
    assert 'name="age"' in first.text
    again = sent("/check/again", **(hidden(first.text) | {"age": "45", "sex": "female"}))
    assert 'name="age"' not in again.text
    assert 'name="sex"' not in again.text


def test_of_two_regimens_none_is_passed_over():
    page = sent("/plan", drug="naltrexone", regimen="ldn-titration", rx="50 mg po q24h", start="2026-12-01")
    assert page.status_code == 422
    assert "not both" in page.text


def test_a_condition_that_nobody_offered_is_shown_with_the_answer():
    page = sent("/check", way="form", condition=["Acute hepattis", "fibromyalgia"], allergy="penicillin")
    assert "<bdi>Acute hepattis; penicillin</bdi>" in page.text
