"""A fixture for tests that wait for webhooks.

Name this module in `pytest_plugins`, and take `webhook_receiver` as an argument. A sandbox has to
be served with `allow_http_webhooks` to deliver to it.
"""

from collections.abc import Iterator

import pytest

from simulator.aura.listening import WebhookReceiver


@pytest.fixture
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """Receive webhooks at `webhook_receiver.url`; see `webhook_receiver.inbox.expect`."""
    with WebhookReceiver() as receiver:
        yield receiver
