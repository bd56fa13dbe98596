"""A regimen for somebody: what `regimen` works out and what `check` knows, joined."""
