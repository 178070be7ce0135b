"""The promises of a run, watched record by record.

A family of rules says which types of records it hears and keeps a bounded memory: something for
each device, each press and each callout, never for each record.
"""

from simulator.report.rules.callouts import CalloutRules
from simulator.report.rules.frames import FrameRules
from simulator.report.rules.messages import MessageRules
from simulator.report.rules.once import OnceRules
from simulator.report.rules.places import PlaceRules
from simulator.report.rules.webhooks import WebhookRules

__all__ = [
    "CalloutRules",
    "FrameRules",
    "MessageRules",
    "OnceRules",
    "PlaceRules",
    "WebhookRules",
]
