"""The page in a real browser: it renders, says nothing on the console, and axe-core finds no violation."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from posology.monograph.load import load_library
from posology.show import html, leaflet, monograph, screen_report, simulate_html
from posology.show.citing import of_plan
from tests.unit.screen import made
from tests.unit.show import factory, plans, simulated

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LEAFLETS = {"leaflet": plans.titration(), "leaflet-days": plans.depot()}
PAGES = [*factory.ALL, "monograph", "report", "simulation", *LEAFLETS, "planned", "hostile-plan"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason=f"no chromium at {CHROMIUM} (Debian: apt-get install chromium)"
    ),
]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


@pytest.fixture(params=PAGES)
def page_file(request, tmp_path) -> Path:
    return written(request.param, tmp_path)


def written(name: str, folder: Path) -> Path:
    place = folder / "page.html"
    place.write_text(rendered(name, folder), encoding="utf-8")
    return place


def rendered(name: str, folder: Path) -> str:
    if name == "monograph":
        return monograph.render_html(load_library(), "naloxone")
    if name in LEAFLETS:
        return leaflet.render(LEAFLETS[name], load_library())
    if name in ("planned", "hostile-plan"):
        plan = plans.titration() if name == "planned" else plans.hostile()
        return html.render(factory.fine(), plan, of_plan(load_library(), plan))
    if name == "report":
        lost = [{"file": "Condition.ndjson", "line": 12, "category": "malformed", "reason": "is empty"}]
        results = made.write(folder / "results", made.crowd(400, statements=12), quarantined=lost)
        return screen_report.render(results, load_library())
    if name == "simulation":
        return simulate_html.render(simulated.washout(), load_library())
    return html.render(factory.ALL[name])


@pytest.fixture(params=["light", "dark"])
def open_page(request, browser, page_file) -> Iterator:
    # axe-core is a script, which the page's own policy would refuse; that policy has its own test below.
    context = browser.new_context(color_scheme=request.param, bypass_csp=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(page_file.as_uri())
    yield page, said
    context.close()


def test_no_accessibility_violation_folded_or_open(open_page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page, said = open_page
    folded = axe.run(page)
    assert folded.violations_count == 0, folded.generate_report()
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    opened = axe.run(page)
    assert opened.violations_count == 0, opened.generate_report()
    assert said == []


def test_its_policy_allows_it_and_nothing_is_fetched(browser, page_file):
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert said == []
    assert asked == [page_file.as_uri()]
    # The style sheet was applied: the page is set as the design says, not in the browser's default.
    assert page.evaluate("getComputedStyle(document.querySelector('h2, h1')).fontFamily").startswith(
        "system-ui"
    )
    context.close()


def test_nothing_of_a_record_runs(browser, tmp_path):
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for name in ("hostile", "hostile-plan"):
        page.goto(written(name, tmp_path).as_uri())
        assert dialogs == []
        assert page.locator("script, img").count() == 0
        assert "<script>alert(1)</script>" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_its_window(browser, page_file, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(page.screenshot()) > 5000
    context.close()


def test_folded_lists_open_from_the_keyboard(browser, tmp_path):
    context = browser.new_context()
    page = context.new_page()
    page.goto(written("not-now", tmp_path).as_uri())
    summary = page.locator("summary").last
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").last.evaluate("each => each.open")
    context.close()


@pytest.mark.parametrize(("width", "shown"), [(360, "narrow"), (1280, "wide")])
def test_the_diagram_fits_the_window(browser, tmp_path, width, shown):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(written("report", tmp_path).as_uri())
    assert page.locator("svg.attrition:visible").get_attribute("class") == f"attrition {shown}"
    # Every text stays in its box.
    outside = page.evaluate(
        """() => [...document.querySelectorAll("svg.attrition g")].filter(group => {
            if (!group.getBBox().width) return false
            const box = group.querySelector("rect").getBBox()
            return [...group.querySelectorAll("text")].some(text => {
                const own = text.getBBox()
                return own.x + own.width > box.x + box.width || own.y + own.height > box.y + box.height
            })
        }).map(group => group.textContent)"""
    )
    assert outside == []
    context.close()


def test_the_leaflet_is_set_in_big_type(browser, tmp_path):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(written("leaflet", tmp_path).as_uri())
    # 14 pt are 18.67 CSS pixels: everything that is read, but neither the calendar's small cells nor the sources.
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".told li, .told p, .urgent p, .rows td, .rows th")]
            .map(each => parseFloat(getComputedStyle(each).fontSize))"""
    )
    assert len(sizes) > 40
    assert min(sizes) >= 18.66
    context.close()


def test_it_prints(browser, tmp_path):
    context = browser.new_context()
    page = context.new_page()
    page.goto(written("not-now", tmp_path).as_uri())
    assert page.pdf(format="A4").startswith(b"%PDF")
    context.close()


def test_chromium_alone_dumps_the_same_page(tmp_path):
    place = written("not-now", tmp_path)
    dumped = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", place.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "not now" in dumped.stdout
    assert "CONSOLE" not in dumped.stderr
