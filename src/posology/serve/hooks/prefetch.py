"""What a service asks the EHR to send along: one FHIR query for each kind of thing that the monographs read.

Lists are asked for whole, because what a whole list does not hold is absent; results by the codes of the
concepts in use. Queries keep to the subset of FHIR that the specification recommends.
"""

from __future__ import annotations

from typing import NamedTuple

from posology.check.engine import Engine
from posology.check.reach import below, read_by
from posology.monograph.criterion import Criterion
from posology.record.kinds import LIST_OF

RESULTS = 200
"""The newest results that are asked for."""
OF_ANY_KIND = 100
"""The newest results of any kind, in which those are looked for that no code tells."""


class Wanted(NamedTuple):
    """One prefetch key: its query, the resource type, and the kind of concept it is about (none: the person)."""

    key: str
    template: str
    type: str
    kind: str
    concepts: tuple[str, ...] = ()
    """The concepts that it alone is about; empty: all of its kind."""

    @property
    def list(self) -> str:
        """The list of a record that it is; empty for the person."""
        return LIST_OF.get(self.kind, "")

    @property
    def limited(self) -> bool:
        """Does the query itself ask for the newest only, so that further pages are no gap?"""
        return "_count=" in self.template

    def query(self, patient: str) -> str:
        """The relative address for this patient, whose id was checked to hold nothing but letters, digits, - and ."""
        return self.template.replace("{{context.patientId}}", patient)


def wanted(engine: Engine) -> dict[str, Wanted]:
    """The queries that cover everything the monographs of this engine read."""
    names = concepts_in_use(engine)
    concepts = [engine.index.concepts[name] for name in sorted(names)]
    kinds = {each.kind for each in concepts}
    observed = [each for each in concepts if each.kind == "observation"]
    codes = sorted({code.code for each in observed for code in each.codes})
    by_name = tuple([each.id for each in observed if not each.codes])
    queries = [
        Wanted("patient", "Patient/{{context.patientId}}", "Patient", ""),
        Wanted("conditions", _of("Condition"), "Condition", "condition"),
        Wanted(
            "medications",
            _of("MedicationRequest") + "&status=active,on-hold,completed,stopped,unknown",
            "MedicationRequest",
            "medicine",
        ),
        Wanted("statements", _of("MedicationStatement"), "MedicationStatement", "medicine"),
        Wanted("allergies", _of("AllergyIntolerance"), "AllergyIntolerance", "allergy"),
        Wanted(
            "observations",
            _of("Observation") + f"&code={','.join(codes)}&_sort=-date&_count={RESULTS}",
            "Observation",
            "observation",
            tuple([each.id for each in observed if each.codes]) if by_name else (),
        ),
        Wanted(
            "newest",
            _of("Observation") + f"&_sort=-date&_count={OF_ANY_KIND}",
            "Observation",
            "observation",
            by_name,
        ),
        Wanted("procedures", _of("Procedure"), "Procedure", "procedure"),
        Wanted(
            "planned", _of("ServiceRequest") + "&status=draft,active,on-hold", "ServiceRequest", "procedure"
        ),
    ]
    idle = set()
    if not any(part.next is not None for part in _asked(engine) if part.kind == "procedure"):
        idle.add("planned")
    idle |= set() if codes else {"observations"}
    idle |= set() if by_name else {"newest"}
    return {
        each.key: each for each in queries if (not each.kind or each.kind in kinds) and each.key not in idle
    }


def concepts_in_use(engine: Engine) -> set[str]:
    """Every concept an entry of which could matter to an answer, those that say who takes a drug included."""
    names: set[str] = set()
    for criterion in _whole(engine):
        names |= read_by(criterion, engine.index)
    for drug in engine.library.names():
        monograph = engine.library.monograph(drug)
        for name in (monograph.identity.concept, *(use.takes for use in monograph.uses)):
            names |= below(name, engine.index) if name else set()
    return {name for name in names if name in engine.index.concepts}


def _whole(engine: Engine) -> list[Criterion]:
    found = []
    for drug in engine.library.names():
        monograph = engine.library.monograph(drug)
        found += [each.when for each in monograph.statements if each.when is not None]
        found += [use.when for use in monograph.uses if use.when is not None]
    return found


def _asked(engine: Engine) -> list[Criterion]:
    return [part for criterion in _whole(engine) for part in criterion.walk()]


def _of(kind: str) -> str:
    return f"{kind}?patient={{{{context.patientId}}}}"
