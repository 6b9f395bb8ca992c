"""The door to the outside world: what is unknown stays unknown, and only pretends learn the time."""

import httpx
import pytest

from linggong.core import outside
from linggong.core.clock import now


@pytest.fixture
def sms():
    yield outside.in_process("sms")
    outside.reset()


def test_a_pretend_answers_in_this_process_and_hears_the_clock(sms, monday_morning):
    with outside.client("http://127.0.0.1:0", "sms") as http:
        answer = http.get("/health")

    assert answer.json() == {"pretend": "sms"}
    assert abs(sms.now() - now().timestamp()) < 5


def test_a_lost_answer_is_a_time_out(sms):
    sms.turn("lost", True)

    with outside.client("http://127.0.0.1:0", "sms") as http, pytest.raises(httpx.TimeoutException):
        http.get("/health")


def test_a_stopped_provider_answers_503_but_its_switches_still_work(sms):
    sms.turn("down", True)

    with outside.client("http://127.0.0.1:0", "sms") as http:
        assert http.get("/health").status_code == 503
        page = http.get("/switches")

    assert "模拟服务 不是真的" in page.text


def test_a_callback_is_tried_again_until_it_is_taken(sms):
    heard = []
    sms.call_back("/hear/x", {"no": 1})

    assert sms.pump(lambda path, body, headers: 500) == 0
    assert sms.pump(lambda path, body, headers: heard.append(body) or 200, at=sms.now() + 60) == 1
    assert sms.pump(lambda path, body, headers: 200, at=sms.now() + 600) == 0
    assert heard == [b'{"no":1}']


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8001", True),
        ("http://localhost/x", True),
        ("http://[::1]:1", True),
        ("http://0.0.0.0:1", True),
        ("https://dysmsapi.aliyuncs.com", False),
        ("https://10.0.0.5", False),
    ],
)
def test_loopback_addresses_are_recognised(url, expected):
    assert outside.is_loopback(url) is expected
