"""The routes of the API."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, request

from actors.control.answers import Answers
from actors.control.bodies import json_body, only, steer_body, whole_number
from actors.control.inside import Inside
from actors.control.questions import AskedInVain
from actors.control.responses import as_json
from actors.control.streams import pieces
from engine.messages.steering import Command

_WITH_LIMIT = ("trades", "events", "days", "candles")
_PARTS = ("status", "orders", "levels", "balance", *_WITH_LIMIT, "health")
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def put_up_api(app: Flask, inside: Inside) -> None:
    """Put up what is asked and told in JSON."""
    answers = inside.answers
    for part in _PARTS:
        app.add_url_rule(f"/api/{part}", part, partial(_picture, answers, part), methods=["GET"])
    for command in Command:
        act = _quit if command is Command.QUIT else _steer
        app.add_url_rule(f"/api/{command}", str(command), partial(act, answers, command), methods=["POST"])
    app.add_url_rule("/api/stream", "stream", partial(_stream, inside), methods=["GET"])
    app.add_url_rule("/livez", "livez", lambda: _well(answers.not_alive), methods=["GET"])
    app.add_url_rule("/readyz", "readyz", lambda: _well(answers.not_ready), methods=["GET"])
    app.add_url_rule("/metrics", "metrics", partial(_metrics, answers), methods=["GET"])


def _picture(answers: Answers, part: str) -> Response:
    only(request.args, ("grid", "limit") if part in _WITH_LIMIT else ("grid",))
    limit = whole_number(request.args.get("limit"), "limit")
    return as_json(answers.get(part, request.args.getlist("grid"), limit))


def _steer(answers: Answers, command: Command) -> Response:
    only(request.args, ())
    body = steer_body(request.content_type, request.get_data(), may_last=command is Command.PAUSE)
    told = answers.steer(command, body.grids, body.seconds, body.wait)
    refused = [f"{one['name']} {one['text']}" for one in told["grids"] if one["refused"]]
    # Of all grids those are meant that it makes sense for; one that was named is meant whatever it does.
    if refused and (body.grids or len(refused) == len(told["grids"])):
        return as_json({"error": "; ".join(refused), **told}, 409)
    return as_json(told, 200 if all(one["done"] or one["refused"] for one in told["grids"]) else 202)


def _quit(answers: Answers, command: Command) -> Response:
    only(request.args, ())
    json_body(request.content_type, request.get_data(), ())
    return as_json(answers.steer(command))


def _stream(inside: Inside) -> Response:
    only(request.args, ("grid",))
    grids = tuple(request.args.getlist("grid"))
    inside.answers.get("status", grids)  # an unknown grid, or nobody who answers, is told now
    listener = inside.hub.join(grids)
    response = Response(pieces(listener), mimetype="text/event-stream")
    response.call_on_close(partial(inside.hub.leave, listener))
    return response


def _well(ask: Callable[[], str | None]) -> Response:
    only(request.args, ())
    try:
        why = ask()
    except AskedInVain as nobody:
        why = str(nobody)
    return as_json({"ok": why is None, "why": why}, 200 if why is None else 503)


def _metrics(answers: Answers) -> Response:
    only(request.args, ())
    return Response(answers.metrics(), content_type=_PROMETHEUS)
