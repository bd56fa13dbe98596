<<<<<<< HEAD
"""The same question for a whole population: map, shuffle by patient, reduce; nothing of a rule's meaning."""
=======
"""The questions of `check`, put to a population."""
>>>>>>> 0e49999 (Read OMOP: each row becomes the FHIR resource that it means)
