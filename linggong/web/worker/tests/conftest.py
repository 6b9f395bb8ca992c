"""A morning on which everybody is at work, and a browser of the worker's own."""

import pytest
from django.test import Client

from linggong import make
from linggong.core import clock


@pytest.fixture
def morning():
    """Nine o'clock; the clock is put back afterwards, however far the test moved it."""
    with clock.moved_to(clock.at(clock.today(), 9)):
        yield


@pytest.fixture
def browser_of():
    """A client signed in as somebody: a worker, or a person."""

    def of(somebody):
        client = Client()
        client.force_login(getattr(somebody, "user", somebody))
        return client

    return of


@pytest.fixture
def stranger(browser_of):
    """Another worker, signed in."""
    return browser_of(make.worker(name="罗桂花"))
