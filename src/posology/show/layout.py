"""Lines of a terminal: wrapping, indents and, when asked for, colour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .escape import plain

NARROWEST, READABLE = 40, 20
"""Columns below which nothing is squeezed: of the page, and of a table's last column."""
_SGR = {
    "bold": "1", "dim": "2", "title": "1;4",
    "rank0": "1;32", "rank1": "1;33", "rank2": "1;35", "rank3": "1;31", "rank4": "1;37;41",
}  # fmt: skip


class Page:
    """Collects lines. Text is made harmless and wrapped before it is styled: colour never counts as width."""

    def __init__(self, color: bool, width: int) -> None:
        self._color, self._width = color, max(NARROWEST, width)
        self._lines: list[str] = []

    def say(self, text: str, style: str = "", indent: int = 0, mark: str = "") -> None:
        """One wrapped paragraph; `mark` stands before its first line, the others hang below the text."""
        text = plain(text)
        if not text:
            return
        first = " " * indent + (f"{mark} " if mark else "")
        lines = textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_on_hyphens=False,
        )
        self._lines.extend(self.styled(line, style) for line in lines)

    def columns(self, cells: Sequence[tuple[str, int]], style: str, least: int = READABLE) -> None:
        """One row: each text wrapped in its width, the last in what is left; `style` is for the second.

        With less than `least` left for the last, the texts stand one under the other.
        """
        left = self._width - sum(width for _, width in cells)
        if left < least:
            # Too narrow for columns: one under the other.
            for column, (text, _) in enumerate(cells):
                self.say(text, style if column == 1 else "", indent=4 if column else 0)
            return
        blocks = [
            textwrap.wrap(text, width - 2 if width else left, subsequent_indent="" if column else "  ")
            or [""]
            for column, (text, width) in enumerate(cells)
        ]
        for number in range(max(map(len, blocks))):
            row = ""
            for column, (block, (_, width)) in enumerate(zip(blocks, cells, strict=True)):
                cell = (block[number] if number < len(block) else "").ljust(width)
                row += self.styled(cell, style) if column == 1 and cell.strip() else cell
            self._lines.append(row.rstrip())

    def heading(self, text: str) -> None:
        """A section's heading, after an empty line."""
        self.gap()
        self.say(text.upper(), "bold")

    def gap(self) -> None:
        """One empty line, never two, and none at the top."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def more(self, hidden: int, indent: int = 0) -> None:
        """Says how many items of a list are not shown, and where they are."""
        if hidden > 0:
            self.say(f"and {hidden} more (--format json)", "dim", indent)

    def styled(self, text: str, style: str) -> str:
        """The text with its style, if colour is wanted."""
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if self._color and style else text

    def text(self) -> str:
        """Everything said, ending in a newline."""
        return "\n".join(self._lines).rstrip("\n") + "\n"
