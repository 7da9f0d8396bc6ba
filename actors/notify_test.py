"""`gridactors notify-test`: try whether anybody hears when something happens."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import click
from attrs import frozen

from actors.alerting.sender import Service
from actors.gateways.apprise_service import VARIABLE, load_services
from actors.loading import load_configurations
from engine.errors import BadInput, RunFailed
from engine.messages.alerting import AlertKind
from engine.notifying.letters import Alert, Letter, Tone
from engine.notifying.samples import SAMPLES

ALL = "all"


@frozen
class _Outcome:
    """Say what one service took, and why it did not take the rest."""

    service: str
    taken: int
    reason: str | None


def send_tests(configs: Sequence[Path], kind: str | None, *, as_json: bool) -> None:
    """Send a message to every service that is set, and print who has taken it.

    With a `kind` the message is an example of that kind, with "all" one of each that the configurations want. Raises
    `BadInput` when no service is set, and `RunFailed` when one does not take what it is sent.
    """
    configurations = load_configurations(configs)
    wanted = [settings.notifications.kinds for settings in configurations]
    letters = _letters(kind, frozenset(AlertKind) if not wanted else frozenset().union(*wanted))
    services = load_services(settings.source for settings in configurations)
    if not services:
        places = ", ".join(dict.fromkeys([str(Path.cwd()), *(str(path.resolve().parent) for path in configs)]))
        raise BadInput(
            f"{VARIABLE} is set neither in the environment nor in a .env of {places}; "
            "allowed: the URLs of the services that are to be told, separated by spaces"
        )
    outcomes = [_try(number, service, letters, as_json=as_json) for number, service in enumerate(services, start=1)]
    if as_json:
        click.echo(json.dumps([_as_object(outcome, len(letters)) for outcome in outcomes], indent=1))
    if failed := [outcome for outcome in outcomes if outcome.reason is not None]:
        raise RunFailed(f"{len(failed)} of {len(outcomes)} services did not take what they were sent")


def _letters(kind: str | None, wanted: frozenset[AlertKind]) -> list[Letter]:
    now = time.time_ns() // 1_000_000
    if kind is None:
        return [
            Letter("Test", "This is a test of gridactors: alerts arrive.", Tone.PLAIN, is_urgent=False, written_at=now)
        ]
    kinds = [one for one in AlertKind if one in wanted] if kind == ALL else [AlertKind(kind)]
    return [Letter.of(Alert(one, f"(test) {SAMPLES[one]}"), now) for one in kinds]


def _try(number: int, service: Service, letters: Sequence[Letter], *, as_json: bool) -> _Outcome:
    """Send all letters to one service, or as many as it takes."""
    taken, reason = 0, None
    for letter in letters:
        refusal = service.deliver(letter)
        if refusal is not None:
            reason = refusal.reason
            break
        taken += 1
    name = f"service {number} ({service.name})"
    if not as_json:
        click.echo(f"{name}: {'ok' if reason is None else f'failed: {reason}'} ({taken} of {len(letters)} sent)")
    return _Outcome(name, taken, reason)


def _as_object(outcome: _Outcome, letters: int) -> dict[str, object]:
    return {
        "service": outcome.service,
        "ok": outcome.reason is None,
        "sent": outcome.taken,
        "of": letters,
        "reason": outcome.reason,
    }
