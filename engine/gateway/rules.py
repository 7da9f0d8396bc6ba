"""How a gateway treats its exchange: from the configuration, and from what the exchange tells about itself."""

from __future__ import annotations

from attrs import frozen

from engine.settings.model import Execution


@frozen(kw_only=True)
class GatewayRules:
    """Bound what a gateway asks of an exchange, and how often.

    An order that cannot be delivered is sent again at most `max_retries` times. What is tried again waits
    `retry_delay` seconds and longer each time. After `breaker_threshold` calls in a row without an answer only exits
    are tried for `breaker_recovery` seconds, then `breaker_trials` calls. No more than count orders are placed in any
    seconds of one of the `order_limits`. A request that has not arrived `answer_window` seconds after it was made
    never will: the exchange refuses it by then (its receive window, and a margin for clocks). With `post_only`, limit
    orders may not trade at once. What cannot work raises ValueError.
    """

    callers: int = 4
    max_retries: int
    retry_delay: float
    breaker_threshold: int
    breaker_recovery: float
    breaker_trials: int
    order_limits: tuple[tuple[int, float], ...] = ()
    answer_window: float
    post_only: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot work."""
        counts = (self.callers, self.breaker_threshold, self.breaker_trials, *(count for count, _ in self.order_limits))
        spans = (seconds for _, seconds in self.order_limits)
        delays = (self.max_retries, self.retry_delay, self.breaker_recovery, self.answer_window)
        if min(counts) < 1 or min(spans, default=1.0) <= 0 or min(delays) < 0:
            raise ValueError(f"not rules to keep to: {self}")


def gateway_rules(
    execution: Execution,
    *,
    callers: int,
    order_limits: tuple[tuple[int, float], ...],
    answer_window: float,
    post_only: bool = False,
) -> GatewayRules:
    """Take the rules from a configuration's `execution` section, and the limits (count, seconds) from the exchange."""
    return GatewayRules(
        callers=callers,
        max_retries=execution.max_retries,
        retry_delay=execution.retry_delay,
        breaker_threshold=execution.circuit_breaker_failure_threshold,
        breaker_recovery=execution.circuit_breaker_recovery_timeout,
        breaker_trials=execution.circuit_breaker_half_open_max_calls,
        order_limits=order_limits,
        answer_window=answer_window,
        post_only=post_only,
    )
