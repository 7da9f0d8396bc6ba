from __future__ import annotations

import json
import math

import pytest

from actors.control.bodies import SteerBody, steer_body, whole_number
from actors.control.questions import AskedInVain

JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("{}", SteerBody()),
        ('{"grids": ["SOL/USDT"]}', SteerBody(("SOL/USDT",))),
        ('{"seconds": 90, "wait": 0.5}', SteerBody((), 90.0, 0.5)),
        ('{"grids": null, "seconds": null}', SteerBody()),
    ],
)
def test_a_wish_is_read(body: str, read: SteerBody) -> None:
    assert steer_body(JSON, body.encode(), may_last=True) == read
    assert steer_body(f"{JSON}; charset=utf-8", body.encode(), may_last=True) == read


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "no JSON object"),
        (b"[]", "no JSON object"),
        (b"null", "no JSON object"),
        (b'"x"', "no JSON object"),
        (b"{", "no JSON object"),
        (b"\xff{}", "no JSON object"),
        (b"{}{}", "no JSON object"),
        (b"[" * 60_000, "no JSON object"),
        (b'{"wait": NaN}', "no JSON object"),
        (b'{"wait": Infinity}', "no JSON object"),
        (b'{"wait": 1, "wait": 2}', "no JSON object"),
        (b'{"wait": ' + b"9" * 5000 + b"}", "no JSON object"),
        (b'{"wait": 1' + b"0" * 400 + b"}", "wait: allowed: a smaller number"),
        (b'{"wait": true}', "wait: allowed: a number"),
        (b'{"wait": "1"}', "wait: allowed: a number"),
        (b'{"wait": null}', "wait: allowed: a number"),
        (b'{"seconds": [1]}', "seconds: allowed: a number"),
        (b'{"grids": "SOL/USDT"}', "grids: allowed: a list of names"),
        (b'{"grids": [1]}', "grids: allowed: a list of names"),
        (b'{"grids": []}', "grids: allowed: a list of names"),
        (b'{"grid": "SOL/USDT"}', "'grid' is no key here; allowed: grids, seconds, wait"),
        (b'{"__proto__": {}}', "'__proto__' is no key here"),
        (b'{"' + b"k" * 1000 + b'": 1}', "is no key here"),
    ],
)
def test_what_is_no_wish_is_refused_by_its_key(body: bytes, problem: str) -> None:
    with pytest.raises(AskedInVain, match=problem) as refused:
        steer_body(JSON, body, may_last=True)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"],
)
def test_what_a_form_could_send_is_no_wish(content_type: str | None) -> None:
    with pytest.raises(AskedInVain, match="Content-Type"):
        steer_body(content_type, b"{}", may_last=True)


def test_only_a_pause_has_a_length() -> None:
    with pytest.raises(AskedInVain, match="'seconds' is no key here; allowed: grids, wait"):
        steer_body(JSON, json.dumps({"seconds": 1}).encode(), may_last=False)


def test_a_number_too_large_for_anything_is_infinite() -> None:
    assert steer_body(JSON, b'{"wait": 1e999}', may_last=False).wait == math.inf  # which no wait may be


@pytest.mark.parametrize("written", ["", "-1", "1.0", "1e3", "0x1", "٣", " 1", "9" * 10])
def test_a_query_has_whole_numbers(written: str) -> None:
    with pytest.raises(AskedInVain, match="limit = "):
        whole_number(written, "limit")
