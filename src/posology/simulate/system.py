"""A kinetic model as a linear system dx/dt = A·x, cut down to the states that a question needs.

Arrays are *subject-last*: a vector of parameters has the shape (S,), a state (n, S), a matrix (n, n, S).
Operations over thousands of subjects are then elementwise on contiguous memory, zeros of the matrix cost
nothing, and what is computed for one subject never depends on who is computed beside.

Units: hours, litres, µg, ng/mL. States are amounts in µg, except effect sites (ng/mL), ``auc:`` states
(ng·h/mL) and ``rate:`` states (µg/h).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError
from posology.monograph.kinetics import KineticModel, Receptor, Route
from posology.simulate.references import check_references
from posology.simulate.units import pm_per_ng_ml

Floats = npt.NDArray[np.float64]
Values = Mapping[str, Floats]
"""Parameter id → values of the subjects, (S,), in the units above. An array of one element counts for all."""


WHOLE = ""
"""Among factors of occasions, in place of a parameter's id: the factor on the whole dose."""


@dataclass(frozen=True, slots=True)
class Term:
    """Adds ±rate/volume to one element of A; names are of parameters, empty means 1."""

    row: int
    column: int
    sign: float
    rate: str
    volume: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """The states that some routes can fill and some outputs can see, and how amounts move between them."""

    model: KineticModel
    states: tuple[str, ...]
    """In such an order that what flows, flows to later states, save between states that exchange."""
    terms: tuple[Term, ...]
    reaches: tuple[tuple[bool, ...], ...]
    """`reaches[i][j]`: can something that is in state j come to state i (or is it the same)?"""
    routes: frozenset[str]
    infused: frozenset[str]
    outputs: frozenset[str]
    """What it was made for."""

    @classmethod
    def of(
        cls,
        model: KineticModel,
        routes: Collection[str],
        outputs: Collection[str],
        *,
        infused: Collection[str] = (),
        auc: Collection[str] = (),
        eliminated: bool = False,
    ) -> System:
        """Cut a model down to what these routes can fill and these outputs can see.

        Args:
            model: What `kinetics.yaml` says.
            routes: By which doses are given.
            outputs: Ids of analytes and receptors; ``amount:STATE`` for what is in a state;
                ``auc:ANALYTE`` for its exposure since the beginning (as with `auc`);
                ``out:COMPARTMENT:PARAMETER`` for what has left the body that way.
            infused: Those of the routes by which some dose takes time.
            auc: Analytes whose area under the curve is followed as one more state.
            eliminated: Follow what leaves the body, one state ``out:COMPARTMENT:PARAMETER`` an outflow, and
                prune nothing that is filled: the amounts then add up to the dose.

        Raises:
            KnowledgeError: The model names something that is not there.
            UsageError: The model has no such route or output.
        """
        check_references(model)
        given = [_route(model, each) for each in dict.fromkeys(routes)]
        wanted = list(dict.fromkeys((*outputs, *(f"auc:{each}" for each in auc))))
        edges = _edges(model, wanted, eliminated)
        entered = {portion.into for route in given for portion in route.portions}
        filled = _closure(entered, [(a, b) for a, b, _, _ in edges])
        seen = _closure(
            {place for each in wanted for place in _places(model, each)}, [(b, a) for a, b, _, _ in edges]
        )
        kept = filled if eliminated else (filled & seen) or filled
        pulled = {portion.into for route in given if route.id in infused for portion in route.portions} & kept
        names = [each for each in _all_states(model, edges) if each in kept]
        edges += [(f"rate:{each}", each, "", "") for each in sorted(pulled)]
        names = [f"rate:{each}" for each in sorted(pulled)] + names
        names, reaches = _ordered(names, [(a, b) for a, b, _, _ in edges])
        at = {name: index for index, name in enumerate(names)}
        return cls(
            model,
            tuple(names),
            tuple(_terms(model, edges, at)),
            reaches,
            frozenset(routes),
            frozenset(infused),
            frozenset(wanted),
        )

    def expect(self, routes: Iterable[str], infused: Iterable[str], outputs: Iterable[str]) -> None:
        """Raise a `ValueError` if it was not made for these, so that nothing is left out in silence."""
        asked = (("route", routes, self.routes), ("infusion by", infused, self.infused))
        for what, names, known in asked:
            for name in names:
                if name not in known:
                    raise ValueError(
                        f"this system was made without the {what} {name!r}; name it to System.of"
                    )
        for output in outputs:
            if output not in self.outputs and not set(_places(self.model, output)) <= set(self.states):
                raise ValueError(f"this system was made without the output {output!r}; name it to System.of")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Ids of the parameters that A is made of."""
        used = {name for term in self.terms for name in (term.rate, term.volume) if name}
        return tuple(sorted(used))

    def matrices(self, values: Values) -> Floats:
        """A of every subject, (n, n, S), per hour."""
        count = subjects(values)
        found = np.zeros((len(self.states), len(self.states), count))
        for term in self.terms:
            rate = values[term.rate] if term.rate else np.ones(1)
            found[term.row, term.column] += term.sign * (rate / values[term.volume] if term.volume else rate)
        return found

    def entry(self, route: str, values: Values, occasion: Values | None = None) -> Floats:
        """What one mg of a dose puts into each state, (n, S) in µg.

        `occasion` has factors on fraction parameters that hold for this dose alone: parameter id → (S,), or
        (doses, S) for several doses at once, which gives (n, doses, S). A fraction never exceeds its parameter's
        `most`, nor what the portions before it have left. The factor of `WHOLE` is on the whole dose.
        """
        factors = occasion or {}
        shape = np.broadcast_shapes((subjects(values),), *(each.shape for each in factors.values()))
        found = np.zeros((len(self.states), *shape))
        at = {name: index for index, name in enumerate(self.states)}
        given = _route(self.model, route)
        whole = 1000.0 * (values[given.salt] if given.salt else np.ones(1))
        rest = np.ones(1)
        for portion in given.portions:
            if portion.fraction:
                share = self._fraction(portion.fraction, values, occasion)
                if portion.less:
                    share = share - self._fraction(portion.less, values, occasion)
                if portion.of_the_rest:
                    share = share * rest
                share = np.minimum(np.maximum(share, 0.0), rest)
            else:
                share = rest
            rest = rest - share
            if portion.into in at:
                found[at[portion.into]] += whole * share
        if WHOLE in factors:
            found *= factors[WHOLE]
        return found

    def into(self, route: str) -> tuple[int, ...]:
        """Indices of the states that a dose by this route enters."""
        entered = {portion.into for portion in _route(self.model, route).portions}
        return tuple(index for index, name in enumerate(self.states) if name in entered)

    def observe(self, output: str, values: Values) -> Floats:
        """Weights (n, S): the output is their sum over the states, Σ weight·x.

        For an analyte its concentration in ng/mL, for a receptor its drive Σ potency·concentration
        (`association`: in pM), for ``amount:``, ``auc:`` and ``out:`` what is in that state.
        """
        found = np.zeros((len(self.states), subjects(values)))
        at = {name: index for index, name in enumerate(self.states)}
        receptor = find_receptor(self.model, output)
        if receptor is None:
            for place in _places(self.model, output):
                if place in at:
                    raw = output.startswith(("amount:", "auc:", "out:"))
                    found[at[place]] = 1.0 if raw else self._per_amount(place, values)
            return found
        for ligand in receptor.ligands:
            if ligand.of in at:
                weight = self._per_amount(ligand.of, values)
                if ligand.potency:
                    weight = weight * values[ligand.potency]
                if receptor.binding == "association":
                    weight = weight * pm_per_ng_ml(self.model, ligand.of)
                found[at[ligand.of]] += weight
        return found

    def sees(self, output: str) -> tuple[int, ...]:
        """Indices of the states whose content now or later shows in the output."""
        at = {name: index for index, name in enumerate(self.states)}
        places = [at[each] for each in _places(self.model, output) if each in at]
        return tuple(j for j in range(len(self.states)) if any(self.reaches[i][j] for i in places))

    def lasting(self, route: str) -> tuple[int, ...]:
        """Indices of the states that a dose by this route comes to and passes through; a steady state has them."""
        into = {portion.into for portion in _route(self.model, route).portions}
        starts = [j for j, name in enumerate(self.states) if name in into]
        gathers = [name.startswith(("auc:", "out:", "rate:")) for name in self.states]
        return tuple(
            i for i in range(len(self.states)) if not gathers[i] and any(self.reaches[i][j] for j in starts)
        )

    def _fraction(self, name: str, values: Values, occasion: Values | None) -> Floats:
        if occasion is None or name not in occasion:
            return values[name]
        most = next(each.most for each in self.model.parameters if each.id == name)
        found = values[name] * occasion[name]
        return found if most is None else np.minimum(found, most)

    def _per_amount(self, place: str, values: Values) -> Floats:
        for compartment in self.model.compartments:
            if compartment.id == place:
                return 1.0 / values[compartment.volume]
        return np.ones(1)


def subjects(values: Values) -> int:
    """How many subjects these parameters are of."""
    sizes = {np.size(each) for each in values.values()} - {1}
    if len(sizes) > 1:
        raise ValueError(f"parameters of different numbers of subjects: {sorted(sizes)}")
    return sizes.pop() if sizes else 1


def find_receptor(model: KineticModel, output: str) -> Receptor | None:
    """The receptor of this id, or None."""
    return next((each for each in model.receptors if each.id == output), None)


def _route(model: KineticModel, name: str) -> Route:
    for route in model.routes:
        if route.id == name:
            return route
    known = ", ".join(each.id for each in model.routes)
    raise UsageError(f"{model.name}: there are no kinetics for the route {name!r}; there are for {known}")


_Edge = tuple[str, str, str, str]
"""From, to (a state; empty: nowhere that is followed), parameter of the rate, parameter it is divided by."""


def _edges(model: KineticModel, wanted: Iterable[str], eliminated: bool) -> list[_Edge]:
    volumes = {each.id: each.volume for each in model.compartments}
    asked = set(wanted)
    found: list[_Edge] = []
    for flow in model.flows:
        name = flow.rate or flow.clearance
        out = f"out:{flow.from_}:{name}"
        to = flow.to or (out if eliminated or out in asked else "")
        found.append((flow.from_, to, name, volumes[flow.from_] if flow.clearance else ""))
    for effect in model.effects:
        found.append((effect.follows, effect.id, effect.rate, volumes[effect.follows]))
    for output in dict.fromkeys(wanted):
        if output.startswith("auc:"):
            place = _plasma(model, output.removeprefix("auc:"))
            found.append((place, output, "", volumes[place]))
    return found


def _terms(model: KineticModel, edges: list[_Edge], at: Mapping[str, int]) -> Iterable[Term]:
    compartments = {each.id for each in model.compartments}
    effects = {each.id for each in model.effects}
    for from_, to, rate, volume in edges:
        if from_ not in at:
            continue
        if to in at:
            yield Term(at[to], at[from_], 1.0, rate, volume)
        if to in effects:
            if to in at:
                yield Term(at[to], at[to], -1.0, rate)
        elif from_ in compartments and not to.startswith("auc:"):
            yield Term(at[from_], at[from_], -1.0, rate, volume)


def _places(model: KineticModel, output: str) -> tuple[str, ...]:
    """The states that an output reads."""
    receptor = find_receptor(model, output)
    if receptor is not None:
        return tuple(ligand.of for ligand in receptor.ligands)
    kind, _, rest = output.partition(":")
    if kind == "amount":
        known = {each.id for each in model.compartments} | {each.id for each in model.effects}
        if rest in known:
            return (rest,)
    elif kind == "auc":
        _plasma(model, rest)
        return (output,)
    elif kind == "out":
        if any(
            output == f"out:{each.from_}:{each.rate or each.clearance}" for each in model.flows if not each.to
        ):
            return (output,)
    else:
        return (_plasma(model, output),)
    raise UsageError(f"{model.name}: there is no {output!r}")


def _plasma(model: KineticModel, analyte: str) -> str:
    holds = [each for each in model.compartments if each.analyte == analyte and each.volume]
    chosen = [each for each in holds if each.plasma] or holds[:1]
    if not chosen:
        known = ", ".join([*(each.id for each in model.analytes), *(each.id for each in model.receptors)])
        raise UsageError(f"{model.name}: there is no output {analyte!r}; there are {known}")
    return chosen[0].id


def _all_states(model: KineticModel, edges: list[_Edge]) -> list[str]:
    names = [*(each.id for each in model.compartments), *(each.id for each in model.effects)]
    return [*names, *dict.fromkeys(to for _, to, _, _ in edges if to and to not in names)]


def _closure(start: set[str], edges: list[tuple[str, str]]) -> set[str]:
    found, new = set(start), set(start)
    while new:
        new = {b for a, b in edges if a in new and b} - found
        found |= new
    return found


def _ordered(
    names: list[str], edges: list[tuple[str, str]]
) -> tuple[list[str], tuple[tuple[bool, ...], ...]]:
    """States sorted by how many states lead to them, and who reaches whom."""
    after = {name: _closure({name}, edges) for name in names}
    before = {name: sum(name in after[each] for each in names) for name in names}
    names = sorted(names, key=lambda name: before[name])
    return names, tuple(tuple(i in after[j] for j in names) for i in names)
