"""Which model of a drug a regimen is simulated with, and whether it may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from posology.errors import UsageError, unknown_name
from posology.monograph.kinetics import KineticModel, Route
from posology.monograph.load import Library
from posology.regimen.dose import Dose


def models_of(library: Library, drug: str, model: str | None = None) -> tuple[KineticModel, ...]:
    """The models of a drug, or the one named `model`. Raises `UsageError` if there is none."""
    models = library.kinetics(drug)
    if not models:
        able = [name for name in library.names() if library.kinetics(name)]
        raise UsageError(
            f"{drug} has no kinetics that can be run (its monograph has no kinetics.yaml);"
            f" drugs that have: {', '.join(able) or 'none'}"
        )
    if model is None:
        return models
    found = tuple(each for each in models if each.id == model)
    if not found:
        raise unknown_name(f"{drug} model", model, [each.id for each in models])
    return found


def routed(models: Sequence[KineticModel], doses: Sequence[Dose], rx: str) -> list[str]:
    """The route of each dose; a dose without one has the only one that the models know.

    A reset without a dose has the route of the first dose, so that it asks for no other.

    Raises `UsageError` for a dose without a route where the models know several.
    """
    known = _routes(models)
    routes: list[str] = []
    first = next((dose.route for dose in doses if dose.amount), None)
    for dose in doses:
        if not dose.amount:
            routes.append(first or known[0])
            continue
        if dose.route is None and len(known) > 1:
            raise UsageError(
                f"'{rx}' does not say by which route {dose.text} is given; write one of {', '.join(known)}"
            )
        routes.append(dose.route or known[0])
    return routes


def model_for(drug: str, models: Sequence[KineticModel], routes: Iterable[str], rx: str) -> KineticModel:
    """The first model that covers all these routes.

    Raises `UsageError` if there is none; the message names the routes that the drug has kinetics for.
    """
    wanted = sorted(set(routes))
    for model in models:
        if set(wanted) <= {route.id for route in model.routes}:
            return model
    known = _routes(models)
    missing = [route for route in wanted if route not in known]
    if missing:
        raise UsageError(
            f"'{rx}': {drug} has no kinetics for the route {' and '.join(missing)}; it has them for {', '.join(known)}"
        )
    covers = "; ".join(f"{each.id} covers {', '.join(route.id for route in each.routes)}" for each in models)
    raise UsageError(f"'{rx}': no one model of {drug} covers {' and '.join(wanted)} together ({covers})")


def refuse_too_many(model: KineticModel, routes: Sequence[str], rx: str) -> None:
    """Raises `UsageError` if there are more doses by a route than the model was made for."""
    for route in model.routes:
        given = sum(each == route.id for each in routes)
        if route.doses is not None and given > route.doses:
            raise UsageError(f"'{rx}' has {given} doses by the route {route.id}: {_said(model, route)}")


def _said(model: KineticModel, route: Route) -> str:
    doses = "a single dose" if route.doses == 1 else f"at most {route.doses} doses"
    return f"the model {model.id} was made for {doses}. {route.says}".rstrip()


def _routes(models: Sequence[KineticModel]) -> list[str]:
    return list(dict.fromkeys(route.id for model in models for route in model.routes))
