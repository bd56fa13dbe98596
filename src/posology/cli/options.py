"""Options and arguments that several verbs take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """Forms in which an answer is shown."""

    text = "text"
    json = "json"
    html = "html"
    fhir = "fhir"


Monographs = Annotated[
    Path | None,
    typer.Option("--monographs", metavar="DIR", help="A folder of further monographs, outside the package."),
]
On = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The day asked about, YYYY-MM-DD; default today.")
]
Region = Annotated[str, typer.Option("--region", help="US or EU: whose labels apply.")]
Product = Annotated[
    str | None,
    typer.Option("--product", help="A product of the monograph; default: the usual one for the use."),
]
Drug = Annotated[
    str, typer.Argument(metavar="DRUG", help="A monograph, for example one that 'monograph lint' lists.")
]
