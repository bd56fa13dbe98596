"""Reads the tables of cases in tests/cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import yaml


class _Loader(yaml.SafeLoader):
    """Leaves days as text, so that those that do not exist can be written too, and `on` as a word."""

    yaml_implicit_resolvers: ClassVar = {
        first: how for first, how in yaml.SafeLoader.yaml_implicit_resolvers.items() if first not in "oO"
    }


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one file."""
    path = Path(__file__).parents[2] / "cases" / name
    found: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    return found
