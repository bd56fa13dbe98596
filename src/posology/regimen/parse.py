"""rx text to a `Regimen`, or an `RxError` that points at the character."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from posology.regimen.draft import Draft
from posology.regimen.error import RxError, Unfit
from posology.regimen.mistakes import misplaced, strange_character
from posology.regimen.part import Count
from posology.regimen.regimen import Regimen

if TYPE_CHECKING:
    from lark import Lark

LONGEST_TEXT = 10_000


def parse_rx(text: str) -> Regimen:
    """The regimen that an rx text means (docs/RX.md). Raises `RxError`, and nothing else, for any other text."""
    if len(text) > LONGEST_TEXT:
        raise RxError(f"rx of {len(text)} characters", f"write at most {LONGEST_TEXT}")
    if not text.strip():
        raise RxError("the text is empty", "write a regimen, such as 50 mg po q24h")
    strange = strange_character(text)
    if strange:
        raise strange
    tracks = [[Draft.read(text, part) for part in track] for track in _tracks(_tree(text))]
    _share_last_end(tracks)
    parts = [part for track in tracks for part in track]
    try:
        return Regimen(tuple(tuple(part.build() for part in track) for track in tracks))
    except Unfit as error:
        raise parts[error.part].pointed(error) from None


@functools.cache
def _parser() -> Lark:
    # Imported here because most runs of the program read no rx.
    from lark import Lark

    grammar = files(__package__).joinpath("rx.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual")


# lark's types know neither which token nor which rule a child is; the grammar does.
def _tree(text: str) -> Any:
    from lark import UnexpectedCharacters, UnexpectedToken

    try:
        return _parser().parse(text)
    except UnexpectedCharacters as error:
        place: Any = error.pos_in_stream
        raise misplaced(text, place, error.allowed or set()) from None
    except UnexpectedToken as error:
        place = len(text.rstrip()) if error.token.type == "$END" else error.token.start_pos
        raise misplaced(text, place, error.expected) from None


def _tracks(tree: Any) -> list[list[Any]]:
    """The parts of each track."""
    (top,) = tree.children
    if top.data == "sequence":
        return [top.children]
    return [child.children if child.data == "sequence" else [child] for child in top.children]


def _share_last_end(tracks: list[list[Draft]]) -> None:
    """Lets the end of the last of several parallel parts hold for each other part that has none (docs/RX.md).

    Only a time can: a count of doses, or a sequence beside it, could be meant in two ways and is refused.
    """
    *others, last = tracks
    if len(last) > 1 or last[0].values.get("end") is None:
        return
    end = last[0].values["end"]
    for track in others:
        final = track[-1]
        if not final.is_open:
            continue
        if isinstance(end, Count) or len(track) > 1:
            what = "a count of doses" if isinstance(end, Count) else "this end"
            raise last[0].pointed(
                Unfit(
                    "end",
                    f"{what} on the last part does not say when the part before '&' ends",
                    "give that part an end of its own, or write 'ongoing' in it",
                )
            )
        final.values["end"] = end
