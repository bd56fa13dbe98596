"""Reading YAML: what words mean, where things stand, and what is said about files that cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from posology.errors import KnowledgeError
from posology.monograph.yaml_file import DEEPEST, read_yaml


def read(text: str | bytes) -> Any:
    return read_yaml(Path("a/f.yaml"), text if isinstance(text, bytes) else text.encode()).data


def wrong(text: str | bytes) -> str:
    with pytest.raises(KnowledgeError) as raised:
        read(text)
    assert raised.value.exit_code == 5
    return str(raised.value)


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("off", "off"), ("y", "y"),
        ("true", True), ("False", False), ("~", None), ("null", None),
        ("12", 12), ("-3", -3), ("0x1F", 31), ("0o17", 15), ("010", 10), ("1_000", "1_000"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("12:30", "12:30"), (".inf", ".inf"),
        ("2026-06-30", "2026-06-30"), ("2026-06-30T10:00:00Z", "2026-06-30T10:00:00Z"),
        ('"12"', "12"), ("'true'", "true"), ('""', ""), ("F11.2", "F11.2"), ("1742-6", "1742-6"),
    ],
)  # fmt: skip
def test_words_mean_what_yaml_1_2_says(word: str, meaning: Any) -> None:
    found = read(f"a: {word}\n")["a"]
    assert found == meaning
    assert type(found) is type(meaning)


def test_hyphens_in_keys_become_underscores() -> None:
    assert read("part-of: x\ndrug_class: y\n") == {"part_of": "x", "drug_class": "y"}


def test_block_text_stays_text() -> None:
    assert read("a: |\n  12\nb: >-\n  true\n") == {"a": "12\n", "b": "true"}


def test_an_empty_file_is_nothing() -> None:
    assert read("# only a remark\n") is None


def test_lines_are_remembered() -> None:
    file = read_yaml(Path("f.yaml"), b"- id: a\n  when:\n    any:\n      - {sex: male}\n- id: b\n")
    assert [file.line((0, "id")), file.line((0, "when", "any", 0)), file.line((1,))] == [1, 4, 5]
    assert file.line((0, "when", "any", 0, "sex", "nothing", "here")) == 4
    assert file.line((0, "with_")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c\n", "a/f.yaml:1: not valid YAML"),
        ("a: b: c\n", "quote text that contains ': '"),
        ("a:\n\t- x\n", "a/f.yaml:2: not valid YAML"),
        ("a:\n\t- x\n", "indent with spaces, not tabs"),
        ("- a: 1\n   b: 2\n", "a/f.yaml:2:"),
        ("a:\n  b: 1\n c: 2\n", "a/f.yaml:3:"),
        ("a:\n  b: 1\n c: 2\n", "same indentation"),
        ("a: [x\nb: 1\n", "close the bracket"),
        ("a: 'x\n", "close the quote or bracket"),
        ("a: %x\n", "quote text that begins with"),
        ("a: 1\nb: 2\na: 3\n", "a/f.yaml:3: 'a' is given twice (first in line 1); keep one of them"),
        ("a-b: 1\na_b: 3\n", "a/f.yaml:2: 'a_b' is given twice (first in line 1)"),
        ("a: &x 1\n", "a/f.yaml:1: anchors (&) and aliases (*) are not read"),
        ("a: 1\nb: *x\n", "a/f.yaml:2: anchors (&) and aliases (*) are not read"),
        ("a: !!python/object:os.system x\n", "a/f.yaml:1: the tag"),
        ("a: 1\n---\nb: 2\n", "a/f.yaml:2: a second document begins"),
        ("{a: 1}: 2\n", "a/f.yaml:1: a key must be a word"),
        (b"a: 1\nb: \xff\n", "a/f.yaml:2: not UTF-8 text; save the file as UTF-8"),
        ("a: x\x07\n", "a/f.yaml:1: not valid YAML"),
        ("[" * 100_000, f"a/f.yaml:1: nested deeper than {DEEPEST} levels"),
        ("- " * 100_000, f"nested deeper than {DEEPEST} levels"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(text: str | bytes, message: str) -> None:
    assert message in wrong(text)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(KnowledgeError, match=r"gone\.yaml:1: cannot be read"):
        read_yaml(Path("gone.yaml"))
