"""The line at the console, key by key: keys in, text out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.trading.completing import completed, split
from actors.trading.key_codes import KeyReader
from actors.trading.line_editor import Key, LineEditor
from engine.errors import BadInput

GRIDS = ("SOL/USDT", "ETH/USDT a", "ETH/USDT b", "BTC/EUR my grid")
LEFT, RIGHT, HOME, END = Key.LEFT, Key.RIGHT, Key.HOME, Key.END
BACK, DELETE, WORD, LINE = Key.BACKSPACE, Key.DELETE, Key.KILL_WORD, Key.KILL_LINE
UP, DOWN, ENTER, ESCAPE = Key.UP, Key.DOWN, Key.ENTER, Key.ESCAPE


def typed(*keys: Key | str) -> LineEditor:
    editor = LineEditor()
    for key in keys:
        for one in key if isinstance(key, str) else [key]:
            editor.press(one)
    return editor


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ((), "|"),
        (("pause",), "pause|"),
        (("pasue", BACK, BACK, BACK, "use"), "pause|"),
        ((BACK,), "|"),
        (("abc", LEFT, LEFT, "X"), "aX|bc"),
        (("abc", HOME, "X"), "X|abc"),
        (("abc", HOME, LEFT, DELETE), "|bc"),
        (("abc", HOME, RIGHT, END, RIGHT, "d"), "abcd|"),
        (("abc", DELETE), "abc|"),
        (("abc", LEFT, LINE), "|c"),
        (("pause sol", WORD), "pause |"),
        (("pause ", WORD), "|"),
        (("pause sol", ESCAPE), "|"),
        (("status", ENTER), "|"),
        (("status", ENTER, "orders", ENTER, UP), "orders|"),
        (("status", ENTER, "orders", ENTER, UP, UP, UP), "status|"),
        (("status", ENTER, "ord", UP, DOWN, "ers"), "orders|"),
        (("status", ENTER, "ord", UP, "!", DOWN), "ord|"),
        (("status", ENTER, "status", ENTER, UP, UP), "status|"),
        ((ENTER, UP), "|"),
        ((Key.PAGE_UP, "\x07", "ä"), "ä|"),
        (("x" * 300,), "x" * 200 + "|"),
    ],
)
def test_keys_make_the_line(keys: tuple[Key | str, ...], shown: str) -> None:
    editor = typed(*keys)
    assert editor.text[: editor.cursor] + "|" + editor.text[editor.cursor :] == shown


def test_enter_gives_the_whole_line_wherever_the_cursor_is() -> None:
    editor = typed(" pause sol ", HOME, RIGHT)
    assert editor.press(ENTER) == "pause sol"
    assert (editor.text, editor.press(ENTER)) == ("", "")


@given(st.lists(st.one_of(st.sampled_from(Key), st.characters()), max_size=60))
def test_cursor_stays_in_the_line_whatever_is_pressed(keys: list[Key | str]) -> None:
    editor = typed(*keys)
    assert 0 <= editor.cursor <= len(editor.text) <= 200
    assert editor.text.isprintable()


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("", ""),
        ("p", "pause "),
        ("PA", "pause "),
        ("st", "st"),
        ("sta", "status "),
        ("re", "res"),
        ("pause s", "pause SOL/USDT "),
        ("pause e", "pause ETH/USDT"),
        ("pause b", "pause 'BTC/EUR my grid' "),
        ("pause sol/usdt x", "pause sol/usdt x"),
        ("pause sol/usdt e", "pause sol/usdt ETH/USDT"),
        ("nonsense", "nonsense"),
    ],
)
def test_tab_adds_what_is_certain(line: str, whole: str) -> None:
    editor = LineEditor(lambda before: completed(before, GRIDS), line, len(line))
    editor.press(Key.TAB)
    assert (editor.text, editor.cursor) == (whole, len(whole))


def test_name_with_blanks_that_was_completed_is_one_word() -> None:
    assert split(completed("pause b", GRIDS)) == ["pause", "BTC/EUR my grid"]


def test_open_quote_is_bad_input() -> None:
    with pytest.raises(BadInput, match="a quote is open"):
        split("pause 'sol")


# --- keys out of bytes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"ab\r", ["a", "b", ENTER]),
        (b"\x7f\x08\t\x15\x17", [BACK, BACK, Key.TAB, LINE, WORD]),
        (b"\x1b[A\x1bOB\x1b[C\x1b[D", [UP, DOWN, RIGHT, LEFT]),
        (b"\x1b[H\x1b[4~\x1b[3~\x1b[5~\x1b[6~", [HOME, END, DELETE, Key.PAGE_UP, Key.PAGE_DOWN]),
        (b"\x1b[1;5C\x1b[200~x\x1b[201~\x1bq", ["x"]),
        (b"\x00\x03\x04y", ["y"]),
        ("äé€".encode(), ["ä", "é", "€"]),
        (b"\xff\xfeok", ["o", "k"]),
        (b"\x1b\x1b[A", [ESCAPE, UP]),
    ],
)
def test_bytes_of_a_terminal_are_keys(sent: bytes, keys: list[Key | str]) -> None:
    reader = KeyReader()
    assert reader.feed(sent) == keys
    assert not reader.is_waiting


def test_escape_alone_is_a_key_once_nothing_follows() -> None:
    reader = KeyReader()
    assert reader.feed(b"\x1b") == []
    assert reader.is_waiting
    assert reader.flush() == [ESCAPE]
    assert (reader.flush(), reader.is_waiting) == ([], False)


def test_sequence_that_never_ends_is_given_up() -> None:
    reader = KeyReader()
    keys = reader.feed(b"\x1b[" + b"1" * 100)
    assert keys[0] is ESCAPE
    assert not reader.is_waiting


@given(st.binary(max_size=60), st.integers(0, 60))
def test_bytes_are_the_same_keys_in_one_piece_or_two(sent: bytes, cut: int) -> None:
    whole, pieces = KeyReader(), KeyReader()
    expected = whole.feed(sent) + whole.flush()
    assert pieces.feed(sent[:cut]) + pieces.feed(sent[cut:]) + pieces.flush() == expected
