"""Strategies for codeable concepts: by code, by name, hedged, with a local code, or of nothing known."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from . import knowledge

Json = dict[str, Any]
LOCAL = "http://hospital.example/codes"
NOISE = {
    "condition": ("Medication review due", "Otitis media", "Full-time employment (finding)"),
    "medicine": ("cetirizine hydrochloride 10 MG Oral Tablet", "amoxicillin 250 MG Oral Capsule"),
    "observation": ("Body Height", "Tobacco smoking status", "Hemoglobin A1c"),
    "allergy": ("Allergy to mould", "House dust mite"),
    "procedure": ("Medication reconciliation", "Depression screening"),
}
"""Things that no concept is about; a test makes sure that they match nothing."""
WAYS = ("code",) * 6 + ("name",) * 3 + ("both", "no system", "local code")


@st.composite
def naming(draw: st.DrawFn, name: str) -> Json:
    """A codeable concept that belongs to a concept, surely or not."""
    codings, texts = knowledge.codings(name), knowledge.names(name)
    way = draw(st.sampled_from(WAYS))
    text = draw(st.sampled_from(texts)) if texts and (way != "code" or not codings) else ""
    if not codings or (way == "name" and text):
        return {"text": text or name.replace("-", " ")}
    system, code, display = draw(st.sampled_from(codings))
    if way == "no system":
        return {"coding": [{"code": code, "display": display}]}
    if way == "local code" and text:
        return {"coding": [{"system": LOCAL, "code": "17", "display": text}], "text": text}
    made: Json = {"coding": [{"system": system, "code": code, "display": display}]}
    return made | {"text": text} if way == "both" and text else made


def noise(kind: str) -> st.SearchStrategy[Json]:
    """A codeable concept that belongs to no concept."""
    return st.sampled_from(NOISE[kind]).map(
        lambda text: {"coding": [{"system": LOCAL, "code": "9", "display": text}]}
    )
