"""``python -m posology.monograph.lint [DIR]``: lint the packaged knowledge, and DIR's with it."""

from __future__ import annotations

import sys
from pathlib import Path

from ...errors import CheckFailed, PosologyError
from ..load import load_library
from . import lint


def main(arguments: list[str]) -> int:
    """Print every problem and a count; the exit code is 6 if there is an error among them."""
    try:
        problems = lint(load_library(Path(arguments[0]) if arguments else None))
    except PosologyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for problem in problems:
        print(problem)
    errors = sum(problem.severity == "error" for problem in problems)
    print(f"errors: {errors}, warnings: {len(problems) - errors}")
    return CheckFailed.exit_code if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
