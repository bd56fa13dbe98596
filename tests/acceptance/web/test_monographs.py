"""Monographs by browser: read, searched, and in plain words."""

from .visit import Visit, in_browser

pytestmark = in_browser(__name__)


def test_a_monograph_is_read_searched_and_put_in_plain_words(visit):
    page = visit.page
    visit.go("/monographs")
    visit.picture("monograph/all")
    page.click(".tiles >> text=Naltrexone >> nth=-1")
    visit.fits()
    visit.picture("monograph/professional")
    page.fill("header input[type=search]", "hypersensitivity")
    page.press("header input[type=search]", "Enter")
    assert page.locator("mark").count() > 0
    visit.fits()
    visit.picture("monograph/search")
    first = page.locator("h2.hit a").first
    anchor = first.get_attribute("href").partition("#")[2]
    first.click()
    assert page.locator(f"[id='{anchor}']").is_visible()
    visit.go("/monographs/naltrexone")
    page.click("text=In plain words")
    page.click("main a[href*='product=low-dose']")
    assert "When to call for help" in page.inner_text("main")
    visit.fits()
    visit.picture("monograph/plain")


def test_a_search_for_nothing_says_so(visit):
    visit.go("/search?q=xyzzy")
    assert "Nothing found" in visit.page.inner_text("main")
    visit.picture("monograph/search-nothing")


def test_monographs_print(browser, site):
    with Visit(browser, site) as visit:
        for path, name in (("naloxone", "professional"), ("naltrexone/plain?product=low-dose", "plain")):
            visit.go(f"/monographs/{path}")
            visit.printed(f"monograph/{name}")
            visit.page.emulate_media(media="print")
            assert visit.page.locator("header.masthead").is_hidden()
            visit.page.emulate_media(media="screen")
