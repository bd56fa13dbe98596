"""The population by browser: its report, who a reason applies to, one person's answer."""

import pytest

from .population import PEOPLE
from .visit import DESK, Visit, in_browser

pytestmark = in_browser(__name__)
TRAMADOL = PEOPLE["fibromyalgia-on-tramadol"]


def shown(visit, **chosen):
    visit.go("/population/people")
    for name, value in chosen.items():
        visit.page.select_option(f"#{name}", value)
    visit.page.click("text=Show people")


def test_from_the_report_to_a_reason_to_one_person_and_back(visit):
    page = visit.page
    visit.go("/")
    page.click("nav >> text=Population")
    assert "75 people" in page.inner_text("main")
    visit.fits()
    visit.picture("population/report")
    page.click("main >> text=People >> nth=0")
    shown(visit, statement="opioid-taken-now")
    assert page.inner_text("#found") == f"{TRAMADOL} people"
    assert page.locator("table.stacked tbody tr").count() == TRAMADOL
    visit.fits()
    visit.picture("population/people")
    assert page.url == f"{visit.site}/population/people"
    page.click("button:has-text('okafor-3-patient')")
    assert page.url == f"{visit.site}/population/person"
    assert visit.verdict() == "not now"
    assert "tramadol" in page.inner_text("#opioid-taken-now")
    visit.fits()
    visit.picture("population/person")
    page.click("text=Back to the people")
    assert page.locator("table.stacked tbody tr").count() == TRAMADOL


def test_answers_and_reasons_narrow_each_other(browser, site):
    with Visit(browser, site) as visit:
        rows = visit.page.locator("table.stacked tbody tr")
        shown(visit, answer="starting suitable")
        assert rows.count() == PEOPLE["fibromyalgia-complete"]
        shown(visit, answer="starting suitable", statement="opioid-taken-now")
        assert rows.count() == 0
        assert visit.page.inner_text("#found") == "Nobody"
        shown(visit, answer="starting not-now", statement="opioid-taken-now")
        assert rows.count() == TRAMADOL


def test_a_small_count_is_named_where_patients_are_and_nowhere_in_the_report(browser, site):
    with Visit(browser, site) as visit:
        visit.go("/population")
        report = visit.page.inner_text("main")
        few = PEOPLE["ldn-sparse"]
        assert "<11" in report
        assert f" {few} people" not in report
        assert "haddad" not in report
        assert "okafor" not in visit.page.content()
        shown(visit, answer="starting cannot-tell")
        assert visit.page.inner_text("#found") == f"{few} people"
        assert "do not hand this page on" in visit.page.inner_text("main")


def test_one_patient_by_id_and_one_whom_nobody_knows(visit):
    page = visit.page
    visit.go("/population/people")
    visit.picture("population/people-form")
    page.fill("#patient", "lindqvist-2-patient")
    page.click("text=Explain")
    assert visit.verdict() in ("with precautions", "cannot tell", "continue")
    assert "lindqvist" not in page.url
    page.click("text=Back to the people")
    visit.refused = 404
    page.fill("#patient", "<b>nobody</b>")
    page.click("text=Explain")
    assert "No patient of this run has the id '<b>nobody</b>'." in page.inner_text("main")
    assert str(visit.site) not in page.inner_text("main")


def test_many_people_come_in_pages(browser, site, monkeypatch):
    from posology.serve.web import people

    monkeypatch.setattr(people, "SHOWN", 20)
    with Visit(browser, site) as visit:
        page = visit.page
        shown(visit, statement="opioid-taken-now")
        assert f"{TRAMADOL} people, of whom these are 1 to 20" in page.inner_text("#found")
        first = page.locator("table.stacked tbody th").all_inner_texts()
        page.click("text=Those after")
        second = page.locator("table.stacked tbody th").all_inner_texts()
        # By number where ids have numbers.
        assert first[:2] == ["okafor-1-patient", "okafor-2-patient"]
        assert (len(first), len(second)) == (20, TRAMADOL - 20)
        page.click("button:has-text('okafor-22-patient')")
        page.click("text=Back to the people")
        assert page.locator("table.stacked tbody th").all_inner_texts() == second
        page.click("text=Those before")
        assert page.locator("table.stacked tbody th").all_inner_texts() == first


@pytest.mark.parametrize("field", [{"answer": "starting perhaps"}, {"statement": "made-up"}, {"start": "-1"}])
def test_choices_that_are_not_offered_are_refused(site, field):
    import httpx

    answer = httpx.post(f"{site}/population/people", data=field, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "choose one of the list" in answer.text or "whole number" in answer.text


def test_the_report_prints_without_the_forms(browser, site):
    with Visit(browser, site, DESK) as visit:
        visit.go("/population")
        visit.printed("population/report")
