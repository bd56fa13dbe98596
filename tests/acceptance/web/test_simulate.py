"""Simulations by browser: a slider that moves the charts, two doses beside each other, washout."""

import time

import pytest

from .visit import BROWSER, DESK, PHONE, Visit

pytestmark = BROWSER


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_slider_moves_the_charts(browser, site, size):
    with Visit(browser, site, size) as visit:
        page = visit.page
        visit.go("/simulate?drug=naltrexone")
        visit.fits()
        visit.picture("simulate/compared")
        slider = page.get_by_label("Dose of the regimen, mg: slider")
        before = page.locator("#result svg path.line.a0").first.get_attribute("d")
        numbers = page.inner_text("#result table >> nth=0")
        slider.focus()
        for number in range(1, 6):
            slider.press("ArrowRight")
            page.wait_for_selector(f"#result[data-updates='{number}']", timeout=5000)
        assert page.locator("#result svg path.line.a0").first.get_attribute("d") != before
        assert page.inner_text("#result table >> nth=0") != numbers
        assert page.input_value("#dose-a") in page.inner_text(".key")
        # Both readings of the receptor, and the concentration; further ones when they are asked for.
        assert page.locator("#result svg").count() == 3
        page.click("text=Other receptors")
        page.wait_for_selector("#result svg >> nth=3")
        visit.fits()
        visit.picture("simulate/moved")


def test_without_scripts_the_form_is_sent(browser, site):
    with Visit(browser, site, scripts=False) as visit:
        visit.go("/simulate?drug=naltrexone")
        visit.page.fill("#dose-a", "9")
        visit.page.click("button:text-is('Simulate')")
        assert "9 mg" in visit.page.inner_text(".key")
        visit.picture("simulate/sent")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_regimen_that_stops_has_its_last_dose_marked(browser, site, size):
    with Visit(browser, site, size) as visit:
        visit.go("/simulate?drug=naltrexone&dose-a=50&regimen-a=po+q24h&days=10&stop=3")
        assert visit.page.locator("svg .stop").count() >= 3
        assert "Below 80 % after" in visit.page.inner_text("#result")
        visit.fits()
        visit.picture("simulate/washout")
        if size == DESK:
            visit.printed("simulate/washout")


def test_a_slider_waits_less_than_a_tenth_of_a_second(site):
    """The time of the server, least of several, each dose asked for the first time; machines under load are slower."""
    import httpx

    times = []
    with httpx.Client() as client:
        for number in range(12):
            form = {"drug": "naltrexone", "dose-a": str(1 + number / 7), "regimen-a": "po q24h", "days": "7"}
            start = time.perf_counter()
            answer = client.post(f"{site}/simulate/live", data=form, headers={"Accept": "text/html"})
            times.append(time.perf_counter() - start)
            assert answer.status_code == 200
    assert min(times) < 0.1
