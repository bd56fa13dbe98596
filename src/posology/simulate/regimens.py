"""The regimens that are asked for: written in rx notation, or named in the monograph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posology.errors import UsageError
from posology.monograph.model import Monograph, Statement
from posology.regimen.dose import Dose
from posology.regimen.named import regimen_named
from posology.regimen.parse import parse_rx
from posology.regimen.regimen import Regimen


@dataclass(frozen=True, slots=True)
class Wanted:
    """One regimen to simulate. `name` tells it from the others; `statement` is of the monograph, if named there.

    Doses that rx notation cannot say have no `regimen`, and are themselves there.
    """

    name: str
    regimen: Regimen | None
    statement: Statement | None = None
    doses: tuple[Dose, ...] = ()

    @property
    def rx(self) -> str:
        """Its canonical text; of doses without one, their name."""
        return self.name if self.regimen is None else str(self.regimen)

    @property
    def per_kg(self) -> bool:
        """Whether an amount is per kg of body weight."""
        return self.regimen is not None and any(part.per_kg for part in self.regimen.all_parts)


def wanted(
    monograph: Monograph,
    rx: Sequence[str],
    named: Sequence[str],
    doses: Mapping[str, Sequence[Dose]] | None = None,
) -> list[Wanted]:
    """Regimens written in rx notation, then those named in the monograph, then lists of doses by their names.

    Raises `UsageError` for none at all, for text that means nothing, an unknown name, or the same twice.
    """
    found = [Wanted(str(regimen), regimen) for regimen in map(parse_rx, rx)]
    for name in named:
        statement = regimen_named(monograph, name)
        found.append(Wanted(name, parse_rx(statement.rx), statement))
    found += [Wanted(name, None, doses=tuple(each)) for name, each in (doses or {}).items()]
    if not found:
        raise UsageError(
            "no regimen: write one, such as --rx '50 mg po q24h x28', or name one of the monograph's with --regimen"
        )
    for each in found:
        if sum(one.name == each.name for one in found) > 1:
            raise UsageError(f"the regimen '{each.name}' is given twice")
    return found
