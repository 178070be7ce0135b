"""Has the sandbox drifted from AURA? The same conversations with both, and what differs."""

from simulator.drift.comparing import Difference, compare
from simulator.drift.conversations import CONVERSATIONS
from simulator.drift.playing import Heard, play
from simulator.drift.shape import Shape, shape_of
from simulator.drift.steps import Conversation, Step

__all__ = [
    "CONVERSATIONS",
    "Conversation",
    "Difference",
    "Heard",
    "Shape",
    "Step",
    "compare",
    "play",
    "shape_of",
]
