"""Lint of leaflets: names exist, and every product, use and region has something to say in every section."""

from __future__ import annotations

from posology.monograph.lint import lint
from posology.monograph.lint.leaflet import SECTIONS
from tests.unit.monograph.conftest import Knowledge

ITEM = "- {{id: {id}, section: {section}, says: Take it., basis: label, sources: [x-label], {more}}}\n"


def written(knowledge: Knowledge, **changed: str) -> None:
    for section in SECTIONS:
        more = changed.get(
            section.replace("-", "_"), "urgent: true" if section == "call" else "urgent: false"
        )
        if more:
            knowledge.add("xamab/leaflet.yaml", ITEM.format(id=section, section=section, more=more))


def messages(knowledge: Knowledge) -> list[str]:
    return [each.message for each in lint(knowledge.library()) if each.file.endswith("leaflet.yaml")]


def test_a_whole_leaflet_is_clean(knowledge: Knowledge) -> None:
    written(knowledge)
    assert messages(knowledge) == []


def test_a_section_without_a_sentence(knowledge: Knowledge) -> None:
    written(knowledge, missed="")
    assert messages(knowledge) == [
        f"the leaflet of tablet in US for {use} has nothing for missed; add a sentence"
        for use in ("gout-pain", "pain")
    ]


def test_a_sentence_for_one_use_leaves_the_others_without(knowledge: Knowledge) -> None:
    written(knowledge, avoid="uses: [gout-pain]")
    assert messages(knowledge) == [
        "the leaflet of tablet in US for pain has nothing for avoid; add a sentence"
    ]


def test_a_sentence_for_a_use_is_one_for_its_parts(knowledge: Knowledge) -> None:
    written(knowledge, avoid="uses: [pain]")
    assert messages(knowledge) == []


def test_a_region_without_a_number_to_call(knowledge: Knowledge) -> None:
    knowledge.replace("xamab/monograph.yaml", "regions: [US]", "regions: [US, EU]")
    written(knowledge, call="urgent: true, regions: [EU]")
    assert any(
        "in US for pain has nothing for an urgent sentence under call" in each for each in messages(knowledge)
    )
    assert not any("in EU" in each for each in messages(knowledge))


def test_names_that_nobody_knows(knowledge: Knowledge) -> None:
    written(knowledge, before="products: [tablett], uses: [pane]")
    found = messages(knowledge)
    assert any("unknown product 'tablett'. Did you mean 'tablet'?" in each for each in found)
    assert any("unknown use 'pane'. Did you mean 'pain'?" in each for each in found)


def test_a_source_that_does_not_exist_and_an_id_given_twice(knowledge: Knowledge) -> None:
    written(knowledge)
    line = knowledge.add(
        "xamab/leaflet.yaml", ITEM.format(id="avoid", section="avoid", more="").replace("x-label", "y-label")
    )
    found = [each for each in lint(knowledge.library()) if each.file.endswith("leaflet.yaml")]
    assert {each.message for each in found} >= {
        "leaflet id 'avoid' is given twice; choose another",
        "unknown source 'y-label'. Did you mean 'x-label'? Known: guide, posology-judgement, x-label",
    }
    assert {each.line for each in found} == {line}
