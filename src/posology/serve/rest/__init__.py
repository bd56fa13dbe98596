"""REST: the verbs `check`, `plan` and `simulate` as JSON, and the monographs that they answer from."""

from __future__ import annotations

from fastapi import APIRouter

from posology.check.engine import Engine

from ..settings import Settings
from . import check, concepts, monographs, plan, simulate


def router(settings: Settings, engine: Engine) -> APIRouter:
    """Everything under ``/api``. Each route has its whole path: it is what a request is counted under."""
    routes = APIRouter()
    for part in (check, plan, simulate, monographs, concepts):
        routes.include_router(part.router(settings, engine))
    return routes
