"""Pages in a browser: bytes on the wire, time until they can be used, and how long a slider waits for its charts.

Needs playwright and a chromium of this machine. A page is opened in a fresh context, so nothing of it is kept
from before; it can be used when its content is drawn and its scripts have run. The server has been asked once,
as one has that is in use.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PAGES = {"first page": "/", "check": "/check?drug=naltrexone", "monograph": "/monographs/naltrexone"}
SLIDER = "/simulate?drug=naltrexone"
STEPS = 20
"""Moves of the slider."""
_USABLE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const drawn = performance.getEntriesByName("first-contentful-paint")[0];
  return Math.max(page.domContentLoadedEventEnd, drawn ? drawn.startTime : Infinity);
}"""
_MOVED = """(steps) => new Promise((done) => {
  const slider = document.querySelector("input[type=range]");
  const times = [];
  let begun = 0;
  new MutationObserver(() => {
    if (!begun) return;
    times.push(performance.now() - begun);
    begun = 0;
    if (times.length === steps) done(times); else setTimeout(move, 20);
  }).observe(document.getElementById("result"), { attributes: true, attributeFilter: ["data-updates"] });
  const move = () => {
    slider.value = Number(slider.value) < Number(slider.max) ? Number(slider.value) + 1 : slider.min;
    begun = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  move();
})"""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page cost: kB transferred with headers, and the median of ms until it could be used."""

    requests: int
    kilobytes: float
    usable: float


@dataclass(frozen=True, slots=True)
class Slider:
    """Milliseconds from a move to the charts that show it."""

    median: float
    greatest: float


@contextmanager
def browser() -> Iterator[Browser | None]:
    """A browser, or None on a machine that has none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    if not CHROMIUM.exists():
        yield None
        return
    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def opened(browser: Browser, address: str, times: int = 5) -> Page:
    """What it costs to open this address with nothing kept from before."""
    pages = [_opened(browser, address) for _ in range(times)]
    last = pages[-1]
    return Page(last.requests, last.kilobytes, statistics.median(each.usable for each in pages))


def _opened(browser: Browser, address: str) -> Page:
    context = browser.new_context()
    page = context.new_page()
    received: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    usable = page.evaluate(_USABLE)
    context.close()
    return Page(len(received), sum(received) / 1000, usable)


def moved(browser: Browser, address: str) -> Slider:
    """How long the slider of a simulation waits, for doses that were not asked for before."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    times = page.evaluate(_MOVED, STEPS)
    context.close()
    return Slider(statistics.median(times), max(times))


def table(site: str) -> str:
    """The figures of a running server as a table in Markdown; a sentence where there is no browser."""
    with browser() as found:
        if found is None:
            return f"No pages were measured: needs playwright, and a chromium at {CHROMIUM}."
        for path in (*PAGES.values(), SLIDER):
            opened(found, site + path, 1)
        lines = ["| page | requests | kB transferred | usable after, ms |", "|---|---|---|---|"]
        for name, path in PAGES.items():
            page = opened(found, site + path)
            lines.append(f"| {name}: `{path}` | {page.requests} | {page.kilobytes:.0f} | {page.usable:.0f} |")
        slider = moved(found, site + SLIDER)
    told = f"A slider's charts follow in {slider.median:.0f} ms (median of {STEPS}; at most {slider.greatest:.0f})."
    return "\n".join([*lines, "", told])
