"""Regimens of a monograph: which there are, and which one a name or a question means."""

from __future__ import annotations

import difflib
from dataclasses import replace

from posology.errors import UsageError
from posology.monograph.model import Monograph, Statement
from posology.regimen.parse import parse_rx
from posology.regimen.regimen import Regimen
from posology.regimen.scope import Scope


def regimens(monograph: Monograph) -> tuple[Statement, ...]:
    """The statements that hold a regimen which can be asked for by name, in the order of the knowledge."""
    return tuple(each for each in monograph.statements if each.rx and each.names)


def regimen_named(monograph: Monograph, name: str) -> Statement:
    """The statement whose regimen has this name or id; raises `UsageError` with the nearest name."""
    wanted = name.strip().lower().replace(" ", "-").replace("_", "-")
    known = {alias: each for each in regimens(monograph) for alias in (each.id, *each.names)}
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    names = ", ".join(each.names[0] for each in regimens(monograph))
    raise UsageError(f"unknown regimen '{name}'.{hint} Known: {names or 'none'}.")


def alike(monograph: Monograph, regimen: Regimen, region: str) -> Statement | None:
    """The one regimen of the knowledge with these doses, however long either goes on; None if none or several have."""
    shape = _shape(regimen)
    found = [
        each
        for each in regimens(monograph)
        if (not each.regions or region in each.regions) and _shape(parse_rx(each.rx)) == shape
    ]
    return found[0] if len(found) == 1 else None


def _shape(regimen: Regimen) -> frozenset[object]:
    """Its tracks in no order, without the ends of the last parts."""
    return frozenset((*track[:-1], replace(track[-1], end=None)) for track in regimen.parts)


def usual_regimen(monograph: Monograph, scope: Scope) -> Statement:
    """The first regimen of the knowledge that is meant for this use, product and region.

    Raises `UsageError` if there is none; it then names those of the drug.
    """
    # A regimen for every use is nobody's usual one: it has to name the use or a wider one.
    fitting = [each for each in regimens(monograph) if each.uses and scope.holds(each)]
    if fitting:
        return fitting[0]
    names = ", ".join(each.names[0] for each in regimens(monograph)) or "none"
    raise UsageError(
        f"there is no regimen of {monograph.identity.id} for {scope.use.id} as {scope.product.id} in"
        f" {scope.region}; name one with --regimen ({names}), or write it as rx"
    )
