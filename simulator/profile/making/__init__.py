"""Making a profile for a device nobody has described: from answers, or from captured frames."""

from simulator.profile.making.capture import CaptureError, Sample, read_capture
from simulator.profile.making.draft import Draft, draft_of
from simulator.profile.making.template import NETWORKS, NewProfile, profile_text

__all__ = [
    "NETWORKS",
    "CaptureError",
    "Draft",
    "NewProfile",
    "Sample",
    "draft_of",
    "profile_text",
    "read_capture",
]
