"""Answers of the routes: JSON, files, errors."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, redirect, request

from actors.control.assets import Asset
from actors.control.doors import Visitor
from actors.control.entrance import VISITOR, extra_headers
from actors.control.inside import Inside
from actors.control.refusals import Refusal


def visitor() -> Visitor:
    """Tell who asks."""
    known = request.environ[VISITOR]
    assert isinstance(known, Visitor)
    return known


def as_json(value: dict[str, Any], status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(json.dumps(value, separators=(",", ":")), status, content_type="application/json")


def as_error(text: str, status: int) -> Response:
    """Answer with what is wrong."""
    return as_json({"error": text}, status)


def refusal_of(inside: Inside, refusal: Refusal) -> Response:
    """Log a refusal, and answer with it."""
    inside.refusals.note(refusal.kind, refusal.detail)
    response = as_error(refusal.text, refusal.status)
    response.headers.extend(extra_headers(refusal))
    return response


def redirect_to(place: str) -> Response:
    """Send a browser elsewhere, to look."""
    response = redirect(place, 303, Response)
    assert isinstance(response, Response)
    return response


def as_file(asset: Asset, caching: str | None = None) -> Response:
    """Answer with a file, or say that the browser has it already."""
    response = Response(asset.content, content_type=_content_type(asset.kind))
    if caching is not None:
        response.headers["Cache-Control"] = caching
        response.set_etag(asset.version)
        response.make_conditional(request)
    return response


def _content_type(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
