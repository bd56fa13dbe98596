# ruff: noqa: E501 (tables read better with a row in one line)
"""Each finding of lint about models and observations, brought about by one small change to a model that lints clean."""

from __future__ import annotations

import pytest

from posology.monograph.lint import Problem, lint
from tests.unit.monograph.conftest import Knowledge

MODEL, SEEN = "xamab/kinetics.yaml", "xamab/observations.yaml"

KINETICS = """\
- id: xamab
  name: Xamab
  says: A model that does not exist.
  sources: [x-label]
  parameters:
    - {id: share, value: 0.5, unit: "1", says: share, status: assumed, sources: [x-label], omega: 0.3, most: 1, occasion: 0.1}
    - {id: odds, value: 0.4, unit: "1", says: odds, status: assumed, sources: [x-label], omega: 0.3, spread: logit}
    - {id: ka, value: 1, unit: 1/h, says: in, status: assumed, sources: [x-label]}
    - {id: cl, value: 10, unit: L/h, says: out, status: assumed, sources: [x-label], omega: 0.2, shared: size}
    - {id: v, value: 50, unit: L, says: volume, status: assumed, sources: [x-label], omega: 0.2, shared: size}
    - {id: ke, value: 0.1, unit: 1/min, says: entry, status: assumed, sources: [x-label]}
    - {id: kd, value: 2, unit: nM, says: half, status: assumed, sources: [x-label]}
    - {id: k2, value: 1, unit: 1/h, says: capture, status: assumed, sources: [x-label]}
    - {id: koff, value: 1, unit: 1/h, says: release, status: assumed, sources: [x-label]}
    - {id: half, value: 1, unit: ng/mL, says: other half, status: assumed, sources: [x-label]}
  analytes: [{id: xamab, name: Xamab, molar-mass: 300}]
  compartments:
    - {id: gut}
    - {id: skin}
    - {id: blood, analyte: xamab, volume: v, plasma: true}
  flows:
    - {from: gut, to: blood, rate: ka}
    - {from: skin, to: blood, rate: ka}
    - {from: blood, clearance: cl}
  effects: [{id: brain, follows: blood, rate: ke}]
  routes:
    - id: po
      doses: 3
      says: Only three were studied.
      portions:
        - {into: gut, fraction: share}
        - {into: skin, fraction: odds, of-the-rest: true}
  receptors:
    - {id: mu-a, site: mu, title: A, says: a, sources: [x-label], binding: retention, ligands: [{of: brain}], reading: a, half: kd, capture: k2, release: koff}
    - {id: mu-b, site: mu, title: B, says: b, sources: [x-label], binding: equilibrium, ligands: [{of: blood}], reading: b, half: half}
  covariates:
    - {id: weight, name: weight, unit: kg, default: 70, from: 40, to: 120, says: Not studied.}
    - {id: kidney, name: kidney, levels: [{id: good}, {id: bad}, {id: none, refused: Not studied.}]}
  covariate-effects:
    - {covariate: weight, parameters: [cl], kind: linear, slope: 0.01, reference: 70, status: assumed, sources: [x-label]}
    - {covariate: weight, parameters: [v], kind: power, exponent: 1, reference: 70, status: assumed, sources: [x-label]}
    - {covariate: kidney, parameters: [cl], kind: level, level: bad, factor: 0.5, status: assumed, sources: [x-label]}
  challenges: [{id: opioid, name: An opioid, x0: 2, reading: a, status: assumed, sources: [x-label]}]
  remarks:
    - {id: low, says: Low doses differ., sources: [x-label], basis: label, when: low-dose, below-mg: 5, routes: [po]}
  alternatives:
    - {id: slower, name: Slower, says: Nothing., values: [{parameter: koff, value: 0.5}], sources: [x-label]}
"""
OBSERVATIONS = """\
- id: peak
  says: Peak
  published: 5 ng/mL
  unit: ng/mL
  measure: {kind: cmax, of: xamab, rx: 10 mg po, covariates: [kidney=bad]}
  value: 5
  bar-from: 4
  bar-to: 6.25
  bar: 1.25-fold of the published value
  use: check
  status: verified
  sources: [x-label]
- id: ratio
  says: Ratio
  published: twice
  unit: "1"
  measure: {kind: auc, of: xamab, rx: 20 mg po}
  over: {kind: auc, of: xamab, rx: 10 mg po, from-h: 0, to-h: 24}
  use: check
  status: verified
  sources: [x-label]
- id: blocked
  says: Blocked
  published: half
  unit: "%"
  measure: {kind: blockade, of: mu-a, rx: 10 mg po, at-h: 4}
  use: check
  status: verified
  sources: [x-label]
"""

