"""docs/RX.md says what is so: its examples parse, its wrong ones fail as shown, its hours are the hours."""

import re
from pathlib import Path

import pytest

from posology.regimen import ROUTES, RxError, parse_rx
from posology.regimen.measures import UNITS
from posology.regimen.part import DAYS, TIMES_A_DAY

PAGE = (Path(__file__).parents[3] / "docs" / "RX.md").read_text(encoding="utf-8")


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)


def _table(first: str, second: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for table in re.findall(rf"^\| {first} \| {second} \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE):
        rows += re.findall(r"^\| `(.+?)` \| `?(.+?)`? \|$", table, re.MULTILINE)
    assert rows
    return rows


(EXAMPLES,) = _blocks("rx")


@pytest.mark.parametrize("text", EXAMPLES.splitlines())
def test_examples(text: str) -> None:
    assert parse_rx(str(parse_rx(text))) == parse_rx(text)


@pytest.mark.parametrize("message", _blocks("error"))
def test_messages(message: str) -> None:
    with pytest.raises(RxError) as caught:
        parse_rx(message.split("\n")[1].strip())
    assert str(caught.value) == message


@pytest.mark.parametrize(("text", "canonical"), _table("written", "canonical"))
def test_canonical(text: str, canonical: str) -> None:
    assert str(parse_rx(text)) == canonical


@pytest.mark.parametrize(("text", "hours"), _table("rx", "hours of the doses"))
def test_hours(text: str, hours: str) -> None:
    assert ", ".join(f"{dose.time:g}" for dose in parse_rx(text).doses()) == hours


@pytest.mark.parametrize(("wrong", "right"), _table("instead of", "write"))
def test_wrong_and_right(wrong: str, right: str) -> None:
    with pytest.raises(RxError):
        parse_rx(wrong)
    parse_rx(right)


def test_the_grammar_names_every_word() -> None:
    (grammar,) = _blocks("ebnf")
    assert {*ROUTES, *UNITS, *DAYS, *TIMES_A_DAY} <= set(re.findall(r'"([a-z-]+)"', grammar))


def test_examples_in_the_text_parse() -> None:
    texts = re.findall(r"`(\(?\d[^`|]*(?:mg|mcg)[^`|]*)`", PAGE)
    wrong = {text for text, _ in _table("instead of", "write")}
    assert len([parse_rx(text) for text in texts if text not in wrong]) > 40
