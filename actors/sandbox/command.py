"""`gridactors sandbox`: a local exchange until somebody stops it."""

from __future__ import annotations

import json
import signal
import sys
import threading
from types import FrameType

from actors.sandbox.command_options import SandboxCommand, sandbox_options
from actors.sandbox.options import SandboxOptions
from actors.sandbox.server import Sandbox
from engine.errors import BadInput

_STOPPING = (signal.SIGINT, signal.SIGTERM)


def run_sandbox(command: SandboxCommand) -> None:
    """Run a sandbox until SIGINT or SIGTERM; print one line of JSON when it is ready. Raises `BadInput`."""
    options = sandbox_options(command)
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    sandbox = Sandbox(options)
    try:
        _start(sandbox, options)
        sys.stdout.write(_ready(sandbox) + "\n")
        sys.stdout.flush()
        stopping.wait()
    finally:
        sandbox.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(sandbox: Sandbox, options: SandboxOptions) -> None:
    try:
        sandbox.start()
    except OSError as error:
        ports = f"{options.port} and {options.stream_port}"
        raise BadInput(f"--port = {options.port}: {error.strerror}; allowed: {ports} must both be free, or 0") from None


def _ready(sandbox: Sandbox) -> str:
    """Say where it is, and what to sign with: keys that are good nowhere else."""
    return json.dumps(
        {
            "rest": sandbox.urls.rest,
            "stream": sandbox.urls.stream,
            "ws_api": sandbox.urls.ws_api,
            "api_key": sandbox.api_key,
            "secret": sandbox.secret,
        }
    )
