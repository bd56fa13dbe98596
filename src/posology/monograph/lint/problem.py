"""What lint finds, and the knowledge it looks at: every item with the place where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ...errors import unknown_name
from .. import folder
from ..claims import LEDGER, read_claims
from ..folder import Placed
from ..model import Claim, Concept, Form, Identity, KnownProduct, Source, Statement, Substance, Use
from ..yaml_file import shown

_PLACE = re.compile(r"^(.*?):(\d+): (.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong (`error`) or doubtful (`warning`) in the knowledge."""

    file: str
    line: int
    severity: Literal["error", "warning"]
    message: str
    """What is wrong; what would be right."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}"


def error(placed: Placed, *below: str | int, message: str) -> Problem:
    """An error at an item, or at the thing `below` in it."""
    return _problem("error", placed, below, message)


def warning(placed: Placed, *below: str | int, message: str) -> Problem:
    """A warning at an item, or at the thing `below` in it."""
    return _problem("warning", placed, below, message)


def _problem(
    severity: Literal["error", "warning"], placed: Placed, below: tuple[str | int, ...], message: str
) -> Problem:
    file, line = placed.at(*below).rsplit(":", 1)
    return Problem(file, int(line), severity, message)


def from_text(text: str) -> Problem:
    """An error line of the reader (``file:line: message``) as a problem."""
    match = _PLACE.match(text)
    return Problem(match[1], int(match[2]), "error", match[3]) if match else Problem("", 1, "error", text)


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """The sentence ``unknown concept 'x'. Did you mean 'y'?``."""
    names = list(known)
    text = str(unknown_name(what, given, names)).removesuffix(".")
    # A long list of everything known hides the one line that matters.
    return re.sub(r"\.? Known: .*$", "", text, flags=re.DOTALL) if len(names) > 12 else text


@dataclass(slots=True)
class Drug:
    """One monograph's items, with their places."""

    name: str
    path: Path
    placed: list[Placed]
    whole: bool
    """False when some file of it cannot be read: absences then mean nothing."""

    def all(self, kind: type) -> list[Placed]:
        """The items of this class."""
        return [one for one in self.placed if isinstance(one.item, kind)]

    @property
    def head(self) -> Placed | None:
        """Its identity, unless monograph.yaml cannot be read."""
        return next(iter(self.all(Identity)), None)

    @property
    def uses(self) -> dict[str, Use]:
        """Uses by id."""
        return {one.item.id: one.item for one in self.all(Use)}

    @property
    def products(self) -> set[str]:
        """Ids of its products."""
        return {product.id for product in self.head.item.products} if self.head else set()


@dataclass(slots=True)
class Knowledge:
    """Everything in the folders, read from YAML so that each item has its line."""

    drugs: list[Drug] = field(default_factory=list)
    shared: list[Placed] = field(default_factory=list)
    """Concepts, substances, products, forms and sources."""
    problems: list[Problem] = field(default_factory=list)
    """What could not be read."""
    claims: list[tuple[Path, Claim]] = field(default_factory=list)
    """The claims to answer, with the ledger that holds each."""
    shared_whole: bool = True

    def all(self, kind: type) -> list[Placed]:
        """The shared items of this class."""
        return [one for one in self.shared if isinstance(one.item, kind)]

    def by_id(self, kind: type) -> dict[str, Any]:
        """The shared items of this class by id."""
        return {one.item.id: one.item for one in self.all(kind)}

    def statements(self) -> Iterator[Placed]:
        """The statements of all monographs."""
        for drug in self.drugs:
            yield from drug.all(Statement)


SHARED = (Concept, Substance, KnownProduct, Form, Source)


def read_knowledge(folders: Iterable[Path]) -> Knowledge:
    """Read all YAML in these knowledge folders; what cannot be read becomes a problem."""
    knowledge = Knowledge()
    for place in folders:
        paths = [*folder.source_files(place), *folder.vocabulary_files(place)]
        placed, wrong = folder.read_what_can_be(paths)
        knowledge.shared.extend(placed)
        knowledge.problems.extend(map(from_text, wrong))
        knowledge.shared_whole = knowledge.shared_whole and not wrong
        knowledge.claims.extend((place / LEDGER, claim) for claim in read_claims(place))
        knowledge.problems.extend(_stray_files(place))
        for name in folder.monograph_names(place):
            placed, wrong = folder.read_what_can_be(
                [*folder.monograph_files(place / name), *folder.apart_files(place / name)]
            )
            knowledge.drugs.append(Drug(name, place / name, placed, not wrong))
            knowledge.problems.extend(map(from_text, wrong))
    return knowledge


def _stray_files(place: Path) -> Iterator[Problem]:
    """YAML that would be passed over in silence."""
    for path in sorted(place.glob("*/*.yml")):
        yield Problem(shown(path), 1, "error", "is not read; name it .yaml")
    for path in sorted({path.parent for path in place.glob("*/*.yaml")}):
        if path.name != folder.CONCEPTS and not (path / folder.HEAD).exists():
            message = f"holds YAML but no {folder.HEAD}, so it is no monograph; add {folder.HEAD}"
            yield Problem(shown(path), 1, "error", message)
