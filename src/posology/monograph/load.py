"""The library: the packaged knowledge, and an outside folder's if one is given.

Only the monograph asked for is read, and it comes from a snapshot where there is one (`snapshot`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ..errors import KnowledgeError, unknown_name
from . import folder
from .claims import read_claims
from .kinetics import KineticModel, Observation
from .model import Claim, Monograph, Source, Vocabulary
from .planning import LeafletItem
from .snapshot import content_hash, schema_version, through_snapshot

T = TypeVar("T")
PACKAGED = Path(__file__).parents[1] / "monographs"


class Library:
    """Knowledge to answer from. Make one with `load_library`; attributes are read when first used.

    Every attribute and method raises `KnowledgeError` when the files it needs are wrong.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._monographs: dict[str, Monograph] = {}
        self._parts: dict[tuple[str, str], tuple[Any, ...]] = {}
        # Kept, so that a version always names what was loaded and not what the files hold by now.
        self._versions: dict[Path, str] = {}

    def names(self) -> list[str]:
        """Names of all monographs, sorted."""
        return sorted(self._places)

    def place(self, name: str) -> Path:
        """The folder of a monograph; raises `UsageError` if there is none of this name."""
        if name not in self._places:
            raise unknown_name("drug", name, self._places)
        return self._places[name]

    def monograph(self, name: str) -> Monograph:
        """One drug's knowledge; raises `UsageError` if there is no such monograph."""
        if name not in self._monographs:
            place = self.place(name)
            self._monographs[name] = through_snapshot(
                "monograph", Monograph, self._version(name), lambda: _read_monograph(place)
            )
        return self._monographs[name]

    def kinetics(self, name: str) -> tuple[KineticModel, ...]:
        """The models of a drug that can be run; none if its monograph has no kinetics.yaml."""
        return self._apart(name, folder.KINETICS, KineticModel)

    def observations(self, name: str) -> tuple[Observation, ...]:
        """What a drug's models are held against."""
        return self._apart(name, folder.OBSERVATIONS, Observation)

    def leaflet(self, name: str) -> tuple[LeafletItem, ...]:
        """The sentences of a drug's leaflet for the person who takes it."""
        return self._apart(name, folder.LEAFLET, LeafletItem)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Concepts, substances, products and forms of all folders together."""
        parts = [
            through_snapshot(
                "vocabulary",
                Vocabulary,
                version,
                lambda place=place: folder.vocabulary_of(  # type: ignore[misc]
                    folder.read_placed(folder.vocabulary_files(place))
                ),
            )
            for place, version in self._vocabularies
        ]
        return Vocabulary(
            concepts=_merged("concept", (part.concepts for part in parts)),
            substances=_merged("substance", (part.substances for part in parts)),
            products=_merged("product", (part.products for part in parts)),
            forms=_merged("form", (part.forms for part in parts)),
        )

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source by its id."""
        parts = [
            through_snapshot(
                "sources",
                tuple[Source, ...],
                version,
                lambda place=place: tuple(  # type: ignore[misc]
                    one.item for one in folder.read_placed(folder.source_files(place))
                ),
            )
            for place, version in self._source_lists
        ]
        return {source.id: source for source in _merged("source", parts)}

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The ledger of the founding article's claims, in its order."""
        return tuple(claim for place in self.folders for claim in read_claims(place))

    @cached_property
    def versions(self) -> dict[str, str]:
        """Content hashes (12 hex digits): `schema`, `vocabulary`, `sources`, and each monograph by name."""
        return {
            "schema": schema_version()[:12],
            "vocabulary": _joined(self._vocabularies),
            "sources": _joined(self._source_lists),
            **{name: self._version(name)[:12] for name in self.names()},
        }

    def _apart(self, name: str, file: str, item: type[T]) -> tuple[T, ...]:
        key = (name, file)
        if key not in self._parts:
            paths = folder.apart_files(self.place(name), file)
            self._parts[key] = through_snapshot(
                Path(file).stem,
                tuple[item, ...],  # type: ignore[valid-type]
                content_hash(paths),
                lambda: tuple(one.item for one in folder.read_placed(paths)),
            )
        return self._parts[key]

    @cached_property
    def _places(self) -> dict[str, Path]:
        places: dict[str, Path] = {}
        for place in self.folders:
            for name in folder.monograph_names(place):
                if name in places:
                    raise KnowledgeError(
                        f"{place / name / folder.HEAD}:1: a monograph '{name}' is already there"
                        f" ({places[name]}); give the folder another name"
                    )
                places[name] = place / name
        return places

    def _version(self, name: str) -> str:
        place = self.place(name)
        if place not in self._versions:
            self._versions[place] = content_hash(folder.monograph_files(place))
        return self._versions[place]

    @cached_property
    def _vocabularies(self) -> list[tuple[Path, str]]:
        return [(place, content_hash(folder.vocabulary_files(place))) for place in self.folders]

    @cached_property
    def _source_lists(self) -> list[tuple[Path, str]]:
        return [(place, content_hash(folder.source_files(place))) for place in self.folders]


def load_library(extra: Path | None = None) -> Library:
    """The packaged knowledge, with that of `extra` added.

    `extra` holds monographs as folders, and may hold `concepts/` and `sources*.yaml`.
    Raises `KnowledgeError` if `extra` is not such a folder.
    """
    if extra is None:
        return Library((PACKAGED,))
    extra = Path(extra)
    if not extra.is_dir():
        raise KnowledgeError(f"{extra}: there is no such folder; give one that holds monographs as folders")
    if (extra / folder.HEAD).exists():
        raise KnowledgeError(
            f"{extra}: is one monograph; give the folder that holds it: {extra.resolve().parent}"
        )
    if extra.resolve() == PACKAGED.resolve():
        return Library((PACKAGED,))
    return Library((PACKAGED, extra))


def _read_monograph(place: Path) -> Monograph:
    return folder.monograph_of(folder.read_placed(folder.monograph_files(place)))


def _joined(parts: list[tuple[Path, str]]) -> str:
    return "+".join(version[:12] for _, version in parts)


def _merged(what: str, parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    items = tuple(item for part in parts for item in part)
    ids = [str(getattr(item, "id", "")) for item in items]
    if len(set(ids)) < len(ids):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        raise KnowledgeError(
            f"{what} ids given twice: {', '.join(twice)}; each id stands once in all folders"
        )
    return items
