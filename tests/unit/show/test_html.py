import itertools
import re
from html.parser import HTMLParser

import pytest

from posology.show.html import natural, render

from .factory import ALL, FORBIDDEN, HTML, finding, fine, hostile, result, source, survey

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Tags in order, with a check that they nest, and the text outside the style sheet."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.words, self.titles = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if "style" not in self.open:
            (self.titles if "title" in self.open else self.words).append(data)

    def all(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(params=ALL)
def page(request):
    return Page(render(ALL[request.param]))


def test_landmarks_and_language(page):
    assert page.all("html") == [{"lang": "en"}]
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(page.all(landmark)) == 1


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_table_headers_have_a_scope_and_tables_a_caption(page):
    assert all(attrs.get("scope") in {"col", "row"} for attrs in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))


def test_nothing_is_fetched_or_run(page):
    assert page.all("script", "img", "iframe", "link", "object", "form", "base", "svg", "video") == []
    policy = next(attrs["content"] for attrs in page.all("meta") if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert all(
        not name.startswith("on") and name not in {"src", "srcset"}
        for _, attrs in page.tags
        for name in attrs
    )
    assert all(each["href"].startswith(("#", "https://")) for each in page.all("a"))


def test_links_within_the_page_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {each["href"][1:] for each in page.all("a") if each["href"][0] == "#"} <= set(ids)


@pytest.mark.parametrize("name", ALL)
def test_stable_bytes_without_anything_that_acts(name):
    text = render(ALL[name])
    assert text == render(ALL[name])
    assert not set(text) & set(FORBIDDEN)
    assert "@import" not in text
    assert "url(" not in text


def test_the_title_says_nothing_of_the_patient():
    assert Page(render(result())).titles == ["Posology: somedrug for chronic pain, low-dose"]
    assert Page(render(survey())).titles == ["Posology: somedrug, every use"]
    assert Page(render(hostile())).titles == ["Posology: somedrug for chronic pain, low-dose"]


def test_hostile_text_is_shown_as_text():
    text = render(hostile())
    assert "<script" not in text
    assert "onerror=" not in re.sub(r"&lt;.*?&gt;", "", text)
    page = Page(text)
    assert HTML in page.text
    assert "{{ 7*7 }}" in page.text


def test_it_shows_all_findings_with_entries_and_sources():
    page = Page(render(result()))
    for made in result().findings:
        assert made.statement in page.text
        for cited in made.sources:
            assert cited.citation in page.text
        for each in made.entries:
            assert each.ref in page.text
    assert len(page.all("details")) == 4  # met, unknown, not met, one dispute
    assert {"href": "https://example.org/label", "rel": "noreferrer noopener"} in page.all("a")


def test_only_web_addresses_become_links():
    made = result(
        reasons=(finding(sources=(source("x#1", "javascript:alert(1)"),)),),
        findings=(finding(sources=(source("x#1", "javascript:alert(1)"),)),),
    )
    assert "javascript:" not in render(made)


def test_words_are_kept_apart():
    text = Page(render(result())).text
    assert "Sources: label-a#4, article#C10." in text
    assert "Basis: label." in text


def test_the_verdict_is_in_words_and_first():
    page = Page(render(result()))
    assert re.search(r"not now\s+somedrug for chronic pain", page.text)
    assert page.text.index("not now") < page.text.index("Reasons")


def test_empty_sections_are_left_out():
    assert "Reasons" not in Page(render(fine())).text


def test_a_survey_has_a_row_for_each_use_and_a_section_for_each_answer():
    page = Page(render(survey()))
    assert len(page.all("section")) == 2
    for use in ("chronic pain", "fibromyalgia", "migraine", "gout"):
        assert use in page.text
    assert "The same answer for: fibromyalgia." in page.text


def test_numbers_sort_by_value():
    assert sorted(["a#C10", "a#C9", "a#5.10", "a#5.9", "a"], key=natural) == [
        "a",
        "a#5.9",
        "a#5.10",
        "a#C9",
        "a#C10",
    ]
