"""The error for rx text that means nothing: it points at the character and says what would be right."""

from __future__ import annotations

from posology.errors import UsageError

_WINDOW = 70
"""Characters of a long text that are shown around the place."""


class RxError(UsageError):
    """A regimen that means nothing, or that cannot be used the way it is asked to.

    `wrong` and `right` are the two halves of the message. `text` and `position` (characters from 0) are set where the
    error is at a place in an rx text; otherwise `position` is None.
    """

    def __init__(self, wrong: str, right: str, *, text: str = "", position: int | None = None) -> None:
        self.wrong, self.right, self.text, self.position = wrong, right, text, position
        if position is None:
            super().__init__(f"{wrong}: {right}")
        else:
            super().__init__(
                f"rx, character {position + 1}: {wrong}\n{_pointed(text, position)}\n{right}",
            )


class Unfit(RxError):
    """A part or regimen that means nothing, told by the field that is wrong, so that a parser can point at its text.

    `part` is the number of the part in the order of the text, where more than one is known.
    """

    def __init__(self, field: str, wrong: str, right: str, part: int = 0) -> None:
        self.field, self.part = field, part
        super().__init__(wrong, right)


def _pointed(text: str, position: int) -> str:
    """The text on one line, with a caret below the character at `position`; long text is cut around it."""
    start = max(0, position - _WINDOW // 2)
    end = min(len(text), start + _WINDOW)
    before, after = ("…" if start else ""), ("…" if end < len(text) else "")
    line = before + "".join(map(_visible, text[start:end])) + after
    return f"  {line}\n  {' ' * (len(before) + position - start)}^"


def _visible(char: str) -> str:
    """One printable character for any other, so that the caret stays below its place and no terminal is driven."""
    return " " if char.isspace() else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
