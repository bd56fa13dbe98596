"""The same answers over HTTP: REST, CDS Hooks for an EHR, and pages for a browser. Keeps no patient data."""
