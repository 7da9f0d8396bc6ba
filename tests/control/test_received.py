from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.control.received import BODY_BYTES, HEAD_BYTES, Received

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"


def received(data: bytes) -> Received:
    it = Received()
    it.feed(data)
    return it


@pytest.mark.parametrize(
    ("data", "is_complete"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"GET / HTTP/1.1\r\n\r", False),
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (HEAD + b"Content-Length: 5\r\n\r\n1234", False),
        (HEAD + b"Content-Length: 5\r\n\r\n12345", True),
        (HEAD + b"content-length:5\r\n\r\n12345more", True),
        (HEAD + b"Content-Length: 0\r\n\r\n", True),
        # What is refused anyway does not wait for the rest.
        (HEAD + b"Content-Length: %d\r\n\r\n" % (BODY_BYTES + 1), True),
        (HEAD + b"Content-Length: nonsense\r\n\r\n", True),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", True),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", True),
        (b"G" * (HEAD_BYTES + 1), True),
        (b"G" * HEAD_BYTES, False),
    ],
)
def test_a_request_is_whole_when_nothing_of_it_is_missing(data: bytes, *, is_complete: bool) -> None:
    assert received(data).is_complete is is_complete


@given(st.lists(st.binary(max_size=9), max_size=20))
def test_in_whatever_pieces_it_comes_it_is_whole_at_the_same_byte(pieces: list[bytes]) -> None:
    whole = HEAD + b"Content-Length: 4\r\n\r\n" + b"body"
    piecewise = Received()
    for place in range(len(whole) - 1):
        piecewise.feed(whole[place : place + 1])
        assert not piecewise.is_complete
    piecewise.feed(whole[-1:])
    for piece in pieces:
        piecewise.feed(piece)
        assert piecewise.is_complete
    assert piecewise.read() == whole + b"".join(pieces)


def test_it_reads_like_a_file_that_ends_where_it_ends() -> None:
    it = received(b"one\r\ntwo\r\nrest")
    assert (it.readline(), it.readline(3), it.readline(), it.read(2), it.has_data()) == (
        *(b"one\r\n", b"two", b"\r\n", b"re"),
        True,
    )
    assert (it.readline(), it.readline(), it.read(), it.has_data()) == (b"st", b"", b"", False)
