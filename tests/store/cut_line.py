"""A way to a PostgreSQL server that breaks around a commit, before it arrives there or before anybody hears of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"  # the text of a query, as it is sent


class Cut(Enum):
    BEFORE_COMMIT = auto()
    AFTER_COMMIT = auto()


class CutLine:
    """Pass everything on between clients of `folder` and the server, until told to cut."""

    def __init__(self, server: Path, folder: Path) -> None:
        self.folder = folder
        self.cut: Cut | None = None
        self.was_cut = threading.Event()
        self._server = server
        self._is_committing = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # which is what it ends with
            while True:
                client, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._pass_on, args=(client,)))
                self._threads[-1].start()

    def _pass_on(self, client: socket.socket) -> None:
        """Take one request and its answer after the other; those of psycopg2 come in one piece on such a line."""
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self._server / SOCKET))
            back = threading.Thread(target=self._pass_back, args=(server, client))
            self._threads.append(back)
            back.start()
            while request := _received(client):
                if COMMIT in request and self.cut is Cut.BEFORE_COMMIT:
                    self._end(server, client)
                    return
                self._is_committing = COMMIT in request
                server.sendall(request)
            _shut(server)

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        while answer := _received(server):
            if self._is_committing and self.cut is Cut.AFTER_COMMIT:
                self._end(server, client)
                return
            client.sendall(answer)
        _shut(client)

    def _end(self, server: socket.socket, client: socket.socket) -> None:
        self.cut = None
        _shut(server)
        _shut(client)
        self.was_cut.set()


@contextmanager
def cut_line(server: Path) -> Iterator[CutLine]:
    """Give a way to the server whose sockets are in the folder `server`."""
    with TemporaryDirectory(prefix="line-") as folder:
        line = CutLine(server, Path(folder))
        try:
            yield line
        finally:
            line.close()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 20)
    except OSError:
        return b""


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
