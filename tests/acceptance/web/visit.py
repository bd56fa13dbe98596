"""A visit by browser: a page that remembers what the console said and what was asked for, and pictures of it."""

from pathlib import Path

import pytest

from tests.acceptance.test_html_page import CHROMIUM

EXAMPLES = Path(__file__).parents[3] / "examples"
PICTURES = Path(__file__).parents[3] / "build" / "screenshots"
"""Kept after the tests, so that somebody can look: ``JOURNEY/WHAT-WIDTH-SCHEME.png``."""
DESK, PHONE = (1280, 900), (375, 800)
WIDTHS = {DESK: "desk", PHONE: "phone"}
TALLEST = 6000
"""Pixels of a page that a picture shows."""
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \x1b[31mred\u202egnp.exe"
ARABIC = "\u0646\u0627\u0644\u062a\u0631\u064a\u0643\u0633\u0648\u0646"


def in_browser(file):
    """Marks of a file of tests here: they share a browser, so one worker runs them."""
    return [
        pytest.mark.browser,
        pytest.mark.xdist_group(file),
        pytest.mark.skipif(
            not CHROMIUM.exists(), reason=f"no chromium at {CHROMIUM} (Debian: apt-get install chromium)"
        ),
    ]


class Visit:
    """A page. On leaving, whatever the console said or another host was asked fails the test."""

    def __init__(self, browser, site, size=DESK, scripts=True, **context):
        self.site, self.size, self.scripts = site, size, scripts
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, **context
        )
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.refused = 0
        """The status that an answer of this visit is meant to have."""
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            # Chromium tells the console of every answer above 399, also of those that are wanted.
            wanted = f"the server responded with a status of {self.refused}"
            assert [said for said in self.said if not (self.refused and wanted in said)] == []
            assert [url for url in self.asked if not url.startswith(self.site)] == []
        self.context.close()

    def go(self, path):
        return self.page.goto(self.site + path)

    def fits(self):
        """Nothing has to be scrolled from side to side. Without scripts nothing can be measured."""
        if self.scripts:
            self.page.wait_for_load_state()
            assert self.page.locator("html").evaluate("all => all.scrollWidth") <= self.size[0]

    def picture(self, name):
        """Keep pictures of the page as it is: light and, as scripts do not matter to it, with scripts dark."""
        for scheme in ("light", "dark") if self.scripts else ("light",):
            self.page.emulate_media(color_scheme=scheme)
            self._kept(name, scheme)
        self.page.emulate_media(color_scheme="light")

    def printed(self, name):
        """Keep the page as it is printed, as PDF and as picture."""
        self.page.emulate_media(media="print", color_scheme="light")
        self._kept(name, "print")
        place = PICTURES / f"{name}-print.pdf"
        self.page.pdf(path=place, format="A4", print_background=True)
        self.page.emulate_media(media="screen")
        return place

    def _kept(self, name, scheme):
        width = WIDTHS[self.size] + ("" if self.scripts else "-no-script")
        place = PICTURES / f"{name}-{width}-{scheme}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        tall = self.page.locator("html").bounding_box()["height"]
        if tall <= TALLEST:
            self.page.screenshot(path=place, full_page=True)
        else:
            clip = {"x": 0, "y": 0, "width": self.size[0], "height": TALLEST}
            self.page.screenshot(path=place, full_page=True, clip=clip)

    def verdict(self):
        return self.page.inner_text("h1 .badge").lower()

    def fill_form(self):
        page = self.page
        page.fill("#on", "2026-06-30")
        page.fill("#age", "44")
        page.check("input[name=sex][value=female]")
        page.check("input[name=pregnancy][value=no]")
        page.fill("#condition-0", "fibromyalgia")
        page.check("input[name=conditions-are][value=these]")
        page.fill("#medicine-0", "tramadol")
        page.select_option("#medicine-when-0", "stopped")
        page.fill("#medicine-last-0", "2026-06-25")
        page.check("input[name=medicines-are][value=these]")
        page.check("input[name=allergies-are][value=none]")
        page.fill("[name='value.alt']", "22")

    def fill_complete_form(self):
        """Of somebody who may start: no opioid, and every result that is asked for."""
        page = self.page
        self.fill_form()
        page.fill("#medicine-0", "sertraline")
        page.select_option("#medicine-when-0", "now")
        page.fill("#medicine-last-0", "")
        given = {"ast": "20", "egfr": "90", "bilirubin": "0.5", "phq9": "3", "phq9-item9": "0"}
        for name, value in given.items():
            page.fill(f"[name='value.{name}']", value)
        # A bilirubin is judged by its laboratory's limit.
        page.fill("[name='limit.bilirubin']", "1.2")
        page.select_option("[name='value.urine-opioid-test']", "negative")
