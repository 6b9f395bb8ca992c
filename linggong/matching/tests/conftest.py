"""Workers for these tests: able to work in a kitchen, health certificate and all."""

import pytest

import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import local, now
from linggong.reference.queries import hard_certificates
from linggong.workers.queries import missing_certificates


@pytest.fixture
def able():
    """Make a worker who holds what a kitchen asks for: `able(born=…)`."""

    def worker(**facts):
        somebody, clerk = make.worker(**facts), make.clerk()
        for code in missing_certificates(somebody, hard_certificates(make.kitchen()), local(now()).date()):
            holding = workers.upload_certificate(
                somebody, certificate=code, number="A1", by=clerk, acting_for=somebody.user
            )
            workers.check_certificate(holding, by=clerk)
        return somebody

    return worker
