"""Device models as people name them: "Milesight WS101 panic button" is `milesight-ws101`."""

import re

from simulator.bdd.mistakes import unknown
from simulator.profile import Profile, load, profile_names

_NOUNS = {
    *("button", "buttons", "device", "devices", "panic", "personal", "tracker", "trackers"),
    *("wearable", "wearables", "alarm", "alarms", "sos"),
}


def model_of(phrase: str) -> Profile:
    """Return the profile that a phrase means; raise `StepUseError` where none or several fit."""
    names = profile_names()
    if phrase.lower() in names:
        return load(phrase.lower())
    wanted = _words(phrase)
    fitting = [name for name in names if wanted and wanted <= _words(name, load(name).title)]
    exact = [name for name in fitting if wanted == _words(name)]
    if len(exact or fitting) != 1:
        raise unknown("device model", phrase, fitting or names)
    return load((exact or fitting)[0])


def _words(*texts: str) -> set[str]:
    found = {word for text in texts for word in re.findall(r"[a-z0-9]+", text.lower())}
    return found - _NOUNS
