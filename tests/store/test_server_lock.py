"""One writer on a server, whichever machine it is on."""

from __future__ import annotations

import os

import pytest
from attrs import evolve

from actors.store.places import Place
from actors.store.server_lock import LockedByAnother, server_lock
from tests.store.conftest import Databases
from tests.store.samples import KEY


def test_second_one_is_refused_and_told_who_the_first_one_is(server: Databases) -> None:
    with (
        server_lock(server.place, KEY),
        pytest.raises(LockedByAnother, match=rf"^process {os.getpid()} on .+ since \d{{4}}-"),
        server_lock(server.place, KEY),
    ):
        pytest.fail("two hold it")


def test_lock_is_free_when_its_holder_has_gone_and_other_grids_have_their_own(server: Databases) -> None:
    with server_lock(server.place, KEY), server_lock(server.place, evolve(KEY, fingerprint="f" * 64)):
        pass
    with server_lock(server.place, KEY):
        pass


def test_file_needs_none(file: Databases) -> None:
    with server_lock(file.place, KEY), server_lock(file.place, KEY):
        pass
    with server_lock(Place(url=f"sqlite:///{file.path}"), KEY), server_lock(file.place, KEY):
        assert not file.path.exists()
