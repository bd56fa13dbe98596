"""Every entry that an answer could read is asked for, in the subset of FHIR that the specification recommends."""

from __future__ import annotations

import re

from posology import api
from posology.serve.hooks.prefetch import concepts_in_use, wanted
from tests.hook_calls import Server

TYPE_OF = {
    "condition": {"Condition"},
    "allergy": {"AllergyIntolerance"},
    "medicine": {"MedicationRequest", "MedicationStatement"},
    "procedure": {"Procedure", "ServiceRequest"},
}


def test_everything_that_a_monograph_reads_is_asked_for() -> None:
    engine = api.engine()
    queries = wanted(engine)
    types = {each.type for each in queries.values()}
    codes = set(re.search(r"code=([^&]+)", queries["observations"].template)[1].split(","))  # type: ignore[index]
    for name in concepts_in_use(engine):
        concept = engine.index.concepts[name]
        if concept.kind != "observation":
            assert TYPE_OF[concept.kind] <= types, name
        elif concept.codes:
            assert {each.code for each in concept.codes} <= codes, name
        else:
            assert name in queries["newest"].concepts


def test_every_statement_and_use_reads_only_concepts_in_use() -> None:
    engine = api.engine()
    names = concepts_in_use(engine)
    for drug in engine.library.names():
        monograph = engine.library.monograph(drug)
        for when in [each.when for each in (*monograph.statements, *monograph.uses) if each.when]:
            asked = {part.concept for part in when.walk() if part.concept in engine.index.concepts}
            assert asked <= names


def test_queries_keep_to_what_clients_can_be_expected_to_do(server: Server) -> None:
    services = server.discovery()
    assert [each["hook"] for each in services] == ["patient-view", "order-select", "order-sign"]
    for service in services:
        for key, template in service["prefetch"].items():
            assert re.fullmatch(
                r"Patient/\{\{context\.patientId\}\}|"
                r"[A-Z]\w+\?patient=\{\{context\.patientId\}\}(&(code|status|_sort|_count)=[\w,.-]+)*",
                template,
            ), key
            assert len(template) < 2000, "some servers refuse longer addresses"


def test_discovery_needs_no_token() -> None:
    assert Server(insecure=False).discovery()
