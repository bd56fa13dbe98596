"""A patient's record: reading FHIR, matching to concepts, and what dates, units and statuses mean."""
