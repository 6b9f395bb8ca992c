"""The bureau's people, each with a browser."""

import pytest
from django.test import Client

import linggong.accounts.actions as accounts
from linggong import make
from linggong.accounts.models import Role

COUNTY = "350400"


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of_role(role: str, name: str):
    person = make.user(name=name)
    accounts.grant(person, role, division_code=COUNTY, by=None)
    return person


@pytest.fixture
def chief(db):
    return make.supervisor()


@pytest.fixture
def supervising(chief) -> Client:
    return browser(chief)


@pytest.fixture
def second(db) -> Client:
    return browser(of_role(Role.SUPERVISOR, "吴副科"))


@pytest.fixture
def admin(db):
    return of_role(Role.ADMIN, "林管理")


@pytest.fixture
def running(admin) -> Client:
    return browser(admin)


@pytest.fixture
def auditing(db) -> Client:
    return browser(of_role(Role.AUDITOR, "何审计"))
