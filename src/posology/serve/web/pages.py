"""How a page is filled and sent. Whatever was asked with a body is never kept by the browser or a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from posology.check.engine import Engine
from posology.serve.settings import Settings
from posology.show.html import environment
from posology.version import VERSION

from . import assets

NO_STORE = {"Cache-Control": "no-store"}


def sentence(text: str) -> str:
    """A text as a sentence begins; a name with a capital after its first letter, such as eGFR, stays as it is."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


@cache
def _environment() -> Environment:
    """Templates of the application before those of `show`: its base stands in for that of a file."""
    made = environment(PackageLoader("posology.serve.web"))
    made.globals.update(asset=assets.address, version=VERSION)
    made.filters["sentence"] = sentence
    return made


@dataclass(frozen=True, slots=True)
class Site:
    """What every page is made with."""

    settings: Settings
    engine: Engine

    def fill(self, request: Request, template: str, **shown: Any) -> str:
        """A template, filled. `base` in it is what every address begins with."""
        return (
            _environment()
            .get_template(template)
            .render(
                base=request.scope.get("root_path", ""),
                here=request.scope.get("path", ""),
                populated=self.settings.results is not None,
                drugs=self.drugs(),
                **shown,
            )
        )

    def page(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        """A template as a response that nobody keeps."""
        return HTMLResponse(self.fill(request, template, **shown), status, NO_STORE)

    def drugs(self) -> list[tuple[str, str]]:
        """Every drug: its name in addresses, and as it is called."""
        library = self.engine.library
        return [(name, library.monograph(name).identity.name) for name in library.names()]


def download(content: bytes | str, name: str, media_type: str) -> Response:
    """A file to keep, which no browser shows by itself."""
    body = content.encode() if isinstance(content, str) else content
    return Response(
        body,
        headers={
            **NO_STORE,
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
        media_type=media_type,
    )
