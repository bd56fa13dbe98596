"""Whatever is given in place of a record, and wherever somebody turns, the page says what to do."""

import gzip

import pytest

from .visit import EXAMPLES, Visit, in_browser

pytestmark = in_browser(__name__)
SPARSE = (EXAMPLES / "ldn-sparse.json").read_bytes()
NO_RECORDS = {
    "nothing": (b"", "empty"),
    "a PDF": (b"%PDF-1.4 \x00\xff", "UTF-8"),
    "text": (b"hello", "not JSON"),
    "XML": (b'<Bundle xmlns="http://hl7.org/fhir"/>', "not JSON"),
    "half": (SPARSE[:-40], "truncated"),
    "a list": (b"[1, 2]", "not FHIR"),
    "nobody": (b'{"resourceType": "Bundle"}', "no readable Patient"),
    "two people": (
        b'{"resourceType": "Bundle", "entry": ['
        b'{"resource": {"resourceType": "Patient", "id": "a"}}, {"resource": {"resourceType": "Patient", "id": "b"}}]}',
        "2 Patients",
    ),
    "UTF-16": (SPARSE.decode().encode("utf-16"), "UTF-8"),
    "too deep": (b"[" * 100_000, "nested too deeply"),
    "a bomb": (gzip.compress(b" " * 30_000_000), "more than 20,000,000 bytes"),
    "half a gzip": (gzip.compress(SPARSE)[:-30], "ends too early"),
}


@pytest.mark.parametrize("name", NO_RECORDS)
def test_a_file_that_is_no_record_is_named_beside_its_field(browser, site, name):
    content, told = NO_RECORDS[name]
    with Visit(browser, site, scripts=name != "text") as visit:
        visit.refused = 422
        visit.go("/check?drug=naltrexone&use=chronic-pain")
        visit.page.fill("#on", "2026-06-30")
        file = {"name": "record.json", "mimeType": "application/json", "buffer": content}
        visit.page.set_input_files("#file", file)
        visit.page.click("button[value=file]")
        assert told in visit.page.inner_text("[role=alert]")
        assert told in visit.page.inner_text("#wrong-file")
        assert visit.page.get_attribute("#file", "aria-describedby") == "wrong-file"
        # The question is still the same.
        assert visit.page.input_value("#on") == "2026-06-30"
        assert visit.page.input_value("#use") == "chronic-pain"
        if name == "two people":
            visit.picture("check/file-not-understood")


def test_a_text_that_is_no_record_stays_to_be_mended(visit):
    visit.refused = 422
    visit.go("/check?drug=naltrexone&use=chronic-pain")
    visit.page.fill("#paste", '{"resourceType": "Patient",')
    visit.page.click("button[value=paste]")
    assert "not JSON" in visit.page.inner_text("#wrong-paste")
    assert visit.page.input_value("#paste") == '{"resourceType": "Patient",'


def test_a_file_that_is_too_large_is_refused_on_a_page(browser, site):
    with Visit(browser, site) as visit:
        visit.refused = 413
        visit.go("/check?drug=naltrexone")
        file = {"name": "big.json", "mimeType": "application/json", "buffer": b"x" * 20_100_000}
        visit.page.set_input_files("#file", file)
        visit.page.click("button[value=file]")
        assert visit.page.inner_text("h1") == "The body is too large"
        visit.picture("refused/too-large")


def test_two_files_are_not_one(site):
    import httpx

    files = [("file", (name, SPARSE, "application/json")) for name in ("a.json", "b.json")]
    answer = httpx.post(
        f"{site}/check", data={"way": "file"}, files=files, headers={"Accept": "text/html"}, timeout=30
    )
    assert answer.status_code == 400
    assert "one record at a time" in answer.text


