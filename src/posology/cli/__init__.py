"""The command line: one command a verb, one module each, thin. Exit codes are those of `posology.errors`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Annotated, TextIO

import typer

from posology.errors import PosologyError
from posology.version import VERSION

from .check import check
from .monograph import knowledge
from .plan import plan
from .screen import explain, screen
from .serve import serve
from .simulate import simulate

app = typer.Typer(
    name="posology",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A drug monograph, executed. Decision support for professionals: every verdict shows its basis.",
)
for verb in (check, screen, explain, plan, simulate, serve):
    app.command()(verb)
app.add_typer(knowledge, name="monograph")


def main() -> None:
    """Run the command line and exit with the code of the error, if there is one."""
    try:
        if sys.stdin is None or sys.stdout is None or sys.stderr is None:
            raise SystemExit("posology: standard input, output and error must be open")
        app()
        sys.stdout.flush()
    except PosologyError as wrong:
        print(f"posology: {_printable(str(wrong))}", file=sys.stderr)
        raise SystemExit(wrong.exit_code) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as wrong:
        print(f"posology: the answer cannot be written ({wrong.strerror})", file=sys.stderr)
        _drop(sys.stdout)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _drop(stream: TextIO) -> None:
    """Point a stream that cannot be written at nothing, so that the flush at exit does not complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _printable(text: str) -> str:
    """Messages may quote an argument: nothing of it may steer the terminal."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _version(wanted: bool) -> None:
    if wanted:
        print(f"posology {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the verb."""
