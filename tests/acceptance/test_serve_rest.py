"""REST: the answers of the verbs, the same as on the command line; errors with the place of what is wrong."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

import posology
from posology.show import fhir
from posology.show.json import answer_document, plan_document
from posology.show.schema import schema
from tests.records import Json, bundle, bytes_of, condition, order, patient
from tests.served import get, post, usual_app

EXAMPLE = Path(__file__).parents[2] / "examples" / "fibromyalgia-complete.json"
RECORD: Json = json.loads(EXAMPLE.read_bytes())
ON = "2026-11-22"
CHECK: Json = {"record": RECORD, "drug": "naltrexone", "use": "chronic-pain", "on": ON}
PLAN: Json = {"drug": "naltrexone", "regimen": "ldn-titration", "start": "2026-12-01", "on": ON}
FHIR = "application/fhir+json"


def as_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def problem(response: httpx.Response, status: int, said: str, pointer: str | None = None) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert set(told) <= {"type", "title", "status", "detail", "pointer"}
    assert told["status"] == status
    assert said in told["detail"]
    if pointer is not None:
        assert told.get("pointer") == pointer


# --- check ------------------------------------------------------------------------------------------


def test_check_answers_as_the_command_does() -> None:
    answer = post("/api/check", json=CHECK)
    assert answer.status_code == 200
    asked = posology.check(EXAMPLE, drug="naltrexone", use="chronic-pain", on=ON)
    assert answer.json() == as_json(answer_document(asked))
    jsonschema.validate(answer.json(), schema())
    assert post("/api/check", json=CHECK).content == answer.content, "the same bytes"


def test_without_a_use_it_answers_for_all() -> None:
    answer = post("/api/check", json={key: CHECK[key] for key in ("record", "drug", "on")})
    jsonschema.validate(answer.json(), schema())
    asked = posology.check(EXAMPLE, drug="naltrexone", on=ON)
    assert [each["use"] for each in answer.json()["uses"]] == [each.use.id for each in asked.results]


def test_the_answer_as_fhir() -> None:
    asked = posology.check(EXAMPLE, drug="naltrexone", use="chronic-pain", on=ON)
    answer = post("/api/check", json=CHECK, headers={"accept": FHIR})
    assert answer.headers["content-type"] == FHIR
    assert answer.text == fhir.render(asked)


def test_a_record_alone_with_the_question_in_the_address() -> None:
    query = {"drug": "naltrexone", "for": "chronic-pain", "on": ON}
    answer = post("/api/check", content=EXAMPLE.read_bytes(), params=query, headers={"content-type": FHIR})
    assert answer.json() == post("/api/check", json=CHECK).json()


def test_check_with_a_plan() -> None:
    told = post("/api/check", json={**CHECK, "plan": {"start": "2026-12-01"}}).json()
    jsonschema.validate(told, schema())
    result = posology.check(EXAMPLE, drug="naltrexone", use="chronic-pain", on=ON)
    assert told["plan"] == as_json(plan_document(posology.plan_after(result, start="2026-12-01")))
    refused = {**CHECK, "record": bundle(patient(), condition(), order(authoredOn="2026-11-20")), "plan": {}}
    told = post("/api/check", json=refused).json()
    assert "plan" not in told
    assert told["no_plan"]


def test_the_day_is_today_if_none_is_said() -> None:
    from datetime import date, timedelta

    before = date.today()
    told = post("/api/check", json={key: CHECK[key] for key in ("record", "drug", "use")}).json()
    assert date.fromisoformat(told["question"]["on"]) - before in (timedelta(0), timedelta(1))


WRONG: dict[str, tuple[Json, int, str, str]] = {
    "drug": ({**CHECK, "drug": "naltrexon"}, 400, "Did you mean 'naltrexone'", "$.drug"),
    "use": ({**CHECK, "use": "chronic-pains"}, 400, "Did you mean 'chronic-pain'", "$.use"),
    "region": ({**CHECK, "region": "UK"}, 400, "EU, US", "$.region"),
    "product": ({**CHECK, "product": "lowdose"}, 400, "Did you mean 'low-dose'", "$.product"),
    "day": ({**CHECK, "on": "2026-02-30"}, 400, "is not a day", "$.on"),
    "form of a day": ({**CHECK, "on": "22.11.2026"}, 400, "", "$.on"),
    "unknown field": ({**CHECK, "drgu": "x"}, 400, "Did you mean 'drug'", "$"),
    "unknown field within": ({**CHECK, "plan": {"strat": "x"}}, 400, "Did you mean 'start'", "$.plan"),
    "no drug": ({"record": RECORD}, 400, "'drug' is missing", "$.drug"),
    "no record": ({"drug": "naltrexone"}, 400, "'record' is missing", "$.record"),
    "a number for a name": ({**CHECK, "drug": 3}, 400, "Expected 'str'", "$.drug"),
    "a record that is text": ({**CHECK, "record": "me"}, 400, "JSON object with resourceType", "$.record"),
    "no FHIR": ({**CHECK, "record": {"name": "x"}}, 422, "without resourceType", "$.record"),
    "two people": ({**CHECK, "record": bundle(patient(), patient(id="p2"))}, 422, "2 Patients", "$.record"),
    "nobody": ({**CHECK, "record": bundle(condition())}, 422, "no readable Patient", "$.record"),
    "a plan for every use": ({**CHECK, "use": None, "plan": {}}, 400, "one use", "$.use"),
    "start of the plan": ({**CHECK, "plan": {"start": "2026-13-01"}}, 400, "not a day", "$.plan.start"),
    "regimen of the plan": ({**CHECK, "plan": {"regimen": "lnd"}}, 400, "unknown regimen", "$.plan.regimen"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_has_its_place(what: str) -> None:
    body, status, said, pointer = WRONG[what]
    problem(post("/api/check", json=body), status, said, pointer)


BAD_QUERIES: dict[str, tuple[str, str]] = {
    "no drug": ("?for=chronic-pain", "/api/check?drug=NAME"),
    "unknown parameter": ("?drug=naltrexone&use=pain", "Known: drug, for"),
    "misspelled parameter": ("?drugs=naltrexone", "Did you mean 'drug'"),
    "unknown drug": ("?drug=naltrexon", "Did you mean 'naltrexone'"),
    "an empty one": ("?drug=naltrexone&for=", "'for' is empty"),
}


@pytest.mark.parametrize("what", BAD_QUERIES)
def test_what_is_wrong_in_the_address(what: str) -> None:
    query, said = BAD_QUERIES[what]
    problem(post(f"/api/check{query}", content=bytes_of(RECORD), headers={"content-type": FHIR}), 400, said)


def test_with_json_nothing_stands_in_the_address() -> None:
    problem(post("/api/check?drug=naltrexone", json=CHECK), 400, "in the body")


# --- bodies and forms -------------------------------------------------------------------------------

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b"  ",
    "no JSON": b"drug=naltrexone",
    "an array": b"[]",
    "cut off": b'{"drug": "naltr',
    "not UTF-8": b'{"drug": "\xff\xfe", "record": {}}',
    "UTF-16": json.dumps({"drug": "naltrexone"}).encode("utf-16"),
    "NaN": b'{"drug": "naltrexone", "record": {"resourceType": "Patient", "x": NaN}}',
    "said twice": b'{"drug": "naloxone", "drug": "naltrexone", "record": {"resourceType": "Patient"}}',
    "a record twice": b'{"record": {"resourceType": "Patient"}, "drug": "naltrexone", "record": {"a": 1}}',
    "the same record twice": b'{"record": {"a": 1}, "drug": "naltrexone", "record": {"a": 1}}',
    "lone surrogate": b'{"drug": "\\ud800", "record": {"resourceType": "Patient"}}',
    "null": b"null",
    "two values": b"{} {}",
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("path", ["/api/check", "/api/plan", "/api/plan/missed", "/api/simulate"])
def test_bodies_that_are_refused(path: str, what: str) -> None:
    problem(post(path, content=BODIES[what], headers={"content-type": "application/json"}), 400, "")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "json"]
)
@pytest.mark.parametrize("path", ["/api/check", "/api/plan", "/api/plan/missed", "/api/simulate"])
def test_content_types_that_are_not_read(path: str, kind: str) -> None:
    answer = post(path, content=b"{}", headers={"content-type": kind} if kind else {})
    problem(answer, 415, "application/json")
    assert "application/json" in answer.headers["accept"]


def test_packed_bodies_are_not_read() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    problem(post("/api/check", content=b"\x1f\x8b", headers=headers), 415, "unpacked")
    problem(
        post("/api/check?drug=naltrexone", content=b"\x1f\x8b", headers={"content-type": FHIR}), 400, "FHIR"
    )


@pytest.mark.parametrize(
    "wish", ["text/xml", "image/*", "application/json;q=0", "*/*;q=0", ";;;", "text/html;q=nan"]
)
def test_forms_that_nobody_makes(wish: str) -> None:
    problem(post("/api/check", json=CHECK, headers={"accept": wish}), 406, "application/json")


@pytest.mark.parametrize(
    ("wish", "form"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json;q=0.5, application/fhir+json", FHIR),
        ("application/*;q=0.9, application/fhir+json;q=0.1", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("Application/FHIR+JSON", FHIR),
    ],
)
def test_the_form_that_is_liked_best(wish: str, form: str) -> None:
    assert post("/api/check", json=CHECK, headers={"accept": wish}).headers["content-type"] == form


def test_other_methods_and_paths() -> None:
    answer = get("/api/check")
    problem(answer, 405, "POST")
    assert "POST" in answer.headers["allow"]
    problem(get("/api/nothing"), 404, "openapi.json")
    problem(get("/api/monographs/../../../etc/passwd"), 404, "")
    problem(get("/api/monographs/%2e%2e%2fnaltrexone"), 404, "")


# --- what is known ----------------------------------------------------------------------------------


@cache
def whole() -> Json:
    told: Json = get("/api/monographs/naltrexone").json()
    return told


def test_monographs() -> None:
    library = usual_app().state.engine.library
    told = get("/api/monographs").json()["monographs"]
    assert [each["id"] for each in told] == library.names()
    monograph = library.monograph("naltrexone")
    assert [each["id"] for each in whole()["statements"]] == [each.id for each in monograph.statements]
    assert [each["id"] for each in whole()["uses"]] == [each.id for each in monograph.uses]
    assert [each["id"] for each in whole()["disputes"]] == [each.id for each in monograph.disputes]
    for each in whole()["statements"]:
        assert each["sources"]
        assert all(source["title"] for source in each["sources"])


def test_one_statement_with_its_disputes() -> None:
    disputed = next(each for each in whole()["disputes"] if each["statements"])
    told = get(f"/api/monographs/naltrexone/statements/{disputed['statements'][0]}").json()
    assert disputed in told["disputes"]
    problem(get("/api/monographs/naltrexone/statements/nothing"), 404, "/api/monographs/naltrexone")
    problem(get("/api/monographs/nothing/statements/nothing"), 404, "Known: ")


def test_regimens_can_be_planned_by_their_names() -> None:
    told = get("/api/monographs/naltrexone/regimens").json()["regimens"]
    assert "ldn-titration" in {name for each in told for name in each["names"]}


def test_knowledge_may_be_kept_until_it_changes() -> None:
    first = get("/api/monographs/naltrexone")
    again = get("/api/monographs/naltrexone", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get("/api/monographs/naloxone").headers["etag"] != first.headers["etag"]


def test_concepts() -> None:
    every = get("/api/concepts").json()["concepts"]
    assert {each["kind"] for each in every} >= {"medicine", "condition", "observation"}
    found = get("/api/concepts?q=FIBRO&kind=condition").json()["concepts"]
    assert found[0]["id"] == "fibromyalgia"
    assert get("/api/concepts?q=zzzz").json() == {"concepts": []}
    problem(get("/api/concepts?kind=thing"), 400, "Known: ")
    problem(get("/api/concepts?query=x"), 400, "Known: q, kind")
    problem(get(f"/api/concepts?q={'x' * 101}"), 400, "100 characters")
