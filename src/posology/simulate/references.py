"""Whether the names inside a kinetic model lead somewhere, and its parts can be run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from posology.errors import KnowledgeError
from posology.monograph.kinetics import KineticModel, Receptor

_BINDING = {
    "equilibrium": ("half",),
    "retention": ("half", "capture", "release"),
    "association": ("on", "off", "exponent"),
}


class _Need(Protocol):
    def __call__(self, name: str, among: set[str], what: str, where: str) -> None: ...


def check_references(model: KineticModel) -> None:
    """Raise a `KnowledgeError` that names the first thing in a model that refers to nothing."""
    parameters = _names(model, "parameter", (each.id for each in model.parameters))
    analytes = _names(model, "analyte", (each.id for each in model.analytes))
    places = _names(
        model,
        "compartment",
        [*(each.id for each in model.compartments), *(each.id for each in model.effects)],
    )
    compartments = {each.id for each in model.compartments}
    concentrations = {each.id for each in model.compartments if each.volume} | {
        each.id for each in model.effects
    }

    def need(name: str, among: set[str], what: str, where: str) -> None:
        if name not in among:
            raise KnowledgeError(
                f"kinetics {model.id}: {where} names the {what} {name!r}, which is not there; "
                f"there are {', '.join(sorted(among))}"
            )

    for place in model.compartments:
        if place.analyte:
            need(place.analyte, analytes, "analyte", f"compartment {place.id}")
        if place.volume:
            need(place.volume, parameters, "parameter", f"compartment {place.id}")
    for flow in model.flows:
        where = f"the flow from {flow.from_} to {flow.to or 'outside'}"
        need(flow.from_, compartments, "compartment", where)
        if flow.to:
            need(flow.to, compartments, "compartment", where)
        if bool(flow.rate) == bool(flow.clearance):
            raise KnowledgeError(f"kinetics {model.id}: {where} needs either a rate or a clearance")
        need(flow.rate or flow.clearance, parameters, "parameter", where)
        if flow.clearance:
            need(flow.from_, concentrations, "compartment with a volume", where)
    for effect in model.effects:
        need(
            effect.follows, concentrations & compartments, "compartment with a volume", f"effect {effect.id}"
        )
        need(effect.rate, parameters, "parameter", f"effect {effect.id}")
    fractions = {
        name
        for route in model.routes
        for portion in route.portions
        for name in (portion.fraction, portion.less)
        if name
    }
    for route in model.routes:
        where = f"route {route.id}"
        if route.salt:
            need(route.salt, parameters, "parameter", where)
        for portion in route.portions:
            need(portion.into, compartments, "compartment", where)
            for name in filter(None, (portion.fraction, portion.less)):
                need(name, parameters, "parameter", where)
    for receptor in model.receptors:
        _receptor(model, receptor, need, parameters, concentrations & places)
    for parameter in model.parameters:
        if parameter.occasion and parameter.id not in fractions:
            raise KnowledgeError(
                f"kinetics {model.id}: parameter {parameter.id} differs between doses (occasion), which only the "
                "fractions of a route can"
            )


def _receptor(
    model: KineticModel, receptor: Receptor, need: _Need, parameters: set[str], places: set[str]
) -> None:
    where = f"receptor {receptor.id}"
    for name in _BINDING[receptor.binding]:
        need(getattr(receptor, name), parameters, f"parameter for '{name}'", where)
    for ligand in receptor.ligands:
        need(ligand.of, places, "compartment or effect site with a concentration", where)
        if ligand.potency:
            need(ligand.potency, parameters, "parameter", where)


def _names(model: KineticModel, what: str, names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise KnowledgeError(f"kinetics {model.id}: there are two of {what} {name!r}")
        seen.add(name)
    return seen
