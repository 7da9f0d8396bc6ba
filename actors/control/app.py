"""What is behind the door, put together."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from actors.control.api_routes import put_up_api
from actors.control.headers import SECURE
from actors.control.inside import Inside
from actors.control.page_routes import put_up_login, put_up_page
from actors.control.questions import AskedInVain
from actors.control.refusals import cleaned
from actors.control.responses import as_error

log = logging.getLogger(__name__)


def make_app(inside: Inside) -> Flask:
    """Put up all routes."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    put_up_api(app, inside)
    put_up_login(app, inside)
    put_up_page(app, inside.assets)
    app.after_request(_secure)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(AskedInVain, _in_vain)
    app.register_error_handler(Exception, _broken)
    return app


def _secure(response: Response) -> Response:
    for name, value in SECURE.items():
        response.headers.setdefault(name, value)
    return response


def _http_error(error: HTTPException) -> Response:
    if error.code == 404:
        return as_error("there is nothing here", 404)
    if error.code == 405:
        return as_error("this is asked for in another way: GET to look, POST to do", 405)
    return as_error(error.name, error.code or 500)


def _in_vain(error: AskedInVain) -> Response:
    return as_error(str(error), error.status)


def _broken(error: Exception) -> Response:
    log.error("a request failed: %s", cleaned(request.path), exc_info=error)
    return as_error("something went wrong here; the log of the process says what", 500)
