"""The regimens of a drug that have a name, as a list on the terminal."""

from __future__ import annotations

from typing import Any

from posology.monograph.model import Monograph
from posology.regimen.named import regimens

from .json import dumped
from .layout import Page


def document(monograph: Monograph) -> str:
    """The list as JSON."""
    listed: list[dict[str, Any]] = [
        {
            "names": each.names,
            "id": each.id,
            "title": each.title,
            "rx": each.rx,
            "uses": each.uses,
            "products": each.products,
            "regions": each.regions,
        }
        for each in regimens(monograph)
    ]
    return dumped({"drug": monograph.identity.id, "regimens": listed})


def render(monograph: Monograph, color: bool, width: int) -> str:
    """The regimens of a monograph that can be asked for by name."""
    page = Page(color, width)
    drug = monograph.identity.id
    page.say(f"Regimens of {drug}", "title")
    page.say(f"Ask for one with: posology plan {drug} --regimen NAME --start YYYY-MM-DD")
    found = regimens(monograph)
    for each in found:
        where = f", {' and '.join(each.regions)} only" if each.regions else ""
        page.gap()
        page.say(", ".join(each.names), "bold")
        page.say(f"{each.title or each.says} ({', '.join(each.uses) or 'every use'}{where})", indent=2)
        page.say(each.rx, indent=2, mark="rx:")
    if not found:
        page.say("It has none; write one with --rx.")
    return page.text()
