"""The routes of the page, and how a browser comes in and goes."""

from __future__ import annotations

from functools import partial

from flask import Flask, Response, request

from actors.control.assets import Assets
from actors.control.bodies import json_body
from actors.control.doors import MARK
from actors.control.entrance import cookie_name, knock
from actors.control.inside import Inside
from actors.control.refusals import Refusal
from actors.control.responses import as_error, as_file, as_json, redirect_to, refusal_of, visitor
from actors.control.sessions import CODE_SECONDS, SESSION_SECONDS


def put_up_page(app: Flask, assets: Assets) -> None:
    """Put up the page and its files."""

    def page() -> Response:
        return as_file(assets.index if visitor().is_known else assets.login)

    def static(name: str) -> Response:
        found = assets.find(name)
        return as_error("there is nothing here", 404) if found is None else as_file(found, found.caching)

    app.add_url_rule("/", "page", page, methods=["GET"])
    app.add_url_rule("/static/<path:name>", "static", static, methods=["GET"])


def put_up_login(app: Flask, inside: Inside) -> None:
    """Put up the ways in and out."""
    app.add_url_rule("/login", "show_login", partial(_arrive, inside), methods=["GET"])
    app.add_url_rule("/login", "login", partial(_log_in, inside), methods=["POST"])
    app.add_url_rule("/logout", "logout", partial(_log_out, inside), methods=["POST"])
    app.add_url_rule("/api/login-link", "login_link", partial(_invite, inside), methods=["POST"])


def _invite(inside: Inside) -> Response:
    json_body(request.content_type, request.get_data(), ())
    if not visitor().has_token:
        return refusal_of(inside, Refusal(403, "this is for the holder of the token", "a session that invites"))
    return as_json({"url": f"{inside.url}/login?code={inside.sessions.invite()}", "expires_in": CODE_SECONDS})


def _arrive(inside: Inside) -> Response:
    code = request.args.get("code")
    return as_file(inside.assets.login) if code is None else _begin(inside, code)


def _log_in(inside: Inside) -> Response:
    return _begin(inside, request.form.get("code", "").strip())


def _begin(inside: Inside, code: str) -> Response:
    cookie = inside.sessions.begin(code)
    if cookie is None:
        refusal = inside.doors.wrong(knock(request.environ), "login code")
        if refusal.status == 401 and "text/html" in request.headers.get("Accept", ""):
            inside.refusals.note(refusal.kind, refusal.detail)
            return redirect_to("/login?failed=1")
        return refusal_of(inside, refusal)
    # Behind the # a browser tells nobody but the page; our own login page asks without a redirect, and keeps it itself.
    key = inside.sessions.key_of(inside.sessions.whose(cookie) or "")
    response = as_json({"key": key}) if MARK in request.headers else redirect_to(f"/#key={key}")
    response.set_cookie(
        cookie_name(request.scheme),
        cookie,
        max_age=SESSION_SECONDS,
        secure=request.scheme == "https",
        httponly=True,
        samesite="Strict",
    )
    return response


def _log_out(inside: Inside) -> Response:
    session = visitor().session
    if session is not None:
        inside.sessions.end(session)
    response = as_json({})
    response.delete_cookie(
        cookie_name(request.scheme), secure=request.scheme == "https", httponly=True, samesite="Strict"
    )
    return response
