"""Client and sandbox were written apart, from the contract alone: here they meet, call by call."""

import itertools

import pytest
import simpy

from simulator.aura import (
    Client,
    ConflictError,
    Credentials,
    InProcessTransport,
    NotFoundError,
    NotPermittedError,
    Secret,
    Session,
)
from simulator.aura.calls import (
    callout_records,
    callouts,
    coverage,
    customers,
    devices,
    fixed_locations,
    leads,
    ratings,
    scheduled,
    sessions,
    subscriptions,
    webhooks,
)
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import Callout, CustomerId, Position
from simulator.rng import Rng
from simulator.sandbox import Sandbox, close_callout

EPOCH = 1_780_000_000.0
HERE, THERE = Position(-26.1, 28.1, 10.0), Position(-26.2, 28.2, 20.0)


class Desk:
    """One client on one sandbox."""

    def __init__(self) -> None:
        self.env = simpy.Environment()
        self.box = Sandbox(self.env, EPOCH)
        demo = self.box.demo
        credentials = Credentials(demo.client_id, Secret(demo.client_secret))
        self.session = Session(credentials, lambda: EPOCH + self.env.now, Rng(1).stream(0, "retry"))
        self.client = self.with_session(self.session)
        self.call = self.client.call
        self._numbers = itertools.count(1)

    def with_session(self, session: Session) -> Client:
        """Return a client that acts with another session."""
        return Client(session, InProcessTransport(self.box.handle), lambda _: None)

    def year(self) -> NewSubscription:
        """Return a subscription for a year."""
        kind = self.call(subscriptions.types())[0].id
        return NewSubscription(kind, EPOCH - 60, EPOCH + 3e7)

    def person(self, *, is_subscribed: bool = True) -> CustomerId:
        """Return a new customer."""
        mobile = f"+2782000{next(self._numbers):04d}"
        profile = customers.Profile(name="Jane", surname="Doe", mobile=mobile)
        return self.call(customers.create(profile, self.year() if is_subscribed else None)).id

    def callout(self) -> Callout:
        """Return a new callout of a new customer."""
        return self.call(callouts.create(self.person(), HERE))


@pytest.fixture
def desk() -> Desk:
    """Return a client on a sandbox."""
    return Desk()


def test_customers(desk: Desk) -> None:
    """Made, read, changed, deleted; a mobile belongs to one."""
    person = desk.person()
    changed = desk.call(customers.update(person, customers.Profile(email="jane@example.org")))

    assert changed.email == "jane@example.org"
    assert desk.call(customers.get(person)).name == "Jane"
    with pytest.raises(ConflictError):
        desk.call(
            customers.create(
                customers.Profile(name="A", surname="B", mobile=changed.mobile), desk.year()
            )
        )
    desk.call(customers.delete(person))
    with pytest.raises(NotFoundError):
        desk.call(customers.get(person))


def test_subscriptions(desk: Desk) -> None:
    """Made, listed, prolonged, cancelled; without one there is no callout."""
    person, other = desk.person(is_subscribed=False), desk.person(is_subscribed=False)
    with pytest.raises(NotPermittedError):
        desk.call(callouts.create(person, HERE))
    made = desk.call(subscriptions.create(person, desk.year(), dependants=[other]))
    desk.call(subscriptions.update(made.id, valid_to_s=EPOCH + 4e7))

    (listed,) = desk.call(subscriptions.of_customer(person))
    assert listed.valid_to_s == EPOCH + 4e7
    assert listed.is_active(EPOCH)
    assert desk.call(subscriptions.get(made.id)).dependant_customer_ids == (other,)
    desk.call(subscriptions.cancel(made.id))
    assert not desk.call(subscriptions.get(made.id)).is_active(EPOCH)


def test_callouts_while_open(desk: Desk) -> None:
    """Created once, moved, listed, told about, cancelled with the safe code."""
    person = desk.person()
    first = desk.call(callouts.create(person, HERE))
    again = desk.call(callouts.create(person, THERE))
    moved = desk.call(callouts.update_and_return(first.id, THERE))
    desk.call(callouts.update_location(first.id, THERE))
    desk.call(callout_records.send_event(first.id, "I am at the gate"))
    mobile = desk.call(customers.get(person)).mobile or ""

    assert again.id == first.id
    assert first.url
    assert not moved.is_closed
    assert desk.call(callouts.get(first.id)).latitude == THERE.latitude
    assert [one.id for one in desk.call(callouts.active())] == [first.id]
    assert [one.id for one in desk.call(callouts.of_customer(person))] == [first.id]
    assert len(desk.call(callout_records.events(first.id))) == 1
    desk.call(callouts.cancel(first.id, mobile[-4:]))
    assert desk.call(callouts.of_customer(person)) == []


