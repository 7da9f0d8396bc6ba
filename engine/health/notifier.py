"""The health of what tells people: whether the services take what they are sent."""

from __future__ import annotations

from engine.addresses import NOTIFIER
from engine.health.asked import AskedCheck
from engine.health.findings import Finding, Stretch
from engine.health.words import many, span
from engine.messages.notifying import DescribeNotifier, NotifierDescribed
from engine.messages.vitals import Level
from engine.settings.model import Health


class NotifierCheck(AskedCheck[NotifierDescribed]):
    """Judge the notifier by how it gets on with its services."""

    name = "notifier"
    question = DescribeNotifier()
    answer = NotifierDescribed

    def __init__(self, health: Health) -> None:
        """Begin with no answer."""
        super().__init__(NOTIFIER, health.actor_hangs)
        self._health, self._troubled = health, Stretch()

    def learn(self, now: float, value: NotifierDescribed) -> None:
        """Time its trouble."""
        self._troubled.note(is_so=value.trouble is not None, now=now)

    def judge(self, now: float, value: NotifierDescribed) -> Finding:
        """Say whether people are told; a service that fails is told of by the others, if there are any."""
        waiting = f"{many(value.waiting, 'letter')} waiting, {value.sent:,} sent"
        if not value.services:
            return self.found(Level.OK, "no service is configured: nobody is told of anything", 0, "letters")
        if value.trouble is None:
            return self.found(Level.OK, f"{many(value.services, 'service')}; {waiting}", value.waiting, "letters")
        lasts = self._troubled.seconds(now)
        text = f"{value.trouble}, for {span(lasts)}; {waiting}, {value.failed:,} failed"
        tells = lasts >= self._health.feed_silence
        return self.found(Level.WARNING, text, value.waiting, "letters", tells=tells)
