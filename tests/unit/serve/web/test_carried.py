"""A record in a hidden field: whole after a round trip, and never larger than the limit."""

import gzip
import zlib

import pytest

from posology.errors import InputError
from posology.serve.web.carried import pack, pack_texts, plain, unpack, unpack_texts


@pytest.mark.parametrize("record", [b"", b"{}", '{"a": "é\u202e"}'.encode(), bytes(range(256)) * 400])
def test_it_comes_back_whole(record):
    assert unpack(pack(record), 200_000) == record
    assert pack(record) == pack(record)


def test_a_bomb_is_refused_before_it_goes_off():
    bomb = gzip.compress(b" " * 50_000_000)
    with pytest.raises(InputError, match="more than 1,000,000 bytes"):
        plain(bomb, 1_000_000)


@pytest.mark.parametrize("text", ["***", "Zm9v=", "é"])
def test_a_field_that_was_changed_is_refused(text):
    with pytest.raises(InputError, match="changed on its way"):
        unpack(text, 100)


def test_damaged_compression_is_told():
    whole = gzip.compress(b'{"resourceType": "Patient"}')
    with pytest.raises(InputError, match="ends too early"):
        plain(whole[:-9], 1000)
    with pytest.raises(InputError, match="cannot be unpacked"):
        plain(whole[:10] + b"\xff\xff\xff\xff", 1000)
    assert zlib.crc32(plain(whole, 1000))


def test_fields_come_back_as_they_were():
    texts = {"condition": ["fibromyalgia", ""], "age": ["44"], "é": ["\u202e<b>"]}
    assert unpack_texts(pack_texts(texts), 1000, 4) == texts
    assert unpack_texts("", 1000, 4) == {}


@pytest.mark.parametrize("content", [b"[]", b'{"age": 44}', b'{"age": [44]}', b"\xff", b""])
def test_fields_that_were_changed_are_refused(content):
    with pytest.raises(InputError, match="changed on its way"):
        unpack_texts(pack(content), 1000, 4)


def test_more_fields_than_a_form_has_are_refused():
    with pytest.raises(InputError, match="more than 4 answers"):
        unpack_texts(pack_texts({"condition": [""] * 5}), 1000, 4)
