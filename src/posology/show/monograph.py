"""A monograph to read: its page in Markdown, laid out for a terminal or as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.monograph.load import Library
from posology.monograph.page import monograph_page

from .html import page
from .layout import Page

_HEADING = re.compile(r"(#{1,6}) (.+)")
_ITEM = re.compile(r"( *)- (.+)")
_INLINE = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:)\]]")


def markdown(library: Library, name: str) -> str:
    """The monograph's page in Markdown."""
    return monograph_page(library.monograph(name), library.vocabulary, library.sources)


def render(library: Library, name: str, color: bool, width: int) -> str:
    """The monograph as text of at most `width` columns; without `color` there is no escape sequence in it."""
    shown = Page(color, width)
    for kind, depth, text in _blocks(markdown(library, name)):
        text = _INLINE.sub(lambda found: found[1] or found[2], text)
        if kind == "heading":
            shown.gap()
            shown.say(text.upper() if depth < 3 else text, "title" if depth == 1 else "bold")
        elif kind == "item":
            shown.say(text, indent=depth, mark="-")
        elif text:
            shown.say(text)
        else:
            shown.gap()
    return shown.text()


def render_html(library: Library, name: str) -> str:
    """The monograph as one self-contained HTML document."""
    return page("monograph.html", name=name, blocks=list(_blocks(markdown(library, name))), runs=_runs)


def _blocks(text: str) -> Iterator[tuple[str, int, str]]:
    """Headings with their level, items with their indent and paragraphs: all that the page is made of."""
    for line in text.splitlines():
        if found := _HEADING.fullmatch(line):
            yield "heading", len(found[1]), found[2]
        elif found := _ITEM.fullmatch(line):
            yield "item", len(found[1]), found[2]
        else:
            yield "text", 0, line.strip()


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """A line's runs of plain, bold and code text, and web addresses."""
    last = 0
    for found in _INLINE.finditer(text):
        yield from _linked(text[last : found.start()])
        yield ("bold", found[1]) if found[1] else ("code", found[2])
        last = found.end()
    yield from _linked(text[last:])


def _linked(text: str) -> Iterator[tuple[str, str]]:
    last = 0
    for found in _ADDRESS.finditer(text):
        yield "text", text[last : found.start()]
        yield "link", found[0]
        last = found.end()
    yield "text", text[last:]
