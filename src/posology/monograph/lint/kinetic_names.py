"""Does every name inside a model lead somewhere, to a parameter in a unit that fits?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..folder import Placed
from ..kinetics import KineticModel
from .problem import Problem, error, unknown

RATES = ("1/h", "1/min", "1/s")
CLEARANCES = ("L/h", "mL/min", "mL/s")
CONCENTRATIONS = ("ng/mL", "nM", "pM")
CONSTANTS = {
    "half": CONCENTRATIONS,
    "capture": RATES,
    "release": RATES,
    "on": ("1/(pM^n.s)",),
    "off": RATES,
    "exponent": ("1",),
}
"""The units that each constant of a receptor may have."""


class Names:
    """Every name inside a model, checked against what it may be; gathers the parameters that are used."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.model: KineticModel = placed.item
        self.parameters = {one.id: one for one in self.model.parameters}
        self.used: set[str] = set()
        self.wrong = False

    def problems(self) -> Iterator[Problem]:
        """Each name that leads nowhere, and each parameter in a unit that does not fit; sets `wrong`."""
        compartments = [one.id for one in self.model.compartments]
        volumes = {one.id for one in self.model.compartments if one.volume}
        for found in (*self._places(compartments, volumes), *self._readers(compartments, volumes)):
            self.wrong = True
            yield found

    def _places(self, compartments: list[str], volumes: set[str]) -> Iterator[Problem]:
        """Compartments, flows, effect sites and routes."""
        model = self.model
        for at, compartment in enumerate(model.compartments):
            if compartment.analyte:
                analytes = [one.id for one in model.analytes]
                yield from self._known(
                    "analyte", compartment.analyte, analytes, "compartments", at, "analyte"
                )
            yield from self._parameter(compartment.volume, ("L",), "compartments", at, "volume")
        for at, flow in enumerate(model.flows):
            yield from self._known("compartment", flow.from_, compartments, "flows", at, "from_")
            if flow.to:
                yield from self._known("compartment", flow.to, compartments, "flows", at, "to")
            if bool(flow.rate) == bool(flow.clearance):
                yield error(
                    self.placed, "flows", at, message="a flow has either a rate or a clearance; give one"
                )
            if flow.clearance and flow.from_ in compartments and flow.from_ not in volumes:
                message = f"a clearance needs the volume of '{flow.from_}', which has none; add volume: or write a rate"
                yield error(self.placed, "flows", at, "clearance", message=message)
            yield from self._parameter(flow.rate, RATES, "flows", at, "rate")
            yield from self._parameter(flow.clearance, CLEARANCES, "flows", at, "clearance")
        for at, effect in enumerate(model.effects):
            yield from self._concentration(effect.follows, compartments, volumes, "effects", at, "follows")
            yield from self._parameter(effect.rate, RATES, "effects", at, "rate")
        for at, route in enumerate(model.routes):
            yield from self._parameter(route.salt, ("1",), "routes", at, "salt")
            for n, portion in enumerate(route.portions):
                here = ("routes", at, "portions", n)
                yield from self._known("compartment", portion.into, compartments, *here, "into")
                yield from self._parameter(portion.fraction, ("1",), *here, "fraction")
                yield from self._parameter(portion.less, ("1",), *here, "less")

    def _readers(self, compartments: list[str], volumes: set[str]) -> Iterator[Problem]:
        """Receptors, covariate effects and alternatives."""
        model = self.model
        places = [*compartments, *(one.id for one in model.effects)]
        readable = volumes | {one.id for one in model.effects}
        for at, receptor in enumerate(model.receptors):
            for key, units in CONSTANTS.items():
                yield from self._parameter(getattr(receptor, key), units, "receptors", at, key)
            for n, ligand in enumerate(receptor.ligands):
                here = ("receptors", at, "ligands", n)
                yield from self._concentration(ligand.of, places, readable, *here, "of")
                yield from self._parameter(ligand.potency, ("1",), *here, "potency")
        for at, effect in enumerate(model.covariate_effects):
            for n, name in enumerate(effect.parameters):
                yield from self._known(
                    "parameter", name, self.parameters, "covariate_effects", at, "parameters", n
                )
        for at, other in enumerate(model.alternatives):
            for n, changed in enumerate(other.values):
                here = ("alternatives", at, "values", n)
                yield from self._known("parameter", changed.parameter, self.parameters, *here, "parameter")

    def _known(self, what: str, name: str, known: Iterable[str], *trail: str | int) -> Iterator[Problem]:
        if name not in (known := list(known)):
            yield error(self.placed, *trail, message=unknown(what, name, known))

    def _concentration(
        self, name: str, known: Iterable[str], readable: Iterable[str], *trail: str | int
    ) -> Iterator[Problem]:
        missing = list(self._known("compartment", name, known, *trail))
        yield from missing
        if not missing and name not in readable:
            yield error(self.placed, *trail, message=f"'{name}' has no concentration; give it a volume")

    def _parameter(self, name: str, units: tuple[str, ...], *trail: str | int) -> Iterator[Problem]:
        if not name:
            return
        yield from self._known("parameter", name, self.parameters, *trail)
        self.used.add(name)
        if name in self.parameters and self.parameters[name].unit not in units:
            message = (
                f"{str(trail[-1]).replace('_', '-')} takes a parameter in {' or '.join(units)};"
                f" '{name}' is in {self.parameters[name].unit}"
            )
            yield error(self.placed, *trail, message=message)
