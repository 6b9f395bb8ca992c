"""Cover in any state, reached by the real actions and the pretend insurer."""

from datetime import timedelta

import pytest

from linggong import make
from linggong.core import clock, outside
from linggong.insurance import actions, background, queries
from linggong.insurance.gateways import insurer as gateway
from linggong.insurance.models import Product


@pytest.fixture
def sanming(db):
    """The sample that prices per order, released."""
    make.approved_products()
    return Product.objects.get(code="SANMING_LIKE")


@pytest.fixture
def insurer():
    """The pretend insurer, new and empty; `insurer.tells()` delivers its messages, forged ones are refused."""
    outside.reset()
    app = outside.in_process("insurer")

    def send(path, body, headers):
        try:
            background.hear_callback(path, body, headers)
        except gateway.BadCallback:
            return 401
        return 200

    app.tells = lambda: app.pump(send, at=clock.now().timestamp())
    yield app
    outside.reset()


@pytest.fixture
def asked(sanming, monday_morning):
    """Ask for eight hours of kitchen cover for tomorrow: `asked("attendance:A", born=…)` gives the policy."""

    def ask(ref="attendance:A", *, starts_at=None, **facts):
        worker = make.worker(**facts)
        start = starts_at or monday_morning + timedelta(hours=26)
        quote = queries.quote_for(
            make.kitchen(), queries.age_at_start(worker, start), start, start + timedelta(hours=8), make.county().code
        )
        return actions.ask(ref=ref, deal="engagement:A", worker=worker, quote=quote, by=worker.user)

    return ask
