"""The pretend services over real HTTP: port of their own, page, and callbacks that find their way."""

import http.server
import json
import os
import subprocess
import sys
import threading

import httpx
import pytest
from django.conf import settings
from django.test import override_settings

from linggong.accounts.actions.texting import claim_sms, text
from linggong.accounts.gateways import sms as gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def ear():
    """A listener in place of our web layer: (url, what it heard, an event that is set when it heard)."""
    heard, something = [], threading.Event()

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()
            something.set()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard, something
    server.shutdown()


def test_a_message_over_http_is_shown_and_reported(ear, tmp_path):
    url, heard, something = ear
    process = subprocess.Popen(
        [sys.executable, "-m", "linggong.pretend.serve", "sms", "--port", "0", "--dir", str(tmp_path),
         "--callback", url],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=os.environ,
    )  # fmt: skip
    try:
        port = process.stdout.readline().split()[1]
        with override_settings(PRETEND_IN_PROCESS=False, SMS_BASE_URL=f"http://127.0.0.1:{port}"):
            sms = text("15400000001", "code", {"code": "135790"})
            claim_sms(sms)
            reference = gateway.send(sms)
            assert gateway.look_up(sms)
        page = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).text
        assert something.wait(timeout=20)
    finally:
        process.terminate()
        process.wait(timeout=10)

    assert "135790" in page and "模拟服务 不是真的" in page
    (path, (report,)) = heard[0]
    assert path == f"/hear/sms-reports/{gateway.callback_token()}/"
    assert (report["out_id"], report["biz_id"]) == (sms.code, reference)
