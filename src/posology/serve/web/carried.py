"""A record on its way between two pages: in the form itself, because nothing of it stays here.

It is packed, so that a page with a large record stays light, and it is never unpacked beyond a limit.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

import msgspec

from posology.errors import InputError

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_CHANGED = "the record that came with the form was changed on its way; give it again"


def pack(record: bytes) -> str:
    """A record as the text of a hidden field."""
    return base64.b64encode(gzip.compress(record, 6, mtime=0)).decode("ascii")


def unpack(text: str, most: int) -> bytes:
    """The record of such a field; raises `InputError` if it is none or holds more than `most` bytes."""
    try:
        packed = base64.b64decode(text, validate=True)
        if not packed.startswith(_GZIP):
            raise ValueError
    except (binascii.Error, ValueError):
        raise InputError(_CHANGED) from None
    return plain(packed, most)


def pack_texts(texts: dict[str, list[str]]) -> str:
    """The fields of a form as the text of one hidden field."""
    return pack(msgspec.json.encode(texts))


def unpack_texts(text: str, most: int, fields: int) -> dict[str, list[str]]:
    """The fields in such a field, none in an empty one.

    Raises `InputError` as `unpack` does, and for more than so many `fields`.
    """
    if not text:
        return {}
    try:
        found = msgspec.json.decode(unpack(text, most), type=dict[str, list[str]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InputError(_CHANGED) from None
    if sum(map(len, found.values())) > fields:
        raise InputError(f"the form holds more than {fields:,} answers, which is the limit here")
    return found


def plain(content: bytes, most: int) -> bytes:
    """A file without its compression, if it has any; raises `InputError` for one with more than `most` bytes."""
    if not content.startswith(_GZIP):
        return content
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        found = unpacker.decompress(content, most + 1)
    except zlib.error:
        raise InputError("the file looks compressed (gzip) and cannot be unpacked; is it whole?") from None
    if len(found) > most:
        raise InputError(f"the file unpacks to more than {most:,} bytes, which is the limit here")
    if not unpacker.eof:
        raise InputError("the compressed file ends too early")
    return found
