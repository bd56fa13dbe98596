"""Properties of `check` on generated and mutated records (DESIGN section 7)."""
