"""The schema of the knowledge: what a monograph is, how it is read, checked, told and tried on cases."""
