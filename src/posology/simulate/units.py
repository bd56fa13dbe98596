"""Parameters in the units that the equations are written in: hours, litres, ng/mL (= µg/L)."""

from __future__ import annotations

from posology.errors import KnowledgeError
from posology.monograph.kinetics import KineticModel, Parameter

_FACTORS = {
    "1": 1.0,
    "1/h": 1.0,
    "1/min": 60.0,
    "1/s": 3600.0,
    "h": 1.0,
    "min": 1 / 60,
    "L": 1.0,
    "L/h": 1.0,
    "mL/min": 0.06,
    "mL/s": 3.6,
    "ng/mL": 1.0,
    "1/(pM^n.s)": 3600.0,
}
_MOLAR = {"nM": 1e-3, "pM": 1e-6}
"""Times g/mol gives ng/mL: 1 nmol/L of 341.4 g/mol is 0.3414 µg/L."""


def factor(model: KineticModel, parameter: Parameter) -> float:
    """What a value of this parameter is multiplied by: ``mL/s`` → L/h, ``1/min`` → 1/h, ``nM`` → ng/mL.

    The molar mass is that of the analyte whose receptor names the parameter.

    Raises:
        KnowledgeError: a molar concentration that no receptor uses, so that its substance is unknown.
    """
    if parameter.unit in _FACTORS:
        return _FACTORS[parameter.unit]
    for receptor in model.receptors:
        if parameter.id == receptor.half:
            return _MOLAR[parameter.unit] * molar_mass(model, receptor.ligands[0].of)
    raise KnowledgeError(
        f"kinetics {model.id}: parameter {parameter.id} is in {parameter.unit}, but no receptor has it as 'half', "
        "so its molar mass is not known; write it in ng/mL"
    )


def pm_per_ng_ml(model: KineticModel, place: str) -> float:
    """How many pM is 1 ng/mL of the substance in this compartment or effect site."""
    return 1e6 / molar_mass(model, place)


def molar_mass(model: KineticModel, place: str) -> float:
    """Of the analyte in this compartment or effect site, in g/mol."""
    followed = {effect.id: effect.follows for effect in model.effects}
    at = followed.get(place, place)
    for compartment in model.compartments:
        if compartment.id == at:
            for analyte in model.analytes:
                if analyte.id == compartment.analyte:
                    return analyte.molar_mass
    raise KnowledgeError(f"kinetics {model.id}: {place} holds no analyte, so it has no molar mass")
