"""Signals that come before anybody listens, and at moments when Python swallows what is raised."""

from __future__ import annotations

import signal

import pytest

from actors.trading.stop_signals import StoppedEarly, StopSignals


class DiesOfASignal:
    """Hear SIGINT while it is taken down, where an exception goes nowhere."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_signal_before_anybody_listens_is_raised() -> None:
    with pytest.raises(StoppedEarly, match="SIGINT"), StopSignals():
        signal.raise_signal(signal.SIGINT)


def test_signal_is_told_to_the_listener() -> None:
    heard: list[str] = []
    with StopSignals() as signals:
        signals.tell(heard.append)
        signal.raise_signal(signal.SIGTERM)
    assert heard == ["SIGTERM"]


def test_signal_that_a_finalizer_swallowed_is_told_as_soon_as_somebody_listens() -> None:
    heard: list[str] = []
    with StopSignals() as signals:
        dying = DiesOfASignal()
        del dying
        with pytest.raises(StoppedEarly, match="SIGINT"):
            signals.tell(heard.append)
    assert heard == []