CHANGES = [
    # names
    (MODEL, "volume: v,", "volume: vv,", "unknown parameter 'vv'. Did you mean 'v'?"),
    (MODEL, "analyte: xamab, volume", "analyte: xamob, volume", "unknown analyte 'xamob'. Did you mean 'xamab'?"),
    (MODEL, "{from: gut, to: blood", "{from: gutt, to: blood", "unknown compartment 'gutt'. Did you mean 'gut'?"),
    (MODEL, "{from: gut, to: blood", "{from: gut, to: bloot", "unknown compartment 'bloot'"),
    (MODEL, "follows: blood", "follows: gut", "'gut' has no concentration; give it a volume"),
    (MODEL, "{of: brain}", "{of: brian}", "unknown compartment 'brian'. Did you mean 'brain'?"),
    (MODEL, "{of: brain}", "{of: gut}", "'gut' has no concentration"),
    (MODEL, "{of: brain}", "{of: brain, potency: p}", "unknown parameter 'p'"),
    (MODEL, "into: gut,", "into: gud,", "unknown compartment 'gud'"),
    (MODEL, "{id: k2, value", "{id: ke, value", "'ke' is given twice among parameters"),
    (MODEL, "effects: [{id: brain", "effects: [{id: gut", "'gut' is given twice among effects"),
    (MODEL, "mu-b, site", "xamab, site", "'xamab' is given twice among receptors"),
    (MODEL, "parameters: [v]", "parameters: [w]", "unknown parameter 'w'"),
    (MODEL, "says: in, status: assumed, sources: [x-label]", "says: in, status: assumed, sources: [y-label]", "unknown source 'y-label'"),
    (MODEL, "title: A, says: a, sources: [x-label]", "title: A, says: a, sources: [z]", "unknown source 'z'"),
    (MODEL, "reading: a, status: assumed, sources: [x-label]", "reading: a, status: assumed, sources: [z]", "unknown source 'z'"),
    (MODEL, "{covariate: weight, parameters: [cl]", "{covariate: wait, parameters: [cl]", "unknown covariate 'wait'"),
    (MODEL, "level: bad, factor", "level: worse, factor", "unknown kidney level 'worse'"),
    (MODEL, "x0: 2, reading: a", "x0: 2, reading: c", "unknown reading 'c'"),
    (MODEL, "routes: [po]}", "routes: [iv]}", "unknown route 'iv'"),
    # used, and filled
    (MODEL, "    - {id: half, value", "    - {id: spare, value: 1, unit: L, says: s, status: assumed, sources: [x-label]}\n    - {id: half, value", "nothing uses the parameter 'spare'; use it or remove it"),
    (MODEL, "    - {id: skin}", "    - {id: skin}\n    - {id: hair}", "nothing flows into 'hair'"),
    (MODEL, "    - {from: skin, to: blood, rate: ka}\n", "", "nothing flows out of 'skin'", "{id: skin}"),
    (MODEL, "analytes: [", "analytes: [{id: other, name: O, molar-mass: 1}, ", "no compartment of 'other' is plasma"),
    (MODEL, "plasma: true}", "plasma: true}\n    - {id: b2, analyte: xamab, volume: v, plasma: true}", "'xamab' has two plasma compartments"),
    (MODEL, "analyte: xamab, volume: v, plasma: true", "volume: v, plasma: true", "'blood' is plasma, which needs an analyte and a volume"),
    # units and values
    (MODEL, "value: 10, unit: L/h", "value: 10, unit: 1/h", "clearance takes a parameter in L/h or mL/min or mL/s; 'cl' is in 1/h", "clearance: cl"),
    (MODEL, "rate: ke", "rate: kd", "rate takes a parameter in 1/h or 1/min or 1/s; 'kd' is in nM"),
    (MODEL, "volume: v,", "volume: cl,", "volume takes a parameter in L; 'cl' is in L/h"),
    (MODEL, "fraction: share", "fraction: ka", "fraction takes a parameter in 1; 'ka' is in 1/h"),
    (MODEL, "half: half}", "half: k2}", "half takes a parameter in ng/mL or nM or pM; 'k2' is in 1/h"),
    (MODEL, "value: 10, unit: L/h", "value: -10, unit: L/h", "'cl' is -10; a value has to be above 0"),
    (MODEL, "value: 0.5,", "value: 1.5,", "is a share of a dose and is 1.5; it is at most 1"),
    (MODEL, "most: 1, occasion", "most: 0.1, occasion", "'share' is above its own most"),
    (MODEL, "omega: 0.3, most: 1, occasion: 0.1", "omega: 0.3", "'share' is a share of a dose and spreads without end"),
    (MODEL, "value: 0.4,", "value: 1,", "spread: logit is for a share between 0 and 1"),
    (MODEL, "id: ka, value: 1, unit: 1/h,", "id: ka, value: 1, unit: 1/h, occasion: 0.2,", "occasion is for the fractions of a route"),
    (MODEL, "value: 50, unit: L, says: volume, status: assumed, sources: [x-label], omega: 0.2", "value: 50, unit: L, says: volume, status: assumed, sources: [x-label], omega: 0.3", "need one and the same omega and spread"),
    (MODEL, "omega: 0.2, shared: size}\n    - {id: ke", "omega: 0.2}\n    - {id: ke", "only 'cl' has shared: size", "id: cl,"),
    # flows, routes
    (MODEL, "rate: ka}\n    - {from: skin", "rate: ka, clearance: cl}\n    - {from: skin", "a flow has either a rate or a clearance"),
    (MODEL, "{from: blood, clearance: cl}", "{from: blood}", "a flow has either a rate or a clearance"),
    (MODEL, "{from: gut, to: blood, rate: ka}", "{from: gut, to: blood, clearance: cl}", "a clearance needs the volume of 'gut', which has none"),
    (MODEL, "{into: skin, fraction: odds, of-the-rest: true}", "{into: skin, fraction: odds}\n        - {into: gut, fraction: share}", "add up to 1.4 of a dose", "portions:"),
    (MODEL, "{into: gut, fraction: share}", "{into: gut}", "takes all that is left, so it comes last"),
    (MODEL, "{into: gut, fraction: share}", "{into: gut, fraction: odds, less: share}", "the share is below 0"),
    (MODEL, "fraction: odds, of-the-rest", "of-the-rest", "less: and of-the-rest: need a fraction"),
    (MODEL, "      doses: 3\n", "", "doses: and says: stand together", "id: po"),
    # receptors
    (MODEL, "half: kd, capture: k2, release: koff", "half: kd, capture: k2", "binding: retention needs 'release'"),
    (MODEL, "half: half}", "half: half, capture: k2}", "binding: equilibrium has no 'capture', only half"),
    (MODEL, "reading: b", "reading: a", "there are 2 receptors of site mu; give each a reading of its own"),
    (MODEL, "reading: b, ", "", "give each a reading of its own"),
    (MODEL, "{id: blood, analyte: xamab,", "{id: blood,", "molar constants need ligands of one analyte", "id: mu-a"),
    # covariates
    (MODEL, "default: 70, from", "from", "'weight' needs a default or levels"),
    (MODEL, "default: 70, from", "default: 30, from", "the default lies outside from and to"),
    (MODEL, ", says: Not studied.}\n    - {id: kidney", "}\n    - {id: kidney", "a range needs says:"),
    (MODEL, "{id: good}, {id: bad}, ", "{id: good}, {id: good}, ", "give at least two levels, each once"),
    (MODEL, "{id: good}, {id: bad}", "{id: good, refused: No.}, {id: bad}", "the first level is the default and cannot be refused"),
    (MODEL, "name: kidney, levels", "name: kidney, default: 1, levels", "either levels or numbers"),
    (MODEL, "    - {id: kidney,", "    - {id: luck, name: luck, levels: [{id: no}, {id: yes}]}\n    - {id: kidney,", "'luck' does nothing"),
    (MODEL, "kind: linear, slope: 0.01,", "kind: linear,", "kind: linear needs 'slope'"),
    (MODEL, "kind: linear, slope: 0.01,", "kind: linear, slope: 0.01, least: 1,", "kind: linear has no 'least'"),
    (MODEL, "slope: 0.01,", "slope: 0.05,", "at weight 40 the parameter would not be above 0"),
    (MODEL, "kind: power, exponent: 1,", "kind: level, exponent: 1,", "'weight' has numbers, which kind: level cannot use"),
    # challenges and remarks
    (MODEL, "x0: 2, reading", "x0: 2, n-from: 4, reading", "n-from is above n-to"),
    (MODEL, "when: low-dose, below-mg: 5", "when: low-dose", "below-mg says what a low dose is"),
    (MODEL, "{parameter: koff, value: 0.5}", "{parameter: kof, value: 0.5}", "unknown parameter 'kof'. Did you mean 'koff'?"),
    (MODEL, "value: 0.5}], sources: [x-label]", "value: 0.5}], sources: [y-label]", "unknown source 'y-label'"),
    # observations
    (SEEN, "kind: cmax, of: xamab", "kind: cmax, of: mu-a", "unknown analyte 'mu-a'"),
    (SEEN, "of: mu-a", "of: xamab", "unknown receptor 'xamab'"),
    (SEEN, "kidney=bad", "kidny=bad", "unknown covariate 'kidny'. Did you mean 'kidney'?"),
    (SEEN, "kidney=bad", "kidney", "'kidney': write NAME=VALUE"),
    (SEEN, ", at-h: 4", "", "kind: blockade needs 'at-h'"),
    (SEEN, "rx: 20 mg po", "rx: 20 mg po, slope: 3", "kind: auc has no 'slope'"),
    (SEEN, "from-h: 0, to-h: 24", "from-h: 24, to-h: 0", "to-h is not after from-h"),
    (SEEN, 'unit: "1"', "unit: h", "unit is 'h'; auc over another is in 1 or %"),
    (SEEN, "unit: ng/mL", "unit: d", "unit is 'd'; cmax is in ng/mL"),
    (SEEN, "over: {kind: auc, of: xamab, rx: 10 mg po, from-h: 0, to-h: 24}", "over: {kind: cmax, of: xamab, rx: 10 mg po}", "auc and cmax are in different units"),
    (SEEN, "  bar: 1.25-fold of the published value\n", "", "bar: says where bar-from and bar-to come from", "id: peak"),
    (SEEN, "bar-to: 6.25", "bar-to: 3", "bar-to is not above bar-from"),
    (SEEN, "id: ratio", "id: peak", "observation id 'peak' is given twice"),
    (SEEN, "  use: check\n  status: verified\n  sources: [x-label]\n- id: ratio", "  use: check\n  model: yamab\n  status: verified\n  sources: [x-label]\n- id: ratio", "unknown model 'yamab'"),
]  # fmt: skip


