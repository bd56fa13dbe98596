"""A FHIR bulk export, or a folder of Bundles, as units of work."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from posology.errors import InputError

from .units import BUNDLES, LINES, PACKED, Unit

_PLAIN = (".ndjson", ".jsonl")
_WHOLE = (".json",)
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
PARTIAL = ".partial"
"""End of the name of a folder in which a run is at work."""
GZIP_GROWS = 8
"""How many times larger NDJSON is unpacked, about: to choose how many partitions there are."""


class FhirExport:
    """A FHIR bulk export, a folder of Bundles, or one file of either.

    Raises `InputError` if there is nothing to read, or a file is plainly not UTF-8.
    """

    kind = "fhir"

    def __init__(self, location: str | Path) -> None:
        self.root, self.shown = Path(location), str(location)
        self.skipped: list[dict[str, str]] = []
        if not self.root.exists():
            raise InputError(f"{location}: there is no such file or folder")
        self.files = [each for each in self._found() if self._usable(each)]
        if not self.files:
            raise InputError(
                f"{location}: holds nothing to screen: no .ndjson, .ndjson.gz or .json file with FHIR R4 resources"
            )

    def _found(self) -> list[str]:
        if self.root.is_file():
            self.root, name = self.root.parent, self.root.name
            return [name]
        return sorted(
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file() and not self._apart(path)
        )

    def _apart(self, path: Path) -> bool:
        """Is it hidden, or in the results of a run: finished or not?"""
        inside = path.relative_to(self.root)
        if any(part.startswith(".") or part.endswith(PARTIAL) for part in inside.parts):
            return True
        return all((path.parent / name).exists() for name in ("run.json", "verdicts.parquet"))

    def _usable(self, file: str) -> bool:
        path = self.root / file
        try:
            file.encode()
        except UnicodeEncodeError:
            raise InputError(
                f"{self.shown}: holds a file whose name is not UTF-8; rename it, since results could not name it"
            ) from None
        plain = file.lower().removesuffix(".gz")
        if not plain.endswith((*_PLAIN, *_WHOLE)):
            self.skipped.append({"file": file, "reason": "is neither NDJSON nor JSON by its name"})
            return False
        try:
            with path.open("rb") as opened:
                first = opened.read(4)
        except OSError as wrong:
            raise InputError(f"{path}: cannot be read ({wrong.strerror})") from None
        if first[:2] in _BOMS:
            raise InputError(
                f"{path}: is {_BOMS[first[:2]]}; FHIR is UTF-8: save or export it in that encoding"
            )
        if not first:
            self.skipped.append({"file": file, "reason": "is empty"})
            return False
        if plain.endswith(_WHOLE) and not _is_fhir(path):
            self.skipped.append({"file": file, "reason": "is JSON without a FHIR resourceType"})
            return False
        return True

    def fingerprint(self) -> list[Any]:
        """What tells that the input is still the same: names, sizes and times of its files."""
        found = []
        for file in self.files:
            stat = (self.root / file).stat()
            found.append([file, stat.st_size, stat.st_mtime_ns])
        return found

    def size(self) -> int:
        """Bytes of the input, about, unpacked."""
        return sum(self._size(file) * (GZIP_GROWS if self._packed(file) else 1) for file in self.files)

    def _size(self, file: str) -> int:
        return (self.root / file).stat().st_size

    def _packed(self, file: str) -> bool:
        with (self.root / file).open("rb") as opened:
            return opened.read(2) == b"\x1f\x8b"

    def units(self, size: int) -> list[Unit]:
        """The export in pieces of about `size` bytes. Packed files cannot be split."""
        units: list[Unit] = []
        small: list[str] = []
        held = 0
        for file in self.files:
            bytes_, packed = self._size(file), self._packed(file)
            if file.lower().removesuffix(".gz").endswith(_WHOLE) and not _is_lines(self.root / file):
                small.append(file)
                held += bytes_ * (GZIP_GROWS if packed else 1)
                if held >= size:
                    units.append(Unit(BUNDLES, tuple(small)))
                    small, held = [], 0
            elif packed:
                units.append(Unit(PACKED, (file,)))
            else:
                pieces = max(1, -(-bytes_ // size))
                edges = [bytes_ * number // pieces for number in range(pieces + 1)]
                units.extend(Unit(LINES, (file,), *pair) for pair in pairwise(edges))
        if small:
            units.append(Unit(BUNDLES, tuple(small)))
        # The longest first, so that the end of a run is not one process at work on a packed file.
        return sorted(units, key=lambda unit: (unit.kind != PACKED, -self._work(unit)))

    def _work(self, unit: Unit) -> int:
        return unit.end - unit.start if unit.kind == LINES else sum(self._size(file) for file in unit.files)

    def describe(self) -> dict[str, Any]:
        """The input, for `run.json`."""
        return {
            "kind": self.kind,
            "files": [{"file": file, "bytes": self._size(file)} for file in self.files],
            "skipped_files": self.skipped,
        }

    def close(self) -> None:
        """Nothing is held open."""


class _Typed(Struct):
    resourceType: str = ""  # noqa: N815


_decode_typed = msgspec.json.Decoder(_Typed).decode
_PEEK = 65_536


def _is_fhir(path: Path) -> bool:
    """Does a JSON file name a resource type? Of a large one only the beginning is looked at."""
    head = _beginning(path)
    if head is None:
        return True  # damaged: that is said when it is read
    if len(head) == _PEEK or b"\n{" in head:
        return b'"resourceType"' in head
    try:
        return bool(_decode_typed(head).resourceType)
    except (msgspec.DecodeError, RecursionError):
        return b'"resourceType"' in head or not head.lstrip().startswith((b"{", b"["))


def _is_lines(path: Path) -> bool:
    """Is a JSON file one resource a line, whatever its name says?"""
    first, newline, more = (_beginning(path) or b"").removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    if not newline or not more.lstrip().startswith(b"{"):
        return False
    try:
        return bool(_decode_typed(first).resourceType)
    except (msgspec.DecodeError, RecursionError):
        return False


def _beginning(path: Path) -> bytes | None:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            return file.read(_PEEK)
    except (OSError, EOFError, zlib.error):
        return None
