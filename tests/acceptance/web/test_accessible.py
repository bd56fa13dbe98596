"""axe-core finds nothing on any page, all that folds open, light or dark, at a desk and on a phone."""

import pytest

from .visit import DESK, PHONE, Visit, in_browser

pytestmark = in_browser(__name__)
PATHS = [
    "/", "/check?drug=naltrexone&use=fibromyalgia", "/check?drug=naloxone", "/plan?drug=naltrexone",
    "/simulate?drug=naltrexone", "/simulate?drug=naltrexone&dose-a=50&regimen-a=po+q24h&days=10&stop=3",
    "/monographs", "/monographs/naloxone", "/monographs/nalmefene/plain",
    "/monographs/naltrexone/plain?product=low-dose", "/search?q=opioid", "/search?q=xyzzy", "/population",
    "/population/people",
]  # fmt: skip


COLOURS = {"runOnly": {"type": "tag", "values": ["cat.color"]}}
"""The rules that a colour scheme can break; all others are tried in light."""


def violations(page, scheme="light"):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    # What is folded is not looked at, and folding takes nothing else away: open, all of a page is there.
    page.locator("html").evaluate(
        "all => all.querySelectorAll('details').forEach(each => { each.open = true })"
    )
    found = axe.run(page, options={} if scheme == "light" else COLOURS).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]


def visited(browser, site, scheme, size=DESK):
    # axe-core is a script, which the pages' own policy would refuse.
    return Visit(browser, site, size, color_scheme=scheme, bypass_csp=True)


def test_what_would_be_found(browser, site):
    with visited(browser, site, "dark") as visit:
        visit.go("/")
        visit.page.evaluate("document.querySelector('h1').style.color = '#222'")
        assert [name for name, _ in violations(visit.page, "dark")] == ["color-contrast"]


both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@both_schemes
@pytest.mark.parametrize("path", PATHS)
def test_of_every_page(browser, site, path, scheme):
    with visited(browser, site, scheme) as visit:
        visit.go(path)
        assert violations(visit.page, scheme) == []


@both_schemes
@pytest.mark.slow
def test_of_the_largest_monograph(browser, site, scheme):
    with visited(browser, site, scheme) as visit:
        visit.go("/monographs/naltrexone")
        assert violations(visit.page, scheme) == []


@pytest.mark.parametrize("path", ["/", "/check?drug=naltrexone", "/simulate?drug=naltrexone", "/population"])
def test_of_pages_on_a_phone(browser, site, path):
    with visited(browser, site, "light", PHONE) as visit:
        visit.go(path)
        assert violations(visit.page) == []


def by_form(visit):
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.fill_form()
    visit.page.click("button.go[value=form]")


def by_form_that_allows(visit):
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.fill_complete_form()
    visit.page.click("button.go[value=form]")


def every_use(visit):
    visit.go("/check?drug=naltrexone")
    visit.fill_form()
    visit.page.click("button.go[value=form]")


def not_understood(visit):
    visit.go("/check?drug=naltrexone")
    visit.fill_form()
    visit.page.fill("#age", "forty")
    visit.page.fill("#medicine-last-0", "2027-01-01")
    visit.page.fill("[name='value.alt']", "some")
    visit.page.click("button.go[value=form]")
    visit.refused = 422


def nothing_known(visit):
    visit.go("/check?drug=naltrexone&use=fibromyalgia")
    visit.page.click("button.go[value=form]")


def planned(visit):
    visit.go("/plan?drug=naltrexone")
    visit.page.select_option("#regimen", "ldn-titration")
    visit.page.fill("#opioid-0", "tramadol")
    visit.page.fill("#opioid-last-0", "2026-06-25")
    visit.page.fill("#surgery", "2027-06-25")
    visit.page.click("text=Make the plan")


def no_plan(visit):
    visit.go("/plan?drug=naltrexone")
    visit.page.fill("#rx", "ten pills")
    visit.page.click("text=Make the plan")
    visit.refused = 422


def people(visit):
    visit.go("/population/people")
    visit.page.select_option("#statement", "opioid-taken-now")
    visit.page.click("text=Show people")


def person(visit):
    people(visit)
    visit.page.click("button:has-text('okafor-3-patient')")


def nowhere(visit):
    visit.go("/nothing")
    visit.refused = 404


def only_posted(visit):
    visit.go("/check/again")
    visit.refused = 405


STEPS = [
    by_form, by_form_that_allows, every_use, not_understood, nothing_known, planned, no_plan, people, person,
    nowhere, only_posted,
]  # fmt: skip


@both_schemes
@pytest.mark.parametrize("steps", STEPS)
def test_of_what_answers(browser, site, steps, scheme):
    with visited(browser, site, scheme) as visit:
        steps(visit)
        assert violations(visit.page, scheme) == []


@pytest.mark.parametrize("steps", [by_form_that_allows, every_use, planned, people])
def test_of_answers_on_a_phone(browser, site, steps):
    with visited(browser, site, "light", PHONE) as visit:
        steps(visit)
        visit.fits()
        assert violations(visit.page) == []
