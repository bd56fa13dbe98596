"""Answers made readable: terminal, JSON, HTML and FHIR, one renderer a module. Only this room makes prose."""
