"""Styles, scripts and pictures of the pages, under addresses that change with their content so that browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"
#: A year, the longest that caches honour; the address carries the content's sum.
_KEEP = "public, max-age=31536000, immutable"
_SUM_LENGTH = 10


class StaticContent(StaticFiles):
    """The folder's files; kept by browsers when asked for with their sum."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _KEEP if scope.get("query_string") else "no-cache"
        return response


def address(name: str) -> str:
    """Where pages find the file `name`, by its path below the folder."""
    return f"{PREFIX}/{name}?{_sum(name, (FOLDER / name).stat().st_mtime_ns)}"


@cache
def _sum(name: str, _changed: int) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:_SUM_LENGTH]
