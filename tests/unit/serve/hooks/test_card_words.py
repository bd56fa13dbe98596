"""The words of cards: every summary fits, and text of a record is only text."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from posology import api
from posology.check.verdict import NAMES, RANKS, level
from posology.serve.hooks import card, markdown
from posology.serve.hooks.answer import Said
from posology.serve.hooks.concern import Concern
from tests.hook_calls import DAY, Server, call, draft, in_pain, search
from tests.records import alt, condition, order

HURT = (
    "<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://evil.example/p.png) **b** `c` "
    "\x1b[31m\u202e www.evil.example a@evil.example"
)


def test_a_summary_fits_for_every_statement_of_every_monograph() -> None:
    engine = api.engine()
    on = date.fromisoformat(DAY)
    for drug in engine.library.names():
        planner = engine.planner(drug)
        for use in planner.monograph.uses:
            made = planner.uses.product(use, None)
            for stage in NAMES:
                for rule in planner.plan(use, "US", made, stage).rules:
                    for rank in {level(rule.statement, stage), RANKS["cannot-tell"]}:
                        _summary_fits(engine, drug, use, made, stage, rule, rank, on)


def _summary_fits(
    engine: Any, drug: str, use: Any, made: str, stage: str, rule: Any, rank: int, on: date
) -> None:
    from msgspec.structs import replace

    verdict = NAMES[stage][rank]
    result = _result(engine, drug, use, on, made)
    result = replace(result, verdict=verdict, stage=stage, earliest="2026-12-31" if rank >= 3 else None)
    finding = replace(rule.denied, verdict=verdict, status="met")
    uses = ((use.name, verdict), ("another", "avoid"))
    for against in (None, object()):
        said = Said(Concern(drug, (), ()), result, finding, against, uses, False)  # type: ignore[arg-type]
        text = card.summary(said, engine)
        assert 0 < len(text) < 140, text
        assert "\n" not in text
        assert not text.endswith("…"), f"cut: {text}"


_results: dict[tuple[str, str], Any] = {}


def _result(engine: Any, drug: str, use: Any, on: date, made: str) -> Any:
    if (drug, use.id) not in _results:
        _results[drug, use.id] = api.check(
            {"resourceType": "Patient", "id": "p1"},
            drug=drug,
            use=use.id,
            on=on,
            product=made,
            monographs=engine,
        )
    return _results[drug, use.id]


def test_hostile_text_of_a_record_is_only_text(server: Server) -> None:
    bad = order(id="m1", medicationCodeableConcept={"text": f"Oxycodone 5 mg tablet {HURT}"})
    sent = in_pain(
        medications=search(bad),
        conditions=search(
            condition(), condition("197321007", HURT), {"resourceType": "Condition", "id": HURT}
        ),
        observations=search(alt({"x": HURT}), alt(400, HURT)),
    )
    found = server.cards(call(draft(note=[{"text": HURT}]), sent=sent))
    assert found
    for told in found:
        detail = told["detail"]
        assert "<" not in detail
        assert "\x1b" not in detail
        assert "\u202e" not in detail
        assert not re.search(r"(?<!\\)\[|(?<!\\)\]|(?<!\\)`|https?://|www\.", detail)
        assert "evil" not in told["summary"] + str(told["source"]) + str(told["links"])
        assert len(detail) < 20_000


@pytest.mark.parametrize(
    ("words", "safe"),
    [
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("[a](b)", r"\[a\](b)"),
        ("# title", r"\# title"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("a\n\nb", "a b"),
        ("http://x", r"http\://x"),
        ("www.x.org", r"www\.x.org"),
        ("a|b ~~c~~ *d* _e_ `f` @g", r"a\|b \~\~c\~\~ \*d\* \_e\_ \`f\` \@g"),
    ],
)
def test_markdown_of_words(words: str, safe: str) -> None:
    assert markdown.text(words) == safe
