"""Charts drawn without a browser: Vega-Lite to SVG and PNG by vl-convert."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Any

from markupsafe import Markup, escape

from posology.errors import UsageError

VEGA_LITE = "6.1"
_TAG = re.compile(r"<[^>]+>")
_LONG = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_ROOT = re.compile(r"<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_NAMED = re.compile(r"(?<=url\(#)[\w-]+|(?<= id=\")[\w-]+|(?<=href=\"#)[\w-]+")
_NOISE = re.compile(
    r' (?:role|aria-roledescription|aria-hidden|pointer-events|opacity)="(?:[a-z][a-z -]*|1)"'
)


def needed() -> None:
    """Raises `UsageError` if charts cannot be drawn here."""
    if find_spec("vl_convert") is None:
        raise UsageError("charts need vl-convert-python: pip install 'posology[simulate]'")


def png(spec: dict[str, Any]) -> bytes:
    """The chart as PNG, two pixels a point."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=2))


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def svg(spec: dict[str, Any], name: str, title: str, description: str, form: str = "") -> Markup:
    """The chart as SVG with a title and a description; ids start with `name`, so that a page can hold several.

    `form` is a further class of its root. Coordinates are rounded to a hundredth of a pixel.
    """
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    # Only inside of tags: a text such as 0.001 on an axis is no coordinate.
    drawn = _TAG.sub(lambda tag: _LONG.sub(_rounded, tag[0]), drawn)
    # Ids are numbered through a whole process: they are counted anew, so that a chart is always the same bytes.
    ids: dict[str, str] = {}
    drawn = _NAMED.sub(
        lambda found: ids.setdefault(found[0], f"{name}-{len(ids) + 1}"), _NOISE.sub("", drawn)
    )
    root = _ROOT.search(drawn)
    if root is None:
        raise RuntimeError("vl-convert gave something that is no SVG")
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" class="chart {form}" width="{width}" '
        'role="img" aria-labelledby="{name}-title {name}-desc">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{desc}</desc>'
    ).format(
        box=root[1],
        width=root[1].split()[2],
        name=name,
        form=form,
        title=escape(title),
        desc=escape(description),
    )
    return head + Markup(drawn[root.end() :])
