"""What each worker of a load test is told."""

from simulator.aura import Credentials, Secret, Target
from simulator.load.linking import Linked
from simulator.load.settings import LoadSettings
from simulator.load.shapes import Form
from simulator.load.task import Task

PLACE = (54.6872, 25.2797)
"""Around which the devices of a load test are, in degrees."""


def nobody() -> tuple[Target, Credentials]:
    """Return the target of a test in which AURA takes no part, and who we are to it."""
    return Target.parse("http://127.0.0.1:9"), Credentials("", Secret(""))


def tasks_of(
    settings: LoadSettings,
    target: Target,
    credentials: Credentials,
    linked: Linked,
    *,
    is_elsewhere: bool,
) -> list[Task]:
    """Return a task for each worker. Workers of other machines share the ceiling of a target."""
    native = settings.native
    count = settings.workers
    rate_s = target.rate_s
    if rate_s and is_elsewhere:
        rate_s /= count
    return [
        Task(
            base_url=target.origin + target.prefix,
            client_id=credentials.client_id,
            client_secret=credentials.client_secret.reveal(),
            allowed=target.allowed,
            rate_s=rate_s,
            proxy_url=target.proxy_url,
            mix=settings.mix,
            device_ids=linked.device_ids,
            customers=linked.customers if settings.shape.form is Form.FLEET else [],
            run=str(settings.run) if settings.run else None,
            native_to=dict(native.to) if native else {},
            native_envelopes=dict(native.envelopes) if native else {},
            native_segments=native.segments.value if native else "whole",
            shape=settings.shape,
            life=settings.life,
            for_s=settings.for_s,
            drain_s=settings.drain_s,
            seed=settings.seed,
            shard=(number, count),
            transport=settings.transport,
            connections=settings.connections,
            timeout_s=settings.timeout_s,
            connect_timeout_s=settings.connect_timeout_s,
            most_waiting=settings.most_waiting,
            precise=settings.precise,
            trust=str(settings.trust) if settings.trust else None,
            place=PLACE,
            replay=str(settings.replay) if settings.replay else None,
            speed=settings.speed,
        )
        for number in range(count)
    ]
