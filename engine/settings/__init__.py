"""The typed configuration: what keys there are, what they may be, and how a document becomes one."""

from engine.settings.model import SANDBOX, SYNTHETIC, Settings

__all__ = ["SANDBOX", "SYNTHETIC", "Settings"]
