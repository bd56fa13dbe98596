"""What a medicine is."""

from __future__ import annotations

from .model import Rule, Topic, met, no, raw, unknown

ANY, SHORT, LONG = "{medication: any-opioid}", "{medication: short-opioid}", "{medication: long-opioid}"
RESCUE, ANTAGONIST = "{medication: rescue-kit}", "{medication: antagonist}"
LIST = ("{medications: none}",)
SINCE = ", from: 2026-06-20"


def _order(**medicine: object) -> dict[str, object]:
    return {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-06-20",
        **medicine,
    }


def _code(code: str, display: str = "") -> dict[str, object]:
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}
    return {"coding": [{**coding, **({"display": display} if display else {})}]}


TOPIC = Topic(
    "What a medicine is",
    "A medicine is a set of ingredients with a form and a route. It is recognised by the code of a product "
    "or an "
    "ingredient, and by the words of its name; both are read, so that a wrong label hides nothing.",
    (
        Rule(
            "Look-alikes",
            "Two products with one ingredient in common can be opposites.",
            "An opioid capsule with a sequestered antagonist is an opioid; a rescue kit at home is not a "
            "treatment.",
            (
                met(
                    "opioid with a sequestered antagonist: an opioid",
                    f"{{medication: Opexeda 20 mg{SINCE}}}",
                    when=ANY,
                ),
                met("a long-acting one", f"{{medication: Opexeda 20 mg{SINCE}}}", when=LONG),
                no("and no antagonist treatment", f"{{medication: Opexeda 20 mg{SINCE}}}", when=ANTAGONIST),
                met("a nasal antagonist is a rescue kit", f"{{medication: Blokaid{SINCE}}}", when=RESCUE),
                no("and no treatment", f"{{medication: Blokaid{SINCE}}}", when=ANTAGONIST),
                met(
                    "the tablet is a treatment",
                    f"{{medication: blokanol 50 mg tablet{SINCE}}}",
                    when=ANTAGONIST,
                ),
                no("and no rescue kit", f"{{medication: blokanol 50 mg tablet{SINCE}}}", when=RESCUE),
                met(
                    "a combination contains the drug",
                    f"{{medication: Combex{SINCE}}}",
                    when="{medication: examplol-any}",
                ),
                no(
                    "but is not the drug alone",
                    f"{{medication: Combex{SINCE}}}",
                    when="{medication: examplol-alone}",
                ),
                met(
                    "a combination asked for as such",
                    f"{{medication: examplol 8 mg / steadol 90 mg tablet{SINCE}}}",
                    when="{medication: steadol-with-examplol}",
                ),
                no(
                    "one ingredient is not the combination",
                    f"{{medication: examplol 8 mg tablet{SINCE}}}",
                    when="{medication: steadol-with-examplol}",
                ),
            ),
            given=LIST,
        ),
        Rule(
            "Form and route",
            "The form is part of what is asked.",
            "A patch, an implant and a tablet of one opioid last three days, months and hours.",
            (
                met(
                    "a patch",
                    f"{{medication: opexol 25 mcg/h patch{SINCE}}}",
                    when="{medication: opioid-patch}",
                ),
                no(
                    "a tablet is no patch",
                    f"{{medication: opexol tablet{SINCE}}}",
                    when="{medication: opioid-patch}",
                ),
                met(
                    "an implant",
                    f"{{medication: opexol implant{SINCE}}}",
                    when="{medication: opioid-implant}",
                ),
                met("a tablet is short-acting", f"{{medication: opexol 5 mg tablet{SINCE}}}", when=SHORT),
                no(
                    "an extended-release tablet is not",
                    f"{{medication: opexol 60 mg extended release tablet{SINCE}}}",
                    when=SHORT,
                ),
                met("abbreviated", f"{{medication: opexol ER 60 mg tablet{SINCE}}}", when=LONG),
                met("no form named: the plain product", f"{{medication: opexol{SINCE}}}", when=SHORT),
            ),
            given=LIST,
        ),
        Rule(
            "Names are whole words",
            "A name inside another word is not that name. Case does not matter.",
            "Apomorphine is no morphine.",
            (
                met("the name", f"{{medication: OPEXOL 5 MG{SINCE}}}"),
                met("a brand", f"{{medication: Opexin{SINCE}}}"),
                no("a longer word that contains it", f"{{medication: apopexol 5 mg tablet{SINCE}}}"),
                no("a longer word that begins with it", f"{{medication: opexoline tablet{SINCE}}}"),
                met("joined to another by a hyphen", f"{{medication: opexol-steadol tablet{SINCE}}}"),
                met("with its salt", f"{{medication: opexol hydrochloride 5 MG Oral Tablet{SINCE}}}"),
            ),
            when=ANY,
            given=LIST,
        ),
        Rule(
            "Codes",
            "A product's or ingredient's code is enough. If code and name disagree, both count.",
            "A dropped digit in a code must not hide an opioid whose name stands beside it.",
            (
                met("an ingredient code", f"{{medication: x, code: rxnorm 9900002{SINCE}}}"),
                met("a product code", f"{{medication: x, code: rxnorm 9900010{SINCE}}}"),
                met(
                    "code says examplol, name says opexol",
                    raw(
                        **_order(
                            medicationCodeableConcept={**_code("9900013"), "text": "opexol 50 mg tablet"}
                        )
                    ),
                ),
                met(
                    "the other way round it is examplol, too",
                    raw(
                        **_order(
                            medicationCodeableConcept={**_code("9900013"), "text": "opexol 50 mg tablet"}
                        )
                    ),
                    when="{medication: examplol-any}",
                ),
                met(
                    "an unknown code with a name",
                    raw(**_order(medicationCodeableConcept=_code("8888888", "opexol 15 MG Oral Tablet"))),
                ),
                no(
                    "an unknown code with the name of something else",
                    raw(**_order(medicationCodeableConcept=_code("8888888", "steadol 15 MG Oral Tablet"))),
                ),
                unknown(
                    "an unknown code without any name: it could be anything",
                    raw(**_order(medicationCodeableConcept=_code("8888888"))),
                    asks="MedicationRequest/order",
                    why="names no medicine",
                ),
                unknown("neither code nor name", raw(**_order(medicationCodeableConcept={}))),
                no(
                    "an unknown code of an order that was entered in error is no gap",
                    raw(
                        **{**_order(medicationCodeableConcept=_code("8888888")), "status": "entered-in-error"}
                    ),
                    aside="entered in error",
                ),
                no(
                    "nor of a draft",
                    raw(**{**_order(medicationCodeableConcept=_code("8888888")), "status": "draft"}),
                ),
                no(
                    "nor of an option",
                    raw(**{**_order(medicationCodeableConcept=_code("8888888")), "intent": "option"}),
                    aside="an option",
                ),
                no(
                    "nor of an order written later",
                    raw(**{**_order(medicationCodeableConcept=_code("8888888")), "authoredOn": "2026-07-01"}),
                    aside="recorded after the day asked about",
                ),
            ),
            when=ANY,
            given=LIST,
        ),
        Rule(
            "Where the medicine is written",
            "In the entry, in a Medication inside it or elsewhere in the record, or by name beside a "
            "reference.",
            "Exports differ; the patient is the same.",
            (
                met(
                    "a Medication of the record",
                    raw(**_order(medicationReference={"reference": "Medication/m"})),
                    raw(resourceType="Medication", id="m", code={"text": "opexol 5 mg tablet"}),
                ),
                met(
                    "a contained Medication",
                    raw(
                        **_order(
                            medicationReference={"reference": "#m"},
                            contained=[
                                {
                                    "resourceType": "Medication",
                                    "id": "m",
                                    "code": {"text": "opexol 5 mg tablet"},
                                }
                            ],
                        )
                    ),
                ),
                met(
                    "a reference that leads nowhere, with a name",
                    raw(
                        **_order(
                            medicationReference={
                                "reference": "Medication/gone",
                                "display": "opexol 5 mg tablet",
                            }
                        )
                    ),
                ),
                unknown(
                    "a reference that leads nowhere",
                    raw(**_order(medicationReference={"reference": "Medication/gone"})),
                    why="points to a Medication that is not",
                ),
                unknown(
                    "a contained Medication that cannot be read",
                    raw(
                        **_order(
                            medicationReference={"reference": "#m"},
                            contained=[{"resourceType": "Medication", "id": "m", "code": "opexol"}],
                        )
                    ),
                ),
            ),
            when=ANY,
            given=LIST,
        ),
    ),
)
