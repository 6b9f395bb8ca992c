"""Automatic calls: signed, placed once, answered by a key, reported late and twice, never guessed at."""

import http.server
import json
import os
import subprocess
import sys
import threading
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.test import override_settings

from linggong.accounts import actions, background, queries
from linggong.accounts.gateways import acs, voice
from linggong.accounts.models import Call
from linggong.core import outside
from linggong.core.clock import moved_to, now
from linggong.core.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return outside.in_process("voice")


@pytest.fixture
def rung(make_user, midday, later):
    """A call about somebody's row, placed at the provider."""

    def ring():
        user = make_user()
        call = actions.ring(user, "confirm", {"what": "明天 8:00 的搬砖还去吗"}, about=user)
        later()
        return Call.objects.get(pk=call.pk)

    return ring


def heard(provider, at=None) -> list[list[dict]]:
    """The pushes the provider made by then, oldest first, taken from it."""
    pushed = []

    def take(path, body, headers):
        assert path == f"/hear/calls/{voice.callback_token()}/"
        pushed.append(json.loads(body))
        return 200

    provider.pump(take, at=(at or now()).timestamp())
    return pushed


def after(seconds: int):
    return now() + timedelta(seconds=seconds)


def test_a_call_says_what_it_is_about_and_offers_two_keys(provider, rung):
    call = rung()

    (made,) = provider.calls()
    assert made["params"] == {"what": "明天 8:00 的搬砖还去吗"}
    assert made["keys"] == {"1": "TTS_confirm_1", "2": "TTS_confirm_2"}
    assert (call.state, call.provider_ref) == ("placed", made["call_id"])
    assert (call.phone_sealed, call.params_sealed) == ("", "")


def test_the_provider_refuses_a_wrong_key_and_nothing_rings(provider, rung):
    with override_settings(VOICE_ACCESS_KEY_SECRET="somebody else's"):
        call = rung()

    assert provider.calls() == []
    assert (call.state, call.failure) == ("waiting", "SignatureDoesNotMatch")


def test_a_signed_call_cannot_be_played_again(provider):
    query = acs.canonical_query({"CalledNumber": "138"})
    headers = acs.signed_headers("IvrCall", query, host="voice.pretend", nonce="n1", moment=now())

    with outside.client("http://127.0.0.1:0", "voice") as http:
        first = http.post(f"/?{query}", headers=headers).json()["Code"]
        second = http.post(f"/?{query}", headers=headers).json()["Code"]

    assert (first, second) == ("isv.DISPLAY_NUMBER_ILLEGAL", "SignatureNonceUsed")


@pytest.mark.parametrize(
    ("switch", "state", "outcome"),
    [
        ("no_answer", "missed", "no_answer"),
        ("busy", "missed", "busy"),
        ("rejected", "missed", "refused"),
        ("switched_off", "missed", "off"),
        ("listened", "answered", "no_key"),
        ("blocked", "failed", ""),
    ],
)
def test_how_a_call_ended_is_reported(provider, rung, switch, state, outcome):
    provider.turn(switch, True)
    call = rung()

    for push in heard(provider, after(31)):
        actions.hear_calls(push)

    call.refresh_from_db()
    assert (call.state, call.outcome, call.pressed) == (state, outcome, "")


def test_the_key_is_heard_while_the_call_lasts_and_once(provider, rung):
    provider.turn("twice", True)
    call = rung()
    provider.end(provider.calls()[0]["id"], "press_2")

    counts = [actions.hear_calls(push) for push in heard(provider)]

    call.refresh_from_db()
    assert (call.state, call.pressed) == ("answered", "2")
    assert counts == [1, 0, 1, 0]
    (event,) = Event.objects.filter(name="call.pressed")
    assert (event.data["key"], event.by) == ("2", call.user)


def test_only_the_first_key_counts_and_only_one_that_was_offered(rung):
    call = rung()
    for key in ("9", "1", "2"):
        actions.hear_calls([{"out_id": call.code, "call_id": "x", "status_code": "300000", "dtmf": key}])

    call.refresh_from_db()
    assert call.pressed == "1"


