"""The bundled examples, answered by the engine and shown in every form."""

import json
from pathlib import Path

import jsonschema
import pytest

import posology
from posology.show import fhir, html, schema, text
from posology.show import json as json_form

from .factory import FORBIDDEN, HOSTILE, HTML

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.*json"))
DRUG = "naltrexone"


@pytest.fixture(scope="module", params=[*EXAMPLES, "survey"], ids=lambda each: getattr(each, "stem", each))
def answer(request):
    if request.param == "survey":
        return posology.check(EXAMPLES[0], drug=DRUG, on="2026-11-22")
    return posology.check(request.param, drug=DRUG, use="chronic-pain", on="2026-11-22")


def test_json_fits_the_schema(answer):
    made = json.loads(json_form.render(answer))
    jsonschema.Draft202012Validator(schema.schema(), format_checker=jsonschema.FormatChecker()).validate(made)


def test_fhir_is_valid(answer):
    models = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")
    models.Bundle.model_validate(json.loads(fhir.render(answer)))


def test_text_names_every_reason_with_entry_and_source(answer):
    shown = "".join(text.render(answer, color=False, width=100).split())
    for result in getattr(answer, "results", (answer,)):
        if result.use.recorded != "met" and result is not answer:
            continue
        for reason in result.reasons[:6]:
            assert "".join(reason.title.split()) in shown
            assert all("".join(source.citation.split()) in shown for source in reason.sources)
            assert any(entry.ref in shown for entry in reason.entries)


def test_html_names_every_finding(answer):
    shown = html.render(answer)
    for result in getattr(answer, "results", (answer,)):
        if result is answer:
            assert all(finding.statement in shown for finding in result.findings)


@pytest.fixture(scope="module")
def poisoned():
    """An answer that rests on an opioid whose name, as recorded, holds markup and control characters."""
    record = json.loads((EXAMPLES[0].parent / "fibromyalgia-on-tramadol.json").read_text(encoding="utf-8"))
    name = HOSTILE.replace("\ud800", "")
    for each in record["entry"]:
        medicine = each["resource"].get("medicationCodeableConcept")
        if medicine:
            medicine["text"] = name
            for coding in medicine.get("coding", []):
                coding["display"] = name
        if each["resource"]["resourceType"] == "Patient":
            each["resource"]["name"] = [{"family": name, "given": [name]}]
    return posology.check(record, drug=DRUG, use="chronic-pain", on="2026-11-22")


def test_a_hostile_name_in_a_record_is_inert_in_every_form(poisoned):
    assert any(HTML[:8] in entry.title for reason in poisoned.reasons for entry in reason.entries)
    forms = {
        "text": text.render(poisoned, color=False, width=88),
        "json": json_form.render(poisoned),
        "html": html.render(poisoned),
        "fhir": fhir.render(poisoned),
    }
    for form, shown in forms.items():
        assert not set(shown) & set(FORBIDDEN), form
        if form != "text":  # in a terminal, markup is only text
            assert "<script" not in shown, form


def test_shown_twice_it_is_the_same_bytes(answer):
    for form in (json_form, html, fhir):
        assert form.render(answer) == form.render(answer)
