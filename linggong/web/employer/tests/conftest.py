"""An employer at nine in the morning, and browsers signed in as whoever is needed."""

import pytest
from django.test import Client

from linggong import make
from linggong.core import clock
from linggong.engagements import queries as lived


@pytest.fixture
def morning():
    """Nine o'clock; the clock is put back afterwards."""
    with clock.moved_to(clock.at(clock.today(), 9)):
        yield


@pytest.fixture
def browser_of():
    """A client signed in as a person or as the owner of an employer."""

    def of(somebody):
        client = Client()
        client.force_login(
            lived.owner_of(somebody) if hasattr(somebody, "uscc") else getattr(somebody, "user", somebody)
        )
        return client

    return of


@pytest.fixture
def boss(morning):
    """A verified shop."""
    return make.employer()


@pytest.fixture
def desk(boss, browser_of):
    """The shop's own browser."""
    return browser_of(boss)


@pytest.fixture
def stranger(morning, browser_of):
    """Somebody else's shop."""
    return browser_of(make.employer())
