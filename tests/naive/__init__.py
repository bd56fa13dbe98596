"""A naive oracle: what the rules mean, written a second time, slowly and plainly, from the specification.

It is written from DESIGN sections 2, 5, 6 and 7 and from docs/manual/meaning.md, and shares no code with the
program: it imports nothing of `posology`, takes plain FHIR R4 JSON and the plain form of the YAML, and answers
by looping over everything. `answer.expected` is the way in.

Its method is possible worlds. A partial date stands for each of its days; each world gives yes, no or open;
where meeting the criterion speaks against the medicine the highest of these counts, under `not` the lowest.

What it does not know, because the generators do not write it: eGFR worked out from creatinine,
questionnaires, panels with components, references to Medication resources, doses in free text or in units
of a product, appointments and planned stays, times of day without a zone, born on 29 February. Each has
its own examples in tests/spec.
"""
