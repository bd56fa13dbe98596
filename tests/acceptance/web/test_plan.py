"""Plans by browser: waits, pauses, a calendar to keep."""

from pathlib import Path

from .visit import in_browser

pytestmark = in_browser(__name__)


def test_a_plan_waits_and_is_kept_as_a_calendar(visit):
    page = visit.page
    visit.go("/plan?drug=naltrexone")
    visit.fits()
    visit.picture("plan/form")
    page.select_option("#regimen", "ldn-titration")
    page.fill("#start", "2026-12-01")
    page.fill("#opioid-0", "tramadol")
    page.fill("#opioid-last-0", "2026-11-29")
    page.click("text=Make the plan")
    # Ten opioid-free days after 29 November.
    assert "First dose Wed 2026-12-09" in page.inner_text("main")
    visit.fits()
    visit.picture("plan/plan")
    with page.expect_download() as kept:
        page.click("button:text-is('Calendar')")
    calendar = Path(kept.value.path()).read_text(encoding="utf-8")
    assert "20261209" in calendar
    if visit.size[0] > 1000 and visit.scripts:
        visit.printed("plan/plan")
