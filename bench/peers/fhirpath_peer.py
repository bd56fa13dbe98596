"""The criteria in FHIRPath, evaluated by `fhirpathpy` over each patient's Bundle.

Every expression is parsed once, and no model is passed: elements are named as they stand in the JSON
(`valueQuantity`), which spares the library its look-ups of types. Codes and dates are written into the
expressions or handed over as variables; FHIRPath has no value sets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from .rounds import Ready, Skipped, in_process

CODES = Path(__file__).parent / "codes.json"


def start(bundles: Sequence[bytes], on: str) -> Ready:
    """Import the library and compile the expressions; raises `Skipped` where it is not installed."""
    begun = perf_counter()
    try:
        import fhirpathpy
    except ImportError:
        raise Skipped("fhirpathpy is not installed: pip install '.[bench]'") from None
    compiled: dict[str, Callable[[Any, Any], list[Any]]] = {
        name: fhirpathpy.compile(text) for name, text in expressions(date.fromisoformat(on)).items()
    }
    sets = code_sets()

    def evaluate(bundle: Any) -> tuple[str, list[str]]:
        resources = (each["resource"] for each in bundle["entry"])
        patient = next(each["id"] for each in resources if each["resourceType"] == "Patient")
        return patient, [name for name, ask in compiled.items() if ask(bundle, sets) == [True]]

    taken = perf_counter() - begun
    return Ready(f"fhirpathpy {version('fhirpathpy')}", in_process(bundles, taken, orjson.loads, evaluate))


def code_sets() -> dict[str, list[str]]:
    """The variables of the expressions: `%name_code` holds codes, `%name` holds them as system|code."""
    listed: dict[str, list[list[str]]] = json.loads(CODES.read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for name, codes in listed.items():
        found[_variable(name)] = [f"{system}|{code}" for system, code, _ in codes]
        found[_variable(name) + "_code"] = [code for _, code, _ in codes]
    return found


def expressions(on: date) -> dict[str, str]:
    """The criteria as of this day."""
    year, pregnancy = on - timedelta(days=364), on - timedelta(days=300)
    return {
        "opioid-within-10-days": _taken("opioid", on - timedelta(days=9), on),
        "anticoagulant-now": _taken("anticoagulant", on, on),
        "alt-above-uln": _latest("alt", year, on)
        + ".where(valueQuantity.value > referenceRange.first().high.value"
        " and (valueQuantity.comparator.empty() or valueQuantity.comparator.startsWith('>'))).exists()",
        "egfr-below-60": _latest("egfr", year, on) + ".where(valueQuantity.value < 60"
        " and (valueQuantity.comparator.empty() or valueQuantity.comparator.startsWith('<'))).exists()",
        "cirrhosis": _present("cirrhosis"),
        "opioid-use-disorder": _present("opioid-use-disorder"),
        "age-65": f"{_all('Patient')}.select(birthDate.toDate() <= @{on} - 65 years)",
        "pregnant": _latest("pregnancy-status", pregnancy, on)
        + ".where(valueCodeableConcept.coding.where(code = '77386006').exists()).exists()",
    }


def _variable(name: str) -> str:
    return name.replace("-", "_")


def _all(kind: str) -> str:
    return f"Bundle.entry.resource.ofType({kind})"


def _coded(name: str) -> str:
    """Codings of a set. The bare code first: most fail it, and joining text for each is slow."""
    name = _variable(name)
    return f"coding.where(code in %{name}_code).where((system & '|' & code) in %{name}).exists()"


def _taken(name: str, first: date, on: date) -> str:
    """An order whose supply, refills included, reaches `first`, or a stopped one written since."""
    medication = f"where(code.{_coded(name)})"
    referred = f"%context.entry.resource.ofType(Medication).{medication}.select('Medication/' + id)"
    written = "authoredOn.substring(0, 10).toDate()"
    supply = "dispenseRequest.expectedSupplyDuration.value * (1 + dispenseRequest.numberOfRepeatsAllowed)"
    return (
        _all("MedicationRequest")
        + f".where(medicationCodeableConcept.{_coded(name)} or contained.{medication}.exists()"
        + f" or medicationReference.where(reference in {referred}).exists())"
        + f".where({written} <= @{on})"
        + f".where((status = 'stopped' and {written} >= @{first})"
        + " or ((status = 'active' or status = 'completed')"
        + f" and {written} + (({supply}).toString() + ' days').toQuantity() > @{first})).exists()"
    )


def _latest(name: str, first: date, on: date) -> str:
    """The latest result in the window, if it is final."""
    when = "(effectiveDateTime | effectivePeriod.end | effectivePeriod.start | issued).first()"
    day = f"{when}.substring(0, 10).toDate()"
    return (
        _all("Observation")
        + f".where(code.{_coded(name)})"
        + ".where(status != 'entered-in-error' and status != 'cancelled' and dataAbsentReason.empty())"
        + f".where({day} >= @{first} and {day} <= @{on})"
        + f".aggregate(iif($total.empty() or $this.select({when}).toDateTime()"
        + f" >= $total.select({when}).toDateTime(), $this, $total))"
        + ".where(status != 'registered' and status != 'preliminary' and status != 'unknown')"
    )


def _present(name: str) -> str:
    """A condition that is active and confirmed."""
    return (
        _all("Condition")
        + f".where(code.{_coded(name)})"
        + ".where(clinicalStatus.coding.where(code = 'active' or code = 'recurrence' or code = 'relapse').exists()"
        + " and verificationStatus.coding.where(code = 'confirmed').exists()).exists()"
    )
