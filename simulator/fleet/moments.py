"""Events at an exact time of the run.

SimPy plans by delays: `now + (at - now)` may miss `at` by the last bit, and by how much depends on
what `now` was. What a device does may not depend on when somebody looked at the calendar.
"""

from collections.abc import Callable
from heapq import heappush

import simpy
from simpy.events import NORMAL


def at(env: simpy.Environment, at_s: float, happening: Callable[[], None]) -> None:
    """Call a function when the run time is `at_s`, to the last bit; now, if that is over."""
    moment = env.event()
    moment._ok, moment._value = True, None
    moment.callbacks.append(lambda _: happening())
    due = max(at_s, env.now)
    heappush(env._queue, (due, NORMAL, next(env._eid), moment))
