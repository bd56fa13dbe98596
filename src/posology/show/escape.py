"""Text of a record made harmless: nothing in it may steer a terminal, a page or the order of reading.

Every renderer passes every string through `plain` or, where the text must survive unchanged, `quoted`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}
"""Format characters that scripts need (Persian, Indic) and that move nothing."""
INVISIBLE = {"\N{SOFT HYPHEN}", "\N{ZERO WIDTH SPACE}", "\N{WORD JOINER}", "\N{ZERO WIDTH NO-BREAK SPACE}"}
"""Format characters that show nothing and are dropped; all others are shown as replaced."""
_ASCII = str.maketrans({
    "·": "-", "–": "-", "—": "-", "‑": "-", "−": "-", "•": "*", "…": "...", "’": "'", "‘": "'", "“": '"',
    "”": '"', "≥": ">=", "≤": "<=", "×": "x", "µ": "u", "μ": "u", "→": "->", "°": " deg", "½": "1/2",
    "±": "+/-",
})  # fmt: skip
_SPACES = re.compile(r"  +")
_UNUSUAL = re.compile(r"[^\n -~]")
# What can open or end a tag, if JSON text is ever put into a page.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def plain(text: str, limit: int = 0) -> str:
    """One line of printable text, trimmed: see `printable`.

    With `limit`, text longer than so many characters is cut, which is marked.
    """
    text = printable(text).strip()
    return f"{text[: limit - 1].rstrip()}…" if limit and len(text) > limit else text


def printable(text: str) -> str:
    """The text on one line: white space becomes one space, control and bidi characters are replaced."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_harmless, text))
    return _SPACES.sub(" ", text) if "  " in text else text


def _harmless(char: str) -> str:
    if char.isspace() and char not in "\x1c\x1d\x1e\x1f":
        return " "
    if char in JOINERS or char.isprintable():
        return char
    if char in INVISIBLE:
        return ""
    return char if unicodedata.category(char) == "Cn" else REPLACEMENT


def plain_tree(value: Any) -> Any:
    """Plain data with every string made harmless, keys included."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(key): plain_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_tree(item) for item in value]
    return value


def quoted(json_text: str) -> str:
    r"""JSON text in which no character acts on a terminal or a page: such characters become ``\uXXXX``.

    Lossless: a JSON reader gets back the same strings.
    """
    if not json_text.isascii():
        json_text = _UNUSUAL.sub(lambda found: _escape(found[0]), json_text)
    return _TAG.sub(r"\\u003c", json_text.replace("\x7f", "\\u007f"))


def _escape(char: str) -> str:
    if char == "\n" or (char.isprintable() and char not in INVISIBLE):
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def encodable(text: str, encoding: str | None) -> str:
    """The text as a terminal of this encoding can print it: typographic marks in ASCII, the rest as ``?``."""
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding or "ascii", "replace").decode(encoding or "ascii")
    return text
