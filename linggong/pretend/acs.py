"""What the pretends of Alibaba Cloud share: one door, the V3 signature over every byte, no request played twice.

Written from the provider's documents alone, on purpose not from our client: two readings must agree.
"""

import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from linggong.pretend.base import Answer, Pretend, Request, json_answer, new_number, route

MUST_SIGN = {
    "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version",
}  # fmt: skip
CLOCK_SLACK_SECONDS = 15 * 60
_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<id>[^,]+),SignedHeaders=(?P<names>[^,]+),Signature=(?P<signature>[0-9a-f]{64})"
)


class Refusal(Exception):
    """An answer that is not OK: the provider's code, and the HTTP status."""

    def __init__(self, code: str, status: int = 200) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Acs(Pretend):
    """A signed service. `needs` begins with the names of its key id and key secret."""

    schema = "CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, at REAL NOT NULL);"

    def actions(self) -> dict[str, Callable[[dict[str, str]], dict[str, Any]]]:
        """What may be asked for: the view of each x-acs-action; it takes the parameters, may raise Refusal."""
        raise NotImplementedError

    @route("POST", "/")
    def call(self, request: Request) -> Answer:
        """One API call, named by x-acs-action."""
        request_id = new_number("REQ")
        try:
            self._verify(request)
            do = self.actions().get(request.headers.get("x-acs-action", ""))
            if do is None:
                raise Refusal("InvalidAction.NotFound", 404)
            said = do(request.query)
        except Refusal as no:
            answer = {"Code": no.code, "Message": no.code, "RequestId": request_id}
            return json_answer(answer, no.status)
        return json_answer({"Code": "OK", "Message": "OK", "RequestId": request_id, **said})

    def _verify(self, request: Request) -> None:
        """Rebuild the canonical request from what arrived, byte by byte, and compare the signature."""
        given = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if given is None:
            raise Refusal("IncompleteSignature", 400)
        if given["id"] != self.options[self.needs[0]]:
            raise Refusal("InvalidAccessKeyId.NotFound", 404)
        names = given["names"].split(";")
        sent = {name for name in request.headers if name.startswith("x-acs-")}
        if names != sorted(names) or not (MUST_SIGN | sent).issubset(names):
            raise Refusal("IncompleteSignature", 400)
        if request.headers.get("x-acs-version") != "2017-05-25":
            raise Refusal("InvalidVersion", 400)
        body_hash = hashlib.sha256(request.body).hexdigest()
        if request.headers.get("x-acs-content-sha256") != body_hash:
            raise Refusal("SignatureDoesNotMatch", 400)
        pairs = sorted(pair.partition("=")[::2] for pair in request.query_string.split("&") if pair)
        canonical_query = "&".join(
            f"{quote(unquote(name), safe='-_.~')}={quote(unquote(value), safe='-_.~')}" for name, value in pairs
        )
        header_lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
        canonical = (
            f"{request.method}\n{request.path}\n{canonical_query}\n{header_lines}\n{given['names']}\n{body_hash}"
        )
        digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
        key = self.options[self.needs[1]].encode("utf-8")
        expected = hmac.new(key, b"ACS3-HMAC-SHA256\n" + digest.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, given["signature"]):
            raise Refusal("SignatureDoesNotMatch", 400)
        self._mind_replay(request)

    def _mind_replay(self, request: Request) -> None:
        try:
            said = time.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format", 400) from None
        if abs(calendar.timegm(said) - self.now()) > CLOCK_SLACK_SECONDS:
            raise Refusal("InvalidTimeStamp.Expired", 400)
        nonce = request.headers["x-acs-signature-nonce"]
        with self.transaction() as db:
            db.execute("DELETE FROM nonce WHERE at < ?", (self.now() - 2 * CLOCK_SLACK_SECONDS,))
            if db.execute("SELECT 1 FROM nonce WHERE nonce = ?", (nonce,)).fetchone():
                raise Refusal("SignatureNonceUsed", 400)
            db.execute("INSERT INTO nonce VALUES (?, ?)", (nonce, self.now()))
