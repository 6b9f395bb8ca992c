"""A market with its people behind the window, and a browser for each of them."""

import pytest
from django.test import Client

from linggong import make
from linggong.venues.models import Duty


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clerk(db):
    return make.staff(Duty.CLERK)


@pytest.fixture
def window(clerk) -> Client:
    return sign_in(clerk)


@pytest.fixture
def reviewer(db):
    return make.staff(Duty.REVIEWER, name="陈审核")


@pytest.fixture
def reviewing(reviewer) -> Client:
    return sign_in(reviewer)


@pytest.fixture
def head(db):
    return make.staff(Duty.HEAD, name="周站长")
