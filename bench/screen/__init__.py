"""How fast a population is screened, beside merely parsing it, and beside other engines."""
