"""``python -m posology.cli``."""

from . import main

main()
