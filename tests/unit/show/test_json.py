import json

import jsonschema
import pytest
from msgspec.structs import fields, replace

from posology.check.result import Result
from posology.show import schema
from posology.show.json import render

from .factory import ALL, FORBIDDEN, HOSTILE, hostile, result

VALIDATOR = jsonschema.Draft202012Validator(schema.schema(), format_checker=jsonschema.FormatChecker())
KEYS = [
    "verdict",
    "stage",
    "question",
    "earliest",
    "reasons",
    "missing",
    "precautions",
    "monitoring",
    "next",
    "disputes",
    "set_aside",
    "findings",
    "versions",
]


@pytest.mark.parametrize("name", ALL)
def test_every_answer_fits_the_published_schema(name):
    VALIDATOR.validate(json.loads(render(ALL[name])))


@pytest.mark.parametrize("name", ALL)
def test_the_same_answer_gives_the_same_bytes_and_nothing_that_acts(name):
    text = render(ALL[name])
    assert text == render(ALL[name])
    assert not set(text) & set(FORBIDDEN)
    assert "<script" not in text
    text.encode("utf-8")


def test_the_published_schema_is_not_stale():
    assert schema.PLACE.read_text(encoding="utf-8") == schema.text(), "run: python -m posology.show.schema"
    jsonschema.Draft202012Validator.check_schema(schema.schema())


def test_top_level_keys_are_those_promised():
    plain = json.loads(render(result()))
    assert set(KEYS) <= set(plain)
    assert list(plain) == [field.name for field in fields(Result)]
    assert next(iter(plain)) == "verdict"
    assert {"statement", "kind", "status", "verdict", "basis", "entries", "sources"} <= set(
        plain["findings"][0]
    )
    assert plain["question"]["on"] == "2026-11-22"


def test_what_has_no_order_is_sorted():
    made = result()
    turned = replace(
        made,
        set_aside=made.set_aside[::-1],
        counts=dict(reversed(made.counts.items())),
        versions=dict(reversed(made.versions.items())),
    )
    assert render(turned) == render(made)
    assert [aside["ref"] for aside in json.loads(render(made))["set_aside"]] == ["Condition/a", "Condition/b"]


def test_text_of_the_record_is_kept_unchanged():
    assert json.loads(render(hostile()))["reasons"][0]["entries"][0]["title"] == HOSTILE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "maybe"),
        (("question", "on"), "22 Nov"),
        (("findings", 0, "status"), "yes"),
        (("extra",), 1),
    ],
)
def test_the_schema_refuses_what_is_wrong(path, value):
    plain = json.loads(render(result()))
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(plain)


def test_each_result_field_is_described():
    properties = schema.schema()["$defs"]["Result"]["properties"]
    assert [name for name, field in properties.items() if not field.get("description")] == []


def test_rendering_loads_no_schema_library():
    import subprocess
    import sys

    code = (
        "import sys; import posology.show.json, posology.show.text, posology.show.fhir, posology.show.html;"
        "sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
