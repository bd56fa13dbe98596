import itertools
import re

import pytest

from posology.monograph.load import load_library
from posology.show import monograph

from .test_html import Page

NAMES = load_library().names()


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


def test_text_holds_every_statement_and_fits(name):
    library = load_library()
    text = monograph.render(library, name, color=False, width=88)
    packed = "".join(text.split())
    for statement in library.monograph(name).statements:
        assert statement.id in packed
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 88
    assert "**" not in text


def test_colour_only_when_asked(name):
    library = load_library()
    coloured = monograph.render(library, name, color=True, width=88)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == monograph.render(library, name, color=False, width=88)


def test_html_is_well_formed_and_fetches_nothing(name):
    text = monograph.render_html(load_library(), name)
    page = Page(text)
    assert len(page.all("h1")) == 1
    assert page.all("script", "img", "link") == []
    assert "**" not in page.text
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
