"""A room needs no more than its extra installs: told from what its modules import, since the tests have everything."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
ROOMS = {
    "": "posology.cli, posology.api",
    "screen": "posology.screen.run, posology.show.screen_report",
    "simulate": "posology.simulate.people, posology.show.charts",
    "plan": "posology.prescribe.plan, posology.show.calendar, posology.show.leaflet_pdf",
    "serve": "posology.serve.run, posology.serve.app",
}


def coming(name: str, extras: frozenset[str], found: set[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """Distributions that are installed with this one and these of its extras, itself included."""
    key = canonicalize_name(name), extras
    if key in found:
        return
    found.add(key)
    yield key[0]
    for text in needs(name, extras):
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield from coming(one.name, frozenset(one.extras), found)


def needs(name: str, extras: frozenset[str]) -> list[str]:
    """What it asks for: of Posology as it is written now, of others as they are installed."""
    if name == "posology":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        optional = project["optional-dependencies"]
        return [*project["dependencies"], *(text for extra in extras for text in optional[extra])]
    try:
        return requires(name) or []
    except PackageNotFoundError:  # for another machine or Python
        return []


def imported(module: str) -> set[str]:
    """The libraries that this module imports when it is itself imported."""
    tree = ast.parse(Path(module).read_text(encoding="utf-8"))
    found = set()
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            found |= {each.name.partition(".")[0] for each in statement.names}
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            found.add((statement.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("extra", ROOMS)
def test_what_is_imported_comes_with_the_extra(extra: str) -> None:
    program = (
        f"import sys, {ROOMS[extra]}\n"
        "print(*[module.__file__ for name, module in sys.modules.items() if name.startswith('posology.')], sep='\\n')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    modules = [each for each in run.stdout.splitlines() if each.startswith(str(SOURCE))]
    assert modules
    has = set(coming("posology", frozenset({extra} - {""}), set()))
    owners = packages_distributions()
    lacking = {
        library: module.removeprefix(str(SOURCE))
        for module in modules
        for library in imported(module)
        if library in owners and has.isdisjoint(map(canonicalize_name, owners[library]))
    }
    assert not lacking
