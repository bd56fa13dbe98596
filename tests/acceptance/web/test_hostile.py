"""Whatever a record or an address says, it is text, and nothing of it runs."""

import json

import pytest

from .visit import ARABIC, HOSTILE, in_browser

pytestmark = in_browser(__name__)


def record(medicines: int) -> bytes:
    def taken(number):
        name = (HOSTILE, ARABIC, f"made-up medicine {number}")[number % 3 if number < 6 else 2]
        return {
            "resourceType": "MedicationStatement", "id": f"m{number}", "status": "active",
            "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": f"{name} {number}"},
            "effectivePeriod": {"start": "2026-06-01"}, "dateAsserted": "2026-06-29",
        }  # fmt: skip

    resources = [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-01-01",
         "name": [{"text": HOSTILE}]},
        {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}, "code": {"text": HOSTILE}},
        {"resourceType": "Condition", "id": "\u202eabc", "subject": {"reference": "Patient/p"}, "code": 5},
        *(taken(number) for number in range(medicines)),
    ]  # fmt: skip
    return json.dumps(
        {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}
    ).encode()


@pytest.mark.parametrize("medicines", [6, 10_000])
def test_nothing_of_a_malicious_record_runs(visit, medicines):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    page.fill("#on", "2026-06-30")
    page.set_input_files(
        "#file", {"name": "record.json", "mimeType": "application/json", "buffer": record(medicines)}
    )
    page.click("text=Check this file")
    assert page.locator("h1 .badge").count() == 1
    assert page.locator("main script, main img").count() == 0
    text = page.inner_text("main")
    assert "\x1b" not in text
    assert "\u202e" not in text
    # A name that runs from right to left stands alone in its isolate.
    assert page.locator(f"bdi:has-text('{ARABIC}')").count() > 0
    if medicines > 6:
        assert f"{medicines:d}" in page.content() or f"{medicines:,}" in page.content()
    visit.picture(f"hostile/record-of-{medicines}")
    page.click("button:has-text('Check again')")
    assert page.locator("h1 .badge").count() == 1
    visit.fits()


def test_a_hostile_search_and_a_hostile_address(visit):
    page = visit.page
    visit.go("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE")
    assert page.locator("main script").count() == 0
    visit.go("/monographs/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert page.locator("main script").count() == 0
    assert "There is no such page" in page.inner_text("h1")
    visit.picture("refused/not-found")
    visit.refused = 404
