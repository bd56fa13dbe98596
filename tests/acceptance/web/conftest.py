"""A server with the results of a run, and a browser for each file of tests."""

import pytest

from tests.acceptance.serving import running
from tests.acceptance.test_html_page import CHROMIUM, FLAGS

from . import population
from .visit import DESK, PHONE, Visit


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    with running(results=population.screened(tmp_path_factory.mktemp("run"))) as address:
        yield address


# Playwright keeps an event loop running as long as it is open, which tests of other folders would meet.
@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(params=[(DESK, True), (PHONE, True), (DESK, False)], ids=["desk", "phone", "no-script"])
def visit(request, browser, site):
    size, scripts = request.param
    with Visit(browser, site, size, scripts) as each:
        yield each
