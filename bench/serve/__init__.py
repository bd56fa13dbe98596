"""How fast the server answers, beside a bare endpoint of the same framework."""
