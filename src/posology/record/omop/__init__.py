"""Rows of the OMOP Common Data Model (5.3, 5.4) as the FHIR R4 resources that they mean.

Every row becomes one resource, written as one line of JSON (an order or statement of a medicine may become
two, see below); from there on a population and one patient are read by the same code. This package opens
nothing: `posology.screen` brings the rows, as text or nothing.

What each table means (section names are those of the CDM specification, https://ohdsi.github.io/CommonDataModel/):

PERSON and DEATH: `person`
    Patient. Birth is as precise as year, month and day of birth are; `birth_datetime` is used only where there
    is no year, because the specification has it made up (first of the month, 15 June) where parts are missing.
CONDITION_OCCURRENCE: `conditions`
    Condition, without clinical status unless `condition_status_concept_id` gives one: the row says that it was
    recorded on a day. Its end counts as abatement only in a problem list, or where it is said to be resolved.
OBSERVATION: `observations`
    About an allergy or a condition a finding, whatever its value: refuted only by a plain no. Else with a value
    an Observation, without one a Condition, an AllergyIntolerance or a Procedure. "History of" with a value is
    a Condition of unknown clinical status, "family history of" with a value a FamilyMemberHistory.
DRUG_EXPOSURE: `drugs`
    Order, dispense, administration or statement, by `drug_type_concept_id`; which end dates count stands there.
    What only its supply ends has a second resource, ``drug-ID-grace``, for the days in which it may go on.
MEASUREMENT: `measurements`
    Observation; one without any value is an Observation without a value.
PROCEDURE_OCCURRENCE: `procedures`
    Procedure, completed.

Not read: VISIT_OCCURRENCE and VISIT_DETAIL (what was found there stands in rows of its own), NOTE and NOTE_NLP
(free text), DEVICE_EXPOSURE, SPECIMEN, EPISODE, the eras (derived from what is read), DRUG_STRENGTH, COST and
the like.

Times of day: OMOP keeps local wall time without a zone. FHIR wants one, so ``Z`` is written; only the order of
results within one day depends on it. Midnight means that the time is not known (MEASUREMENT, conventions).
"""
