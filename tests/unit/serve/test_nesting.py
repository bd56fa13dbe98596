"""Depth is told from bytes as a decoder would find it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.serve import nesting
from posology.serve.nesting import deeper_than

texts = st.text(st.sampled_from('[]{}"\\ \né'), max_size=8)
documents = st.recursive(
    st.none() | texts | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=30,
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return int(isinstance(value, dict | list)) + max(map(depth, inner), default=0)


@given(documents, st.booleans(), st.integers(1, 7))
def test_it_agrees_with_a_decoder(document: Any, ascii_: bool, piece: int) -> None:
    body = json.dumps(document, ensure_ascii=ascii_).encode()
    whole = nesting._PIECE
    nesting._PIECE = piece
    try:
        found = depth(document)
        assert not deeper_than(body, found)
        assert found == 0 or deeper_than(body, found - 1)
    finally:
        nesting._PIECE = whole


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_a_bomb_is_found_before_it_ends(opening: bytes) -> None:
    assert deeper_than(opening * 3_000_000, 100)


def test_brackets_in_strings_do_not_count() -> None:
    assert not deeper_than(b'["' + b"[{" * 500 + b'"]', 1)
    assert deeper_than(b'["]",["]",["]",1,"["],"["],"["]', 2), "nor do they hide others"
