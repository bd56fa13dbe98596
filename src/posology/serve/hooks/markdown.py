"""GitHub-flavoured Markdown in which no text of a record can be markup, a link or HTML."""

from __future__ import annotations

import re

from posology.show.escape import plain

_MARKS = str.maketrans(
    {mark: f"\\{mark}" for mark in r"\`*_{}[]|~@"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")
_START = re.compile(r"^(?=[-+=#])|(?<=^\d)(?=[.)])|(?<=^\d\d)(?=[.)])|(?<=^\d\d\d)(?=[.)])")


def text(words: str, limit: int = 0) -> str:
    """The words on one line, as words: marks escaped, HTML as entities, nothing that becomes a link by itself."""
    said = plain(words, limit).translate(_MARKS)
    if ":" in said or "." in said:
        said = _LINK.sub(lambda found: f"{found[1]}\\:" if found[1] else f"{found[3]}\\.", said)
    return said if said[:1].isalpha() else _START.sub(r"\\", said)


def bullets(lines: list[str]) -> str:
    """A list; each line is Markdown already."""
    return "\n".join(f"- {line}" for line in lines)


def section(title: str, lines: list[str]) -> str:
    """A heading in bold with its list; empty if there is nothing in it."""
    return f"**{title}**\n\n{bullets(lines)}" if lines else ""
