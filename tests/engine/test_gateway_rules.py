from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from engine.gateway.rules import GatewayRules, gateway_rules
from engine.settings.model import Execution
from tests.engine.gateway_world import RULES


def test_rules_are_taken_from_the_configuration_and_from_the_exchange() -> None:
    execution = Execution(
        max_retries=7,
        retry_delay=0.25,
        circuit_breaker_failure_threshold=9,
        circuit_breaker_recovery_timeout=33.0,
        circuit_breaker_half_open_max_calls=2,
    )
    assert gateway_rules(execution, callers=5, order_limits=((100, 10.0),), answer_window=6.0) == GatewayRules(
        callers=5,
        max_retries=7,
        retry_delay=0.25,
        breaker_threshold=9,
        breaker_recovery=33.0,
        breaker_trials=2,
        order_limits=((100, 10.0),),
        answer_window=6.0,
        post_only=False,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"callers": 0},
        {"max_retries": -1},
        {"retry_delay": -0.1},
        {"breaker_threshold": 0},
        {"breaker_recovery": -1.0},
        {"breaker_trials": 0},
        {"order_limits": ((0, 10.0),)},
        {"order_limits": ((100, 0.0),)},
        {"answer_window": -1.0},
    ],
    ids=str,
)
def test_rules_that_cannot_work_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not rules to keep to"):
        evolve(RULES, **change)
