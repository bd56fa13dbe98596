"""The meaning of the rules: criteria put to a record, findings, and the verdict they make."""
