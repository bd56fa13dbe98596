"""Which file of a knowledge folder holds what, and reading such files.

::

    KNOWLEDGE/sources.yaml, sources-*.yaml      sources
    KNOWLEDGE/concepts/substances*.yaml         substances; likewise products*, forms*
    KNOWLEDGE/concepts/*.yaml                   concepts
    KNOWLEDGE/NAME/monograph.yaml               identity; uses.yaml, disputes.yaml, cases.yaml
    KNOWLEDGE/NAME/kinetics.yaml                models that can be run; observations.yaml, leaflet.yaml
    KNOWLEDGE/NAME/*.yaml                       statements
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import KnowledgeError
from .kinetics import KineticModel, Observation
from .model import (
    Concept,
    Dispute,
    Form,
    Identity,
    KnownProduct,
    Monograph,
    Source,
    Statement,
    Substance,
    Use,
    Vocabulary,
)
from .planning import LeafletItem

if TYPE_CHECKING:
    from .yaml_file import Trail, YamlFile

CONCEPTS = "concepts"
CASES = "cases.yaml"
HEAD = "monograph.yaml"
KINETICS, OBSERVATIONS, LEAFLET = "kinetics.yaml", "observations.yaml", "leaflet.yaml"
_APART: dict[str, type] = {KINETICS: KineticModel, OBSERVATIONS: Observation, LEAFLET: LeafletItem}
"""Files that `check` does not need, and that are read only by what does."""


def monograph_names(folder: Path) -> list[str]:
    """Names of the monographs in a knowledge folder: its folders that hold a monograph.yaml."""
    return sorted(path.parent.name for path in folder.glob(f"*/{HEAD}"))


def monograph_files(folder: Path) -> list[Path]:
    """The YAML files of one monograph's folder that `check` reads: not its cases, models and leaflet."""
    return sorted(path for path in folder.glob("*.yaml") if path.name != CASES and path.name not in _APART)


def apart_files(folder: Path, name: str | None = None) -> list[Path]:
    """The other files of a monograph that are there: all, or the one of this name."""
    wanted = _APART if name is None else (name,)
    return [folder / each for each in wanted if (folder / each).exists()]


def vocabulary_files(folder: Path) -> list[Path]:
    """The YAML files of a knowledge folder's concepts."""
    return sorted((folder / CONCEPTS).glob("*.yaml"))


def source_files(folder: Path) -> list[Path]:
    """The files of a knowledge folder that list sources."""
    return sorted([*folder.glob("sources.yaml"), *folder.glob("sources-*.yaml")])


def shape_of(path: Path) -> tuple[Any, type]:
    """The shape that `schema.validate` wants for a file, and the class of its items."""
    name = path.name
    if path.parent.name == CONCEPTS:
        item: type = Concept
        for start, other in (("substances", Substance), ("products", KnownProduct), ("forms", Form)):
            item = other if name.startswith(start) else item
        return tuple[item, ...], item  # type: ignore[valid-type]
    if name == HEAD:
        return Identity, Identity
    if name == "sources.yaml" or name.startswith("sources-"):
        return tuple[Source, ...], Source
    if name == "uses.yaml":
        return tuple[Use, ...], Use
    if name == "disputes.yaml":
        return tuple[Dispute, ...], Dispute
    if name in _APART:
        item = _APART[name]
        return tuple[item, ...], item  # type: ignore[valid-type]
    return tuple[Statement, ...], Statement


@dataclass(frozen=True, slots=True)
class Placed:
    """An item of the knowledge, and where it stands."""

    item: Any
    file: YamlFile
    trail: Trail

    def at(self, *below: str | int) -> str:
        """``path/file.yaml:LINE`` of the item, or of something in it."""
        return self.file.at((*self.trail, *below))


def read_placed(paths: Iterable[Path]) -> list[Placed]:
    """Every item of these files, with its place.

    Raises one `KnowledgeError` with all errors of all files, one a line.
    """
    placed, errors = read_what_can_be(paths)
    if errors:
        raise KnowledgeError("\n".join(errors))
    return placed


def read_what_can_be(paths: Iterable[Path]) -> tuple[list[Placed], list[str]]:
    """Every item of the files that can be read, and the error lines of those that cannot."""
    # Imported here: pydantic and PyYAML cost more than a whole run that finds its snapshot.
    from .schema import validate
    from .yaml_file import read_yaml

    placed: list[Placed] = []
    errors: list[str] = []
    for path in paths:
        shape, item_class = shape_of(path)
        try:
            file = read_yaml(path)
            value = validate(file, shape)
        except KnowledgeError as error:
            errors.extend(str(error).splitlines())
            continue
        if item_class is Identity:
            placed.append(Placed(value, file, ()))
        else:
            placed.extend(Placed(item, file, (index,)) for index, item in enumerate(value))
    return placed, errors


def monograph_of(placed: Iterable[Placed]) -> Monograph:
    """Gather the items of one monograph's folder, in the order of files and lines."""
    by_class = items_by_class(placed)
    return Monograph(
        identity=by_class[Identity][0],
        uses=tuple(by_class.get(Use, ())),
        statements=tuple(by_class.get(Statement, ())),
        disputes=tuple(by_class.get(Dispute, ())),
    )


def vocabulary_of(placed: Iterable[Placed]) -> Vocabulary:
    """Gather the items of a concepts folder."""
    by_class = items_by_class(placed)
    return Vocabulary(
        concepts=tuple(by_class.get(Concept, ())),
        substances=tuple(by_class.get(Substance, ())),
        products=tuple(by_class.get(KnownProduct, ())),
        forms=tuple(by_class.get(Form, ())),
    )


def items_by_class(placed: Iterable[Placed]) -> dict[type, list[Any]]:
    """Items grouped by what they are."""
    by_class: dict[type, list[Any]] = {}
    for one in placed:
        by_class.setdefault(type(one.item), []).append(one.item)
    return by_class