def test_the_enter_key_sends_what_was_filled_in(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    page.fill("#age", "44")
    page.press("#age", "Enter")
    assert visit.verdict() == "cannot tell"
    visit.go("/check?drug=naltrexone&use=chronic-pain")
    page.set_input_files("#file", EXAMPLES / "fibromyalgia-on-tramadol.json")
    page.fill("#on", "2026-11-22")
    page.press("#on", "Enter")
    assert visit.verdict() == "not now"


def test_an_empty_form_asks_for_everything(visit):
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.page.click("button.go[value=form]")
    assert visit.verdict() == "cannot tell"
    assert visit.page.locator(".gap").count() > 8
    visit.fits()
    visit.picture("check/answer-to-nothing")


def test_answers_can_be_changed_also_after_what_was_missing(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.fill_form()
    page.click("button.go[value=form]")
    page.fill(".gap [name='value.ast']", "20")
    page.click("button:has-text('Check again')")
    page.click("text=Change the answers")
    assert page.input_value("[name='value.ast']") == "20"
    assert page.input_value("[name='value.alt']") == "22"
    assert page.input_value("#medicine-0") == "tramadol"
    page.fill("#medicine-0", "ibuprofen")
    page.click("button.go[value=form]")
    assert "tramadol" not in page.inner_text("main")
    page.click("text=Every use")
    assert page.locator("h1").inner_text() == "Naltrexone: every use"
    page.click("button:has-text('Chronic pain')")
    page.click("text=Change the answers")
    assert page.input_value("#medicine-0") == "ibuprofen"


def test_a_list_that_was_missing_comes_back_with_its_days(visit):
    page = visit.page
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    page.fill("#age", "44")
    page.click("button.go[value=form]")
    page.fill(".gap #medicine-1", "tramadol")
    page.select_option(".gap #medicine-when-1", "stopped")
    page.fill(".gap #medicine-last-1", "2026-06-25")
    page.click("button:has-text('Check again')")
    page.click("text=Change the answers")
    assert page.input_value("#medicine-1") == "tramadol"
    assert page.input_value("#medicine-when-1") == "stopped"
    assert page.input_value("#medicine-last-1") == "2026-06-25"
    assert page.input_value("#age") == "44"


def test_more_lines_and_a_use_that_nobody_knows(browser, site):
    with Visit(browser, site, scripts=False) as visit:
        visit.refused = 422
        visit.go("/check?drug=naltrexone&use=warts")
        assert "unknown use 'warts'" in visit.page.inner_text("[role=alert]")
        lines = visit.page.locator("[name=medicine]").count()
        visit.page.fill("#medicine-1", "tramadol")
        visit.page.click("text=More lines")
        assert visit.page.locator("[name=medicine]").count() > lines
        assert visit.page.input_value("#medicine-1") == "tramadol"


def test_an_address_of_an_answer_leads_back_to_the_form(visit):
    visit.refused = 405
    visit.go("/check/again")
    assert "This path answers POST only" in visit.page.inner_text("main")
    visit.picture("refused/only-posted")
    visit.page.click("text=Back to the start")
    assert visit.page.url == f"{visit.site}/"


def test_every_link_leads_somewhere(site):
    """From the first page on, also to anchors within pages."""
    import re

    import httpx

    pages, waiting, aims = {}, ["/"], set()
    with httpx.Client(headers={"Accept": "text/html"}, timeout=60) as client:
        while waiting:
            path = waiting.pop()
            if path in pages:
                continue
            answer = client.get(site + path)
            assert answer.status_code == 200, path
            pages[path] = answer.text if "html" in answer.headers["content-type"] else ""
            for found in re.findall(r'href="([^"]+)"', pages[path]):
                target, _, anchor = found.replace("&amp;", "&").partition("#")
                if target.startswith("http"):
                    continue
                aims.add((target or path, anchor))
                waiting.append(target or path)
    assert len(pages) > 80
    ids = {path: re.findall(r'\bid="([^"]+)"', text) for path, text in pages.items()}
    assert [path for path, found in ids.items() if len(found) != len(set(found))] == []
    assert [(path, anchor) for path, anchor in aims if anchor and anchor not in ids[path]] == []
