"""Write docs/manual/meaning.md from the spec's examples: ``python -m tests.spec.generate [--check]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from .model import ON, Entry, Example, Fhir, Rule
from .topics import TOPICS

CHAPTER = Path(__file__).parents[2] / "docs" / "manual" / "meaning.md"
HEAD = f"""# What the rules mean

<!-- Written by `python -m tests.spec.generate` from tests/spec/. Do not edit: change the examples there. -->

This chapter says how a record is read and when a criterion is met. Every row of its tables is a test that
runs on each change of the program: the entries become a FHIR record, the record is read, the question is put,
and the answer is compared with the one in the last column. Each row is run again with its entries reversed,
doubled and mixed with irrelevant ones, and must give the same answer.

The drug (*examplol*), the other medicines (*opexol*, an opioid; *blokanol*, an antagonist; *steadol*), the
diseases and all codes are made up, so that nothing here depends on the facts of a real monograph.

How to read the tables: entries are written as in `cases.yaml`; *with* says which FHIR fields are set besides.
The day asked about is {ON} and the patient is a man born on 1980-03-01 unless a row or rule says otherwise.
Answers are **met**, not met or *unknown*; a verdict stands where the whole question is asked.
"""
ANSWERS = {"met": "**met**", "not-met": "not met", "unknown": "*unknown*"}


def chapter() -> str:
    """The whole chapter as Markdown."""
    lines = [HEAD]
    lines += [f"- [{topic.title}](#{_anchor(topic.title)})" for topic in TOPICS]
    for topic in TOPICS:
        lines += ["", f"## {topic.title}", "", topic.says]
        for rule in topic.rules:
            lines += ["", *_rule(rule)]
    return "\n".join(lines) + "\n"


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower() if c.isalnum() or c in " -").replace(" ", "-")


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.title}"
    yield ""
    yield rule.says
    yield ""
    yield f"*Why:* {rule.why}"
    yield ""
    told = []
    if rule.when:
        told.append(f"Question: {_code(rule.when)}.")
    if rule.given:
        told.append(f"Every record here also holds {', '.join(_entry(one) for one in rule.given)}.")
    if rule.patient != Rule.__dataclass_fields__["patient"].default:
        told.append(f"Patient: {_code(rule.patient)}.")
    if told:
        yield " ".join(told)
        yield ""
    own = any(example.when for example in rule.examples)
    yield "| | record |" + (" question |" if own else "") + " answer |"
    yield "|---|---|" + ("---|" if own else "") + "---|"
    for example in rule.examples:
        record = _record(example)
        question = f" {_code(example.when or rule.when)} |" if own else ""
        yield f"| {_cell(example.says)} | {record} |{question} {_answer(example)} |"


def _record(example: Example) -> str:
    parts = [_entry(entry) for entry in example.entries]
    if example.patient:
        parts.insert(0, f"patient {_code(example.patient)}")
    if example.on:
        parts.append(f"asked on {example.on}")
    return "<br>".join(parts) or "(nothing else)"


def _entry(entry: Entry) -> str:
    if not isinstance(entry, Fhir):
        return _code(entry)
    fields = ", ".join(
        f"{key}: {json.dumps(value)}" if value is not None else f"no {key}"
        for key, value in entry.fields.items()
    )
    return f"{_code(entry.entry)} with {_code(fields)}" if entry.entry else f"FHIR {_code(fields)}"


def _answer(example: Example) -> str:
    told = [ANSWERS.get(example.answer, f"**{example.answer}**")]
    if example.stage:
        told.append(f"stage {example.stage}")
    if example.earliest:
        told.append(f"earliest {example.earliest}")
    if example.names:
        told.append("named: " + ", ".join(_code(name) for name in sorted(example.names)))
    if example.asks:
        told.append(f"find out: {_cell(example.asks)}")
    if example.why:
        told.append(f"because: {_cell(example.why)}")
    if example.note:
        told.append(f"remark: {_cell(example.note)}")
    if example.aside:
        told.append(f"set aside: {_cell(example.aside)}")
    for what, so, otherwise in example.either:
        told.append(f"find out {_cell(what)}: if so {so}, else {otherwise}")
    return "; ".join(told)


def _code(text: str) -> str:
    return f"`{_cell(text).replace('&lt;', '<')}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")


def main(arguments: list[str]) -> int:
    """Write the chapter, or with --check say whether it is stale."""
    text = chapter()
    if "--check" in arguments:
        fresh = CHAPTER.exists() and CHAPTER.read_text(encoding="utf-8") == text
        print(f"{CHAPTER.name} is {'fresh' if fresh else 'stale; run: make docs'}")
        return 0 if fresh else 1
    CHAPTER.parent.mkdir(parents=True, exist_ok=True)
    CHAPTER.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
