import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.show.escape import encodable, plain, plain_tree, quoted

from ...generative.profiles import tries
from .factory import FORBIDDEN, HOSTILE

anything = st.text(st.characters(codec=None))


@tries(100)
@given(anything)
def test_nothing_that_acts_is_left(text):
    shown = plain(text)
    assert not set(shown) & set(FORBIDDEN)
    assert "\n" not in shown
    shown.encode("utf-8")


@tries(100)
@given(anything)
def test_it_is_done_after_one_time(text):
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize("text", ["Sjögren's disease", "µg/L ≥ 3 × ULN", "患者", "مريض", "👩‍⚕️", "a-b_c (d)"])
def test_ordinary_text_is_unchanged(text):
    assert plain(text) == text


def test_what_is_replaced_can_be_seen():
    assert plain("a\x1b[31mb\u202ec") == "a\ufffd[31mb\ufffdc"
    assert plain(" a\n\tb\u00adc ") == "a bc"


def test_long_text_is_cut_and_marked():
    assert plain("x" * 300, 10) == "x" * 9 + "…"


def test_plain_tree_reaches_every_string():
    assert plain_tree({"a\x1b": [("b\x1b", 1, None, True)]}) == {"a\ufffd": [["b\ufffd", 1, None, True]]}


@tries(100)
@given(anything)
def test_quoted_json_is_lossless_and_inert(text):
    import json

    shown = quoted(json.dumps([text], ensure_ascii=False))
    assert json.loads(shown) == json.loads(json.dumps([text]))
    assert not set(shown) & set(FORBIDDEN)
    assert "<script" not in shown.lower()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", None])
def test_any_terminal_can_print_it(encoding):
    shown = encodable(f"a · b – {plain(HOSTILE)} ≥ µ …", encoding)
    shown.encode(encoding or "ascii")


def test_marks_become_ascii_ones():
    assert encodable("not now · x ≥ 3 – µg…", "ascii") == "not now - x >= 3 - ug..."
