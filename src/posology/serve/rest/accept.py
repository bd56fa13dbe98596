"""Which form of an answer the client wants (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from starlette.requests import Request

from ..problem import Refused


def accepted(request: Request, offered: Sequence[str]) -> str:
    """The form of `offered` that the client likes best; of equals the first. Refuses with 406 if it takes none."""
    given = ",".join(request.headers.getlist("accept")).strip()
    if not given:
        return offered[0]
    wishes = [_wish(part) for part in given.split(",", 100)[:100] if part.strip()]
    best, liked = "", 0.0
    for form in offered:
        fitting = [(exact, quality) for wish, quality in wishes if (exact := _fits(wish, form))]
        quality = max(fitting)[1] if fitting else 0.0
        if quality > liked:
            best, liked = form, quality
    if not best:
        raise Refused(406, f"the answer can be had as {', '.join(offered)}; ask for one of these in Accept")
    return best


def _wish(part: str) -> tuple[str, float]:
    kind, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = min(1.0, max(0.0, float(value)))
            except ValueError:
                quality = 0.0
    return kind.strip().lower(), 0.0 if isnan(quality) else quality


def _fits(wish: str, form: str) -> int:
    """How exactly: 3 the very type, 2 its family, 1 anything, 0 not at all."""
    if wish == form:
        return 3
    if wish == f"{form.partition('/')[0]}/*":
        return 2
    return 1 if wish == "*/*" else 0
