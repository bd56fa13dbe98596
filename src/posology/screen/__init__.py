"""The same question for a whole population: map, shuffle by patient, reduce; nothing of a rule's meaning."""
