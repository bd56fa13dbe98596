"""Lines of a file: every one once and whole, wherever the file is cut, and in what order blocks come."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posology.screen import lines
from posology.screen.fhir_export import FhirExport
from tests.generative.profiles import tries

BOM = b"\xef\xbb\xbf"
TEXTS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\n", b"\r\n", b"\n\n\n", b"", b"\xff\xfe", BOM, "ü€𝄞".encode(), b"x" * 90, b"{}"]),
)
DATA = st.lists(TEXTS | st.just(b"\n"), max_size=40).map(b"".join)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "file.ndjson"


def told(data: bytes) -> list[bytes]:
    """The lines of a text: after the last line end there is no further line."""
    found = data.removeprefix(BOM).split(b"\n")
    return found[:-1] if found[-1] == b"" else found


def all_of(blocks, data: bytes) -> list[bytes]:
    """The lines of blocks, each of which must stand where it says, and say rightly whether it is UTF-8."""
    found = []
    for block in blocks:
        offset = block.offset
        assert block.lines
        assert block.legible == all(map(lines.legible, block.lines))
        for each in block.lines:
            if not block.problem:
                assert data[offset : offset + len(each)] == each
                assert b"\n" not in each
            assert offset == 0 or data[offset - 1 : offset] == b"\n" or data[:offset] == BOM
            offset += len(each) + 1
            found.append(each)
    return found


def ranges(size: int, cuts: list[int]) -> list[tuple[int, int]]:
    """A file of this size in ranges; the first is longer than a byte order mark, as all real ones are."""
    edges = sorted({0, size, *(cut for cut in cuts if 3 < cut < size)})
    return list(itertools.pairwise(edges)) or [(0, 0)]


@tries(200)
@given(
    data=st.booleans().flatmap(lambda bom: DATA.map(lambda data: BOM + data if bom else data)),
    cuts=st.lists(st.integers(0, 400), max_size=6),
    block=st.sampled_from([1, 3, 16, 64, 10_000]),
)
@example(data=b"a\n" * 9, cuts=[4, 5, 6, 7], block=16)
@example(data=b"aaaa\nbb\r\n\n\nc", cuts=[5, 8], block=1)
@example(data=BOM + b"a\nb", cuts=[4, 5], block=16)
def test_every_line_once(tmp_path_factory, data, cuts, block):
    place = tmp_path_factory.getbasetemp() / "lines.ndjson"
    place.write_bytes(data)
    found = []
    with mock.patch.object(lines, "BLOCK", max(block, 16)):
        for start, end in ranges(len(data), cuts):
            some = list(lines.of_range(place, start, end))
            found += all_of(some, data)
            assert all(start <= each.offset < max(end, 4) for each in some)
    assert found == told(data)


@tries(80)
@given(data=DATA, block=st.sampled_from([1, 16, 10_000]), bom=st.booleans())
def test_every_line_of_a_packed_file_once(tmp_path_factory, data, block, bom):
    data = BOM + data if bom else data
    place = tmp_path_factory.getbasetemp() / "lines.ndjson.gz"
    place.write_bytes(gzip.compress(data[:50]) + gzip.compress(data[50:]))  # gzip files may have many members
    with mock.patch.object(lines, "BLOCK", max(block, 16)):
        assert all_of(lines.of_packed(place), data) == told(data)


LIMIT, BLOCK = 100, 32


@tries(200)
@given(
    sizes=st.lists(st.sampled_from([0, 1, 5, 31, 32, 33, 99, 100, 140, 300, 1000]), max_size=8),
    cuts=st.lists(st.integers(4, 2000), max_size=4),
    ended=st.booleans(),
    packed=st.booleans(),
)
@example(sizes=[1000], cuts=[10, 500], ended=False, packed=False)
@example(sizes=[1000, 5, 1000], cuts=[], ended=True, packed=True)
def test_a_line_that_is_too_long_is_one_line_and_the_rest_is_read(
    tmp_path_factory, sizes, cuts, ended, packed
):
    texts = [bytes([97 + number]) * size for number, size in enumerate(sizes)]
    data = b"\n".join(texts) + (b"\n" if ended and sizes else b"")
    place = tmp_path_factory.getbasetemp() / "long.ndjson"
    place.write_bytes(gzip.compress(data) if packed else data)
    blocks = []
    with mock.patch.multiple(lines, BLOCK=BLOCK, LIMIT=LIMIT):
        if packed:
            blocks += lines.of_packed(place)
        else:
            for start, end in ranges(len(data), cuts):
                blocks += lines.of_range(place, start, end)
    found = all_of(blocks, data)
    expected = told(data)
    assert len(found) == len(expected)
    problems = {block.offset for block in blocks if block.problem}
    starts = list(itertools.accumulate((len(each) + 1 for each in expected), initial=0))
    for text, wanted, start in zip(found, expected, starts, strict=False):
        if start in problems:
            assert text == b""
            assert len(wanted) > LIMIT
        else:
            assert text == wanted
            assert len(wanted) <= LIMIT + BLOCK


def until_damaged(place: Path) -> tuple[list[lines.Lines], bool]:
    """What a packed file gives before it turns out to be damaged, and whether it does."""
    found: list[lines.Lines] = []
    try:
        found.extend(lines.of_packed(place))
    except lines.Damaged:
        return found, True
    return found, False


@pytest.mark.parametrize("block", [64, 1000, lines.BLOCK])
@pytest.mark.parametrize("harm", ["cut", "bytes", "checksum"])
def test_a_damaged_packed_file_is_read_up_to_there(place, block, harm, monkeypatch):
    texts = [
        f'{{"number": {number * 7919 % 1009}, "text": "{number**5}"}}'.encode() for number in range(4000)
    ]
    data = b"".join(text + b"\n" for text in texts)
    whole = bytearray(gzip.compress(data, mtime=0))
    if harm == "cut":
        del whole[len(whole) * 3 // 4 :]
    elif harm == "bytes":
        whole[len(whole) * 3 // 4 : len(whole) * 3 // 4 + 50] = b"\xff" * 50
    else:
        whole[-8] ^= 1
    place.write_bytes(bytes(whole))
    monkeypatch.setattr(lines, "BLOCK", block)
    blocks, damaged = until_damaged(place)
    assert damaged
    found = [each for block in blocks for each in block.lines]
    # After spoilt bytes what comes out is wrong for a while before it is found to be.
    right = {"cut": len(found) - 1, "bytes": 2500, "checksum": len(texts)}[harm]
    assert len(found) >= right >= 2500
    assert found[:right] == texts[:right]


def test_a_line_too_long_in_a_file_that_ends_too_early_is_told(place, monkeypatch):
    monkeypatch.setattr(lines, "LIMIT", 1000)
    monkeypatch.setattr(lines, "BLOCK", 100)
    noise = b"".join(b"%d" % (number**7) for number in range(3000))
    place.write_bytes(gzip.compress(b"first\n" + noise)[:-200])
    found, damaged = until_damaged(place)
    assert damaged
    assert found[0].lines == [b"first"]
    assert found[-1].problem
    assert found[-1].offset == 6


@pytest.mark.parametrize("size", [1, 3, 10, 39, 40, 1000])
def test_the_pieces_of_an_export_hold_every_line(tmp_path, size):
    """However small they are: what `units` plans is what is read."""
    texts = {f"{name}.ndjson": b"".join(b"%d\n" % number * 3 for number in range(20)) for name in "ab"}
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
    export = FhirExport(tmp_path)
    units = export.units(size)
    assert export.units(size) == units
    for name, data in texts.items():
        own = sorted((unit for unit in units if unit.files == (name,)), key=lambda unit: unit.start)
        found = [
            each
            for unit in own
            for each in all_of(lines.of_range(tmp_path / name, unit.start, unit.end), data)
        ]
        assert found == told(data)
