"""The check by browser: a form, a file or a text in; an answer whose gaps are filled in place; files to keep."""

from pathlib import Path

import pytest

from .visit import EXAMPLES, Visit, in_browser

pytestmark = in_browser(__name__)


def test_by_form_filled_in_place_and_checked_again(visit):
    page = visit.page
    visit.go("/")
    visit.picture("start/start")
    visit.fits()
    page.fill("#use", "fibromyalgia")
    page.click("text=Check a patient")
    visit.fits()
    visit.fill_form()
    visit.picture("check/form")
    page.click("button.go[value=form]")
    assert visit.verdict() == "not now"
    assert "2026-07-05" in page.inner_text(".answer")
    assert "tramadol" in page.inner_text("#short-acting-opioid-within-interval")
    visit.fits()
    visit.picture("check/answer")
    before = page.locator(".gap").count()
    page.fill(".gap [name='value.ast']", "20")
    page.fill(".gap [name='value.egfr']", "90")
    page.click("button:has-text('Check again')")
    assert page.locator(".gap").count() == before - 2
    assert visit.verdict() == "not now"
    visit.picture("check/answer-again")
    # The address never says anything of the patient.
    assert page.url == f"{visit.site}/check/again"


def test_the_sources_of_a_reason_are_one_click_away(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.fill_form()
    page.click("button.go[value=form]")
    link = page.locator("#short-acting-opioid-within-interval details li").first
    assert not link.is_visible()
    page.click("#short-acting-opioid-within-interval summary")
    assert link.is_visible()


def test_by_file_for_every_use(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone")
    page.fill("#on", "2026-06-30")
    page.set_input_files("#file", EXAMPLES / "fibromyalgia-on-tramadol.json")
    page.click("text=Check this file")
    visit.fits()
    visit.picture("check/every-use")
    page.click("button:has-text('fibromyalgia')")
    assert page.locator("h1 .badge").count() == 1
    visit.picture("check/answer-of-file")
    with page.expect_download() as kept:
        page.click("text=This answer, as a page")
    text = Path(kept.value.path()).read_text(encoding="utf-8")
    assert kept.value.suggested_filename == "answer.html"
    assert "<script" not in text
    assert "tramadol" in text.lower()


def test_by_text_that_was_pasted(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=chronic-pain")
    page.fill("#on", "2026-11-22")
    page.fill("#paste", (EXAMPLES / "ldn-sparse.json").read_text(encoding="utf-8"))
    page.click("text=Check this text")
    assert visit.verdict() == "cannot tell"
    visit.fits()
    visit.picture("check/answer-sparse")


def test_a_plan_goes_with_an_answer_that_allows_one(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.fill_complete_form()
    page.click("button.go[value=form]")
    assert visit.verdict() in ("suitable", "with precautions")
    visit.fits()
    visit.picture("check/answer-with-plan")
    for button, name, begins in (
        ("Calendar", "plan.ics", b"BEGIN:VCALENDAR"),
        ("Leaflet", "leaflet.html", b"<!DOCTYPE html>"),
        ("Leaflet, PDF", "leaflet.pdf", b"%PDF"),
    ):
        with page.expect_download() as kept:
            page.click(f"button:text-is('{button}')")
        assert kept.value.suggested_filename == name
        assert Path(kept.value.path()).read_bytes().startswith(begins)


def test_what_is_wrong_in_the_form_is_said_and_what_was_written_stays(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone")
    visit.fill_form()
    page.fill("#age", "forty")
    page.click("button.go[value=form]")
    visit.refused = 422
    assert "whole number" in page.inner_text("[role=alert]")
    assert page.input_value("#age") == "forty"
    assert page.input_value("#medicine-0") == "tramadol"
    assert page.get_attribute("#age", "aria-invalid") == "true"
    visit.picture("check/form-not-understood")


def test_the_form_can_be_gone_back_to(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.fill_form()
    page.click("button.go[value=form]")
    page.click("text=Change the answers")
    assert page.input_value("#medicine-last-0") == "2026-06-25"
    assert page.is_checked("input[name=allergies-are][value=none]")


def test_an_answer_prints_without_its_buttons(browser, site):
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    with Visit(browser, site) as visit:
        visit.go("/check?drug=naltrexone&use=fibromyalgia")
        visit.fill_form()
        visit.page.click("button.go[value=form]")
        visit.page.emulate_media(media="print")
        assert visit.page.locator("header.masthead, .take, button:visible").first.is_hidden()
        assert visit.page.locator("h1 .badge").is_visible()
        place = visit.printed("check/answer")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(place).pages)
    assert "not now" in text.lower()
    assert "tramadol" in text
    assert "Take with you" not in text
