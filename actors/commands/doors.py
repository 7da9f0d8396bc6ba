"""Let a browser in, and tell whether a process is alive."""

from __future__ import annotations

import html
from pathlib import Path

import click

from actors.commands.carrying_out import as_json
from actors.commands.process import RunningProcess, find_process
from actors.control.private_files import write_private
from engine.errors import RunFailed

_WAY_IN = "open-dashboard.html"


def open_dashboard(state_dir: Path, *, in_browser: bool, is_json: bool) -> None:
    """Print a link that lets one browser in, once, or open it."""
    running = find_process(state_dir)
    with RunningProcess(running, state_dir) as process:
        link = process.login_link()
    url, seconds = link.get("url"), link.get("expires_in")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise RunFailed(f"process {running.pid} gave no link to open")
    if is_json:
        click.echo(as_json(link))
    elif not in_browser:
        click.echo(url)
        click.echo(f"It lets one browser in, once, within the next {seconds} s.", err=True)
    if in_browser:
        _open(state_dir / _WAY_IN, url)


def ping(state_dir: Path, *, is_ready: bool, is_json: bool) -> None:
    """Raise `RunFailed` unless the process lives, or, if that is asked, is ready to trade."""
    running = find_process(state_dir)
    with RunningProcess(running, state_dir) as process:
        told = process.probe("/readyz" if is_ready else "/livez")
    word = "ready" if is_ready else "alive"
    if is_json:
        click.echo(as_json(told))
    if told.get("ok") is not True:
        raise RunFailed(f"process {running.pid} is not {word}: {told.get('why') or 'it does not say why'}")
    if not is_json:
        click.echo(f"process {running.pid} is {word}")


def _open(path: Path, url: str) -> None:
    """Open a link by way of a file that only its owner can read: what a browser is started with, all can see."""
    import webbrowser

    target = html.escape(url, quote=True)
    head = f'<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={target}"><title>gridactors</title>'
    write_private(path, f'<!doctype html>{head}<a href="{target}">Open the dashboard</a>\n')
    if not webbrowser.open(path.resolve().as_uri()):
        raise RunFailed("no browser could be started; `gridactors dashboard` prints the link")
    click.echo("The dashboard opens in your browser.", err=True)