def test_a_report_may_overtake_our_own_writing(make_user, midday):
    user = make_user()
    call = actions.ring(user, "confirm", {"what": "去吗"}, about=user)

    actions.hear_calls([{"out_id": call.code, "call_id": "7^7", "status_code": "200003"}])
    actions.call_placed(call, provider_ref="7^7")

    call.refresh_from_db()
    assert (call.state, call.outcome, call.provider_ref) == ("missed", "no_answer", "7^7")


def test_a_lost_answer_never_rings_twice_and_its_report_still_counts(provider, rung, later):
    provider.turn("lost", True)
    call = rung()
    provider.turn("lost", False)
    assert (call.state, call.provider_ref) == ("placed", "")

    with moved_to(after(120)):
        background.calls_go_on()
        later()
        for push in heard(provider):
            actions.hear_calls(push)

    call.refresh_from_db()
    assert len(provider.calls()) == 1
    assert (call.state, call.outcome) == ("missed", "no_answer")


def test_a_lost_answer_without_a_report_is_nobodys_silence(provider, rung):
    provider.turn("no_report", True)
    provider.turn("lost", True)
    call = rung()
    provider.turn("lost", False)

    with moved_to(after(16 * 60)):
        background.calls_go_on()

    call.refresh_from_db()
    assert call.state == "unknown"


def test_a_crash_after_dialling_does_not_dial_again(provider, make_user, midday):
    user = make_user()
    call = actions.ring(user, "confirm", {"what": "去吗"}, about=user)
    actions.claim_call(call)
    voice.place(call)  # and here the process is killed

    with moved_to(after(90)):
        background.calls_go_on()

    call.refresh_from_db()
    assert call.state == "placed"
    assert len(provider.calls()) == 1


def test_a_report_that_never_came_is_looked_up(provider, rung):
    provider.turn("no_report", True)
    call = rung()

    with moved_to(after(4 * 60)):
        background.calls_go_on()
        assert Call.objects.get(pk=call.pk).state == "placed"  # too early to ask
    with moved_to(after(6 * 60)):
        background.calls_go_on()

    call.refresh_from_db()
    assert (call.state, call.outcome) == ("missed", "no_answer")


def test_a_provider_that_was_down_places_the_call_later_or_not_at_all(provider, rung, later):
    provider.turn("down", True)
    call = rung()
    assert call.state == "waiting"

    with moved_to(after(11 * 60)):
        provider.turn("down", False)
        background.calls_go_on()
        later()

    call.refresh_from_db()
    assert (call.state, call.phone_sealed) == ("expired", "")
    assert provider.calls() == []


def test_a_number_called_too_often_is_a_final_no_that_is_nobodys_silence(provider, rung):
    provider.turn("limit", True)

    call = rung()

    assert (call.state, call.failure) == ("failed", "number_limit")


def test_an_account_without_money_keeps_the_call_waiting(provider, rung):
    provider.turn("no_money", True)

    call = rung()

    assert (call.state, call.failure, call.attempts) == ("waiting", "isv.AMOUNT_NOT_ENOUGH", 0)


def test_nobody_is_rung_twice_about_the_same_row_nor_without_a_phone(make_user, midday):
    user, elder = make_user(), actions.make_person(name="张大爷", by=make_user("站长"))

    first = actions.ring(user, "confirm", {"what": "去吗"}, about=user)

    assert first is not None
    assert actions.ring(user, "confirm", {"what": "去吗"}, about=user) is None
    assert actions.ring(elder, "confirm", {"what": "去吗"}, about=elder) is None


@override_settings(VOICE_PROVIDER="off")
def test_without_a_provider_nothing_is_called_and_the_door_is_shut(make_user, client):
    user = make_user()

    assert actions.ring(user, "confirm", {"what": "去吗"}, about=user) is None
    answer = client.post(f"/hear/calls/{voice.callback_token()}/", "[]", content_type="application/json")
    assert answer.status_code == 404