def test_callouts_after_the_end(desk: Desk) -> None:
    """Reasons, report, map, rating; a late location is told that it is late."""
    callout = desk.callout()
    with pytest.raises(NotFoundError):
        desk.call(callout_records.resolution_report(callout.id))
    reason = desk.call(callout_records.exception_reasons(callout.id))[0]
    desk.call(callout_records.add_exception_reason(callout.id, reason.id, notes="a drill"))
    desk.call(close_callout(callout.id))
    late = desk.call(callouts.update_location(callout.id, THERE))

    assert late.is_closed
    assert desk.call(callouts.get(callout.id)).is_closed
    assert desk.call(callout_records.resolution_report(callout.id))
    assert desk.call(callout_records.response_map(callout.id)).url
    rating = desk.call(ratings.create(callout.id, 5, details="quick", may_be_contacted=True))
    assert desk.call(ratings.add_item(rating.id, "friendly")).id
    assert isinstance(desk.call(ratings.items()), list)


def test_callouts_the_older_ways(desk: Desk) -> None:
    """The legacy create, and dismissing."""
    callout = desk.call(callouts.create_legacy(HERE, customer_id=desk.person()))

    desk.call(callouts.dismiss(callout.id))

    assert desk.call(callouts.get(callout.id)).is_closed


def test_devices(desk: Desk) -> None:
    """Linked, renamed, heard of, unlinked."""
    link = desk.call(devices.link(desk.person(), "AB26217939", "ExampleBrand", device_type_id=5))
    desk.call(devices.update(link, supplier="ExampleBrand", alias="Front desk"))
    pressed = desk.call(
        devices.event(
            {
                "device_id": link.device_id,
                "device_type_id": 5,
                "message_type": 1,
                "location": {"latitude": -26.1, "longitude": 28.1, "accuracy": 10},
            }
        )
    )

    assert link.device_id == "26217939"
    assert pressed.event_types == ["NEW_CALLOUT"]
    assert pressed.callout_id is not None
    desk.call(devices.unlink(link.device_id))


def test_fixed_locations(desk: Desk) -> None:
    """Made, read, changed, listed, raised against, deleted, and uploaded by the thousand."""
    site = fixed_locations.Site(
        external_reference_id="site_9944", identifier="site_9944", latitude=-26.1, longitude=28.1
    )
    made = desk.call(fixed_locations.create(site))
    raised = desk.call(fixed_locations.create_callout("site_9944", installer_identifier="I-1"))
    desk.call(fixed_locations.update(made.id, site))

    assert desk.call(fixed_locations.get(made.id)).latitude == -26.1
    assert [one.id for one in desk.call(fixed_locations.list_all())] == [made.id]
    assert raised.callout.id
    desk.call(fixed_locations.delete(made.id))
    csv = b"externalReferenceId,locationIdentifier,latitude,longitude\na,a,-26.1,28.1\n"
    assert desk.call(fixed_locations.upload(csv, "https://example.org/done"))


def test_response_types_and_coverage(desk: Desk) -> None:
    """The ids are listed, and where they serve is a KML document."""
    kinds = desk.call(coverage.response_types())

    assert "SECURITY" in {kind.value for kind in kinds}
    assert "<kml" in desk.call(coverage.polygons(kinds[0].id))


def test_sessions_and_callout_tokens(desk: Desk) -> None:
    """A sign-up has its hosted URL; a callout token serves one customer and nothing else."""
    signup = desk.call(sessions.create_signup("https://example.org/back", email="a@example.org"))
    person, other = desk.person(), desk.person()
    grant = desk.call(sessions.callout_token(person))
    guest = desk.with_session(desk.session.scoped(grant.token(EPOCH)))

    assert signup.session_id
    assert desk.call(sessions.get_signup(signup.session_id)).session_id == signup.session_id
    assert guest.call(callouts.create(person, HERE)).id
    for refused in (callouts.create(other, HERE), callouts.active()):
        with pytest.raises((NotPermittedError, NotFoundError)):
            guest.call(refused)


def test_webhooks_leads_and_scheduled_services(desk: Desk) -> None:
    """Registered, made, read, booked, cancelled."""
    hook = desk.call(webhooks.register("https://example.org/hook", ["NEW_CALLOUT"]))
    lead = desk.call(leads.create("+27821112222", first_name="Jo"))
    booking = scheduled.Booking(
        customer_id=desk.person(),
        name="Night guard",
        from_s=EPOCH + 3600,
        to_s=EPOCH + 7200,
        details={"numberOfGuards": 1},
        repeats={"type": "single", "startTime": "20:00", "windowPeriod": 60},
        latitude=-26.1,
        longitude=28.1,
    )
    booked = desk.call(scheduled.create("guarding", booking))

    assert list(hook.events) == ["NEW_CALLOUT"]
    assert desk.call(leads.get(lead.id)).id == lead.id
    assert desk.call(scheduled.cancel(booked.id))
