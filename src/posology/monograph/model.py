"""The shape of the knowledge: what a monograph, a statement, a concept and a source are.

Plain frozen dataclasses, so that one definition serves two readers: pydantic validates the YAML that
authors write (`schema`), and msgspec decodes the snapshot that a run loads (`load`). Keys are written
with hyphens in YAML and with underscores here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import MinLen

from .criterion import Amount, Criterion
from .planning import Cap, Due, Hold, Missed

Text = Annotated[str, MinLen(1)]
Region = Literal["US", "EU"]
StatementKind = Literal[
    "indication",
    "contraindication",
    "warning",
    "interaction",
    "undesirable-effect",
    "dosage",
    "monitoring",
    "mechanism",
    "kinetics",
    "background",
    "limit",
]
Basis = Literal["label", "guideline", "trial", "review", "article", "judgement"]
Stage = Literal["starting", "taking", "any"]
Level = Literal["avoid", "not-now", "with-precautions", "stop", "hold"]
Grade = Literal["labelled", "high", "moderate", "low", "very-low", "conflicting", "against", "none"]
ConceptKind = Literal["medicine", "condition", "observation", "allergy", "procedure"]
System = Literal["rxnorm", "snomed", "icd10cm", "icd10", "loinc", "atc", "unii", "ndc", "hcpcs", "cvx"]

_CITATION = re.compile(r"([a-z0-9][a-z0-9.-]*)(?:#(\S(?:.*\S)?))?")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a source: ``drug-label#4`` is section 4 of the source `drug-label`."""

    source: str
    place: str = ""

    @classmethod
    def parse(cls, text: str) -> Citation:
        """Read ``source`` or ``source#place``; raises ValueError if it is neither."""
        match = _CITATION.fullmatch(text)
        if not match:
            raise ValueError(f"'{text}' is not a citation; write source or source#place")
        return cls(match[1], match[2] or "")

    def __str__(self) -> str:
        return f"{self.source}#{self.place}" if self.place else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that facts are cited from."""

    id: Text
    title: Text
    kind: Literal[
        "label", "guideline", "trial", "review", "reference", "terminology", "article", "data", "project"
    ]
    edition: str = ""
    read: str = ""
    """Date or state in which it was read, for example ``2024-08`` or ``abstract``."""
    url: str = ""
    remarks: str = ""
    """Licence, or how it was read (a secondary copy, an abstract)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """When a `not-now` ends: so many days after an event of the entry that decided it."""

    days: int
    after: Literal["last dose", "result", "onset", "procedure"]

    def __str__(self) -> str:
        return f"{self.days} days after the {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """How often an undesirable effect occurs, in whom."""

    rate: Text
    versus: str = ""
    """The rate in the comparison group."""
    where: Text
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One cited fact. With `when` it is put to records; with `verdict` it drives the answer.

    `verdict` is the level that the statement imposes when its criterion is met. `avoid` and
    `not-now` become `stop` and `hold` for someone already taking the drug, unless `taking` says
    otherwise (`none`: no consequence then). `missing` is for statements without a verdict whose
    criterion asks for data: `block` makes an unknown answer `cannot-tell`, `ask` only asks for it.
    """

    id: Text
    kind: StatementKind
    says: Text
    basis: Basis
    sources: Annotated[tuple[str, ...], MinLen(1)]
    title: str = ""
    do: str = ""
    when: Criterion | None = None
    verdict: Level | None = None
    taking: Literal["stop", "hold", "with-precautions", "none"] | None = None
    until: Until | None = None
    missing: Literal["block", "ask"] | None = None
    stage: Stage = "any"
    regions: tuple[Region, ...] = ()
    uses: tuple[str, ...] = ()
    """Only when asked for one of these uses (or a use that is part of one); empty: for every use."""
    products: tuple[str, ...] = ()
    """Only for these products; empty: for all."""
    group: str = ""
    """A heading under which pages gather statements, for example ``surgery``."""
    rx: str = ""
    """A regimen in rx notation (docs/RX.md), for `dosage` statements."""
    names: tuple[str, ...] = ()
    """Names by which the regimen is asked for, beside the id: ``ldn-titration``."""
    cap: Cap | None = None
    hold: Hold | None = None
    missed: Missed | None = None
    schedule: tuple[Due, ...] = ()
    """For `monitoring`: the weeks in which it stands in the calendar of a plan."""
    grade: Grade | None = None
    frequencies: tuple[Frequency, ...] = ()
    due: str = ""
    """For `monitoring`: when it falls due, in words, for example ``week 4, 8 and 12``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A purpose that the question may name, labelled or not."""

    id: Text
    name: Text
    says: Text
    basis: Basis
    sources: Annotated[tuple[str, ...], MinLen(1)]
    labelled: tuple[Region, ...] = ()
    """Regions in whose label this use stands; empty: off-label everywhere."""
    indicated: bool = True
    """False: the drug has no place in this use at all, which `says` explains."""
    grade: Grade = "none"
    part_of: str = ""
    """The wider use whose statements also apply."""
    aliases: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    """Products used for it, the usual one first; empty: all."""
    takes: str = ""
    """The medicine concept that means: takes the drug for this use; empty: the monograph's own."""
    when: Criterion | None = None
    """What in a record gives a reason to ask for this use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One side of a dispute."""

    says: Text
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Sources that disagree: all are kept, one is followed, and the reason is given."""

    id: Text
    about: Text
    positions: Annotated[tuple[Position, ...], MinLen(2)]
    follows: Text
    """Which position is followed, in words or as a source key."""
    because: Text
    statements: tuple[str, ...] = ()
    """Statements whose answer depends on it; the dispute is shown with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code with the system it is from and its display name there."""

    system: System
    code: Text
    display: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """All codes of a hierarchical system that begin so: ICD-10-CM ``F11.2``."""

    system: Literal["icd10cm", "atc"]
    prefix: Text
    display: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something a pharmacy could hand over. Strength is per unit, in milligrams, where it is one number."""

    id: Text
    name: Text
    ingredients: Annotated[tuple[str, ...], MinLen(1)]
    form: Text
    route: Text
    strength: str = ""
    rx_route: str = ""
    """The route of rx notation by which it is given, such as ``po`` or ``im-xr``."""
    unit: str = ""
    """What one is called in a plan: ``tablet``, ``injection``, ``spray``."""
    unit_mg: float | None = None
    """What one unit holds, in mg of what doses are stated in."""
    splits: int = 1
    """Into how many equal parts a unit may be divided: 2 for a scored tablet."""
    compounded: str = ""
    """For what is made to order: what to ask the pharmacy for."""
    legal: str = ""
    """Legal status in words, for example ``Rx``, ``OTC since 2023-03-29``."""
    regions: tuple[Region, ...] = ()
    market: str = ""
    says: str = ""
    codes: tuple[Code, ...] = ()
    brands: tuple[str, ...] = ()
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A monograph's head: what the drug is."""

    id: Text
    name: Text
    substance: Text
    """Id in `concepts/substances.yaml`."""
    concept: Text
    """The medicine concept that means: takes this drug, alone (decides the stage)."""
    says: Text
    drug_class: Text
    codes: tuple[Code, ...] = ()
    regions: Annotated[tuple[Region, ...], MinLen(1)]
    sources: Annotated[tuple[str, ...], MinLen(1)]
    products: Annotated[tuple[Product, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monograph:
    """One drug's knowledge, whole."""

    identity: Identity
    uses: tuple[Use, ...]
    statements: tuple[Statement, ...]
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """An active ingredient and every name it goes by. Brands listed here contain nothing else active."""

    id: Text
    name: Text
    codes: tuple[Code, ...] = ()
    names: tuple[str, ...] = ()
    """Other names and single-ingredient brands, matched as whole words, without regard to case."""
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProduct:
    """A product known by code or brand: its ingredients, form and route."""

    id: Text
    name: Text
    ingredients: Annotated[tuple[str, ...], MinLen(1)]
    forms: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    names: tuple[str, ...] = ()
    lasts: int = 0
    """Days that one administration of a depot lasts; 0: not a depot."""
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, route or release trait of a medicine, and the words that name it in product names."""

    id: Text
    names: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineRule:
    """Which medicines belong: by what is in them and how they are made.

    A medicine belongs if it contains any of `ingredients`, all of `with_`, none of `without`,
    nothing else when `alone`, has any of `forms` (if given) and none of `not_forms`.
    """

    ingredients: Annotated[tuple[str, ...], MinLen(1)]
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    alone: bool = False
    forms: tuple[str, ...] = ()
    not_forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """One unit to the concept's own: multiply by `factor`. For what a unit library cannot know (molar mass)."""

    unit: Text
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A named set of codes, shared by all monographs.

    `unit`, `conversions`, `plausible_from`, `plausible_to`, `uln` and `derived` are for observations;
    `medicines` for medicines (and for allergies to them).
    """

    id: Text
    kind: ConceptKind
    name: Text
    sources: Annotated[tuple[str, ...], MinLen(1)]
    says: str = ""
    codes: tuple[Code, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    names: tuple[str, ...] = ()
    """Phrases matched as whole words in text; see docs on certain and uncertain matches."""
    includes: tuple[str, ...] = ()
    medicines: tuple[MedicineRule, ...] = ()
    unit: str = ""
    conversions: tuple[Conversion, ...] = ()
    plausible_from: float | None = None
    plausible_to: float | None = None
    uln: Amount | None = None
    """Upper limit of normal to fall back on when the result carries no reference range."""
    uln_source: str = ""
    derived: Literal["", "ckd-epi-2021"] = ""
    """Formula that gives it from other concepts when it was not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything that records are matched against."""

    concepts: tuple[Concept, ...]
    substances: tuple[Substance, ...]
    products: tuple[KnownProduct, ...]
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of the founding article, as the ledger numbers them."""

    id: Text
    section: str
    claim: Text
    feature: str