@override_settings(VOICE_PROVIDER="aliyun")
def test_the_real_client_never_rings_a_demo_number_and_needs_its_templates(provider, rung):
    first = rung()
    assert (first.state, first.failure) == ("failed", "demo_number")
    assert voice.templates_of("confirm") == {"ask": "", "1": "", "2": ""}

    actions.set_setting("voice_templates", {"confirm": {"ask": "TTS_1", "1": "TTS_2", "2": "TTS_3"}}, by=None)

    assert voice.templates_of("confirm") == {"ask": "TTS_1", "1": "TTS_2", "2": "TTS_3"}
    assert provider.calls() == []


def test_the_door_hears_reports_and_refuses_nonsense(provider, rung, client):
    call = rung()
    door = f"/hear/calls/{voice.callback_token()}/"
    report = json.dumps([{"out_id": call.code, "call_id": "1", "status_code": "200003"}])

    said = client.post(door, report, content_type="application/json")

    assert (said.status_code, said.json()["code"]) == (200, 0)
    assert Call.objects.get(pk=call.pk).state == "missed"
    assert client.post("/hear/calls/guessed/", report, content_type="application/json").status_code == 404
    assert client.post(door, "{}", content_type="application/json").status_code == 422
    assert client.post(door, "nonsense", content_type="application/json").status_code == 400
    assert actions.hear_calls([{"out_id": "UNKNOWN", "status_code": "200003"}, {"status_code": "300000"}]) == 0


def test_the_labelled_page_shows_calls_and_lets_somebody_press_a_key(provider, rung):
    call = rung()
    with outside.client("http://127.0.0.1:0", "voice") as http:
        page = http.get("/", headers={"Accept": "text/html"}).text
        http.post("/end", data={"id": provider.calls()[0]["id"], "how": "press_1"}, headers={"Accept": "text/html"})

    for push in heard(provider):
        actions.hear_calls(push)

    assert "模拟服务 不是真的" in page and "明天 8:00 的搬砖还去吗" in page
    assert Call.objects.get(pk=call.pk).pressed == "1"


def test_what_was_called_is_in_the_persons_own_copy(provider, rung):
    call = rung()

    copy = queries.export_of(call.user)

    assert [row["state"] for row in copy["calls"]] == ["正在打"]


def test_a_call_over_http_rings_is_looked_up_and_reported(tmp_path, make_user, midday):
    told, something = [], threading.Event()

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            told.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()
            if len(told) == 2:
                something.set()

        def log_message(self, *args):
            pass

    ear = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=ear.serve_forever, daemon=True).start()
    process = subprocess.Popen(
        [sys.executable, "-m", "linggong.pretend.serve", "voice", "--port", "0", "--dir", str(tmp_path),
         "--callback", f"http://127.0.0.1:{ear.server_port}"],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=os.environ,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{process.stdout.readline().split()[1]}"
        with override_settings(PRETEND_IN_PROCESS=False, VOICE_BASE_URL=base):
            user = make_user()
            call = actions.ring(user, "confirm", {"what": "去吗"}, about=user)
            background.dial(call)
            call.refresh_from_db()
            assert voice.look_up(call) == ""
            with override_settings(VOICE_ACCESS_KEY_SECRET="wrong"), pytest.raises(outside.NotReached):
                voice.look_up(call)
            httpx.post(f"{base}/end", data={"id": "1", "how": "press_1"}, trust_env=False)
            assert voice.look_up(call) == "200000"
        assert something.wait(timeout=20)
    finally:
        process.terminate()
        process.wait(timeout=10)
        ear.shutdown()

    assert {path for path, _ in told} == {f"/hear/calls/{voice.callback_token()}/"}
    assert sum(actions.hear_calls(push) for _, push in told) == 2
    call.refresh_from_db()
    assert (call.state, call.pressed) == ("answered", "1")
