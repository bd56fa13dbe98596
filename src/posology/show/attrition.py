"""Who is left after each step: a diagram as SVG, drawn in a wide and in a narrow form."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from markupsafe import Markup, escape

from .escape import plain

_LINE = 19
_PAD = 10
_GAP = 22


@dataclass(frozen=True, slots=True)
class Out:
    """People who go out at a step: how many, why, and the commonest reasons. `rank` gives the colour."""

    count: str
    why: str
    reasons: tuple[tuple[str, str], ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Step:
    """People who are left, and who goes out next (None at the end). `of` tells what they are made of."""

    count: str
    who: str
    out: Out | None
    of: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Form:
    """Where boxes stand. Texts are wrapped at so many characters."""

    name: str
    width: int
    left: int
    right: int
    right_from: int
    beside: bool


WIDE = _Form("wide", 950, 390, 480, 470, True)
NARROW = _Form("narrow", 340, 338, 300, 39, False)


def draw(steps: tuple[Step, ...], form: _Form, title: str) -> Markup:
    """The diagram. Its colours are those of the page."""
    parts: list[Markup] = []
    y = 1
    for step in steps:
        lines = _lines(step.count, step.who, step.of, form.left)
        height = _height(lines)
        last = step.out is None
        parts.append(_box(1, y, form.left - 2, height, "end" if last else "left", lines))
        bottom = y + height
        if step.out is None:
            y = bottom
            break
        lines = _lines(step.out.count, step.out.why, step.out.reasons, form.right)
        out = _height(lines)
        top = y if form.beside else bottom + _GAP // 2
        # Beside: the box of those who go out may be higher than that of those who are left.
        following = max(bottom, top + out) + _GAP
        trunk = 20
        middle = top + _PAD + _LINE // 2
        parts.append(_arrow(trunk, bottom, trunk, following))
        parts.append(_arrow(form.left - 1 if form.beside else trunk, middle, form.right_from, middle))
        parts.append(_box(form.right_from, top, form.right - 1, out, f"out r{step.out.rank}", lines))
        y = following
    return Markup(
        '<svg class="attrition {name}" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="attrition-{name}-title attrition-{name}-desc" xmlns="http://www.w3.org/2000/svg">'
        '<title id="attrition-{name}-title">{title}</title><desc id="attrition-{name}-desc">{desc}</desc>{parts}</svg>'
    ).format(
        name=form.name,
        width=form.width,
        height=y + 2,
        title=title,
        desc=described(steps),
        parts=Markup("").join(parts),
    )


def described(steps: tuple[Step, ...]) -> str:
    """The diagram in sentences."""
    told = []
    for step in steps:
        told.append(f"{step.who}: {step.count}.")
        if step.out is not None:
            told.append(f"Out: {step.out.why}, {step.out.count}.")
    return " ".join(told)


_Line = tuple[str, str, str]
"""How it is set, a count before it, and text."""


def _lines(count: str, who: str, more: tuple[tuple[str, str], ...], width: int) -> list[_Line]:
    room = (width - 2 * _PAD) / 7.4
    head, *rest = textwrap.wrap(f"{count} {plain(who)}", int(room)) or [count]
    lines = [("head", count, head.removeprefix(count).strip())]
    lines += [("who", "", line) for line in rest]
    for number, text in more:
        first, *others = textwrap.wrap(f"{number} {plain(text, 90)}", int(room)) or [number]
        lines.append(("why", "", first))
        lines += [("why", "", f"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}{line}") for line in others]
    return lines


def _height(lines: list[_Line]) -> int:
    return len(lines) * _LINE + 2 * _PAD - 3


def _box(x: int, y: int, width: int, height: int, kind: str, lines: list[_Line]) -> Markup:
    texts = Markup("").join(
        Markup('<text x="{}" y="{}" class="{}">{}{}</text>').format(
            x + _PAD + 2,
            y + _PAD + _LINE * number + 12,
            how,
            Markup('<tspan class="n">{}</tspan> ').format(count) if count else "",
            escape(text),
        )
        for number, (how, count, text) in enumerate(lines)
    )
    return Markup(
        '<g class="{}"><rect x="{}" y="{}" width="{}" height="{}" rx="5"/><rect class="edge" x="{}" y="{}" '
        'width="5" height="{}" rx="2"/>{}</g>'
    ).format(kind, x, y, width, height, x, y, height, texts)


def _arrow(x: int, y: int, to_x: int, to_y: int) -> Markup:
    head = (
        f"M{to_x - 6} {to_y - 4}L{to_x} {to_y}L{to_x - 6} {to_y + 4}"
        if y == to_y
        else f"M{to_x - 4} {to_y - 6}L{to_x} {to_y}L{to_x + 4} {to_y - 6}"
    )
    return Markup('<path class="arrow" d="M{} {}L{} {}{}"/>').format(x, y, to_x, to_y, head)