@pytest.fixture
def modelled(knowledge: Knowledge) -> Knowledge:
    knowledge.write(MODEL, KINETICS)
    knowledge.write(SEEN, OBSERVATIONS)
    return knowledge


def found(knowledge: Knowledge) -> list[Problem]:
    return lint(knowledge.library())


def test_the_small_model_is_clean(modelled: Knowledge) -> None:
    assert [str(problem) for problem in found(modelled)] == []


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c[0]}: {c[3]}" for c in CHANGES])
def test_each_error_is_found_where_it_stands(modelled: Knowledge, change: tuple[str, ...]) -> None:
    file, old, new, message, *marker = change
    line = modelled.replace(file, old, new)
    lines = [line, line + 1, line + 2]
    if marker:
        text = (modelled.path / file).read_text().splitlines()
        lines = [number for number, one in enumerate(text, start=1) if marker[0] in one]
    places = [
        p.line for p in found(modelled)
        if message in p.message and p.severity == "error" and p.file.endswith(file)
    ]  # fmt: skip
    assert set(places) & set(lines), [str(problem) for problem in found(modelled)]


def test_a_regimen_by_a_route_that_no_model_covers_is_a_warning(modelled: Knowledge) -> None:
    modelled.replace("xamab/monograph.yaml", "route: oral,", "route: oral, rx-route: pr,")
    modelled.replace("xamab/safety.yaml", "basis: guideline", "basis: guideline\n  rx: 10 mg pr q24h")
    assert [(p.severity, p.message) for p in found(modelled) if "covers" in p.message] == [
        ("warning", "no model in kinetics.yaml covers the route pr; it has po")
    ]


def test_without_a_model_no_route_is_missed(knowledge: Knowledge) -> None:
    knowledge.replace("xamab/monograph.yaml", "route: oral,", "route: oral, rx-route: pr,")
    knowledge.replace("xamab/safety.yaml", "basis: guideline", "basis: guideline\n  rx: 10 mg pr q24h")
    assert [p.message for p in found(knowledge) if "covers" in p.message] == []


def test_observations_without_a_model(knowledge: Knowledge) -> None:
    knowledge.write(SEEN, OBSERVATIONS)
    assert {p.message for p in found(knowledge)} == {
        "there is no kinetics.yaml beside it to predict this; add one"
    }
