"""A pretend of the WeChat official account platform: tokens that end, codes good once, one message for each permission.

Written from WeChat's documents alone, on purpose not from our client: two readings must agree. WeChat itself knows who
holds the telephone; here the page asks for a name instead, and messages are shown on the labelled page.
"""

import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from linggong.pretend.base import Answer, Pretend, Request, esc, go_to, json_answer, route

TOKEN_SECONDS = 7200
RENEWED_BEFORE = 300  # in its last minutes a new one is given while the old one still works
CODE_SECONDS = 300
TITLE_MAX, CONTENT_MAX, SCENE_MAX = 15, 200, 10000


class App(Pretend):
    """WeChat."""

    name, title = "wechat", "微信公众平台"
    needs = ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TEMPLATE_ID")
    switches = {
        "expired": "调用凭据一律当过期（42001），要强制刷新",
        "refused": "用户一律拒收（43101）",
        "bad_params": "模板参数一律不对（47003）",
        "busy": "系统繁忙（-1）",
    }
    schema = """
    CREATE TABLE IF NOT EXISTS token (value TEXT PRIMARY KEY, until REAL NOT NULL, forced INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS code (value TEXT PRIMARY KEY, openid TEXT NOT NULL, at REAL NOT NULL, used INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS permission (
        openid TEXT NOT NULL, scene INTEGER NOT NULL, PRIMARY KEY (openid, scene)
    );
    CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY, openid TEXT NOT NULL, title TEXT NOT NULL, content TEXT NOT NULL, url TEXT NOT NULL,
        at REAL NOT NULL
    );
    """

    # --- what the platform asks ------------------------------------------------------------------------------

    @route("POST", "/cgi-bin/stable_token")
    def stable_token(self, request: Request) -> Answer:
        """The same token for everybody while it is good, or a fresh one by force."""
        said = request.json()
        if said.get("appid") != self.options["WECHAT_APP_ID"]:
            return _coded(40013, "invalid appid")
        if said.get("secret") != self.options["WECHAT_APP_SECRET"]:
            return _coded(40125, "invalid appsecret")
        if said.get("grant_type") != "client_credential":
            return _coded(40002, "invalid grant_type")
        with self.transaction() as db:
            good = "SELECT * FROM token WHERE until > ? ORDER BY until DESC"
            row = db.execute(good, (self.now() + RENEWED_BEFORE,)).fetchone()
            if row is None or said.get("force_refresh"):
                if said.get("force_refresh"):
                    db.execute("DELETE FROM token")
                fresh = (secrets.token_urlsafe(96), self.now() + TOKEN_SECONDS, int(bool(said.get("force_refresh"))))
                db.execute("INSERT INTO token VALUES (?, ?, ?)", fresh)
                row = db.execute(good, (self.now(),)).fetchone()
        return json_answer({"access_token": row["value"], "expires_in": int(row["until"] - self.now())})

    @route("GET", "/sns/oauth2/access_token")
    def exchange(self, request: Request) -> Answer:
        """A code for the openid of whoever tapped. Good once, for five minutes."""
        asked = request.query
        if asked.get("appid") != self.options["WECHAT_APP_ID"]:
            return _coded(40013, "invalid appid")
        if asked.get("secret") != self.options["WECHAT_APP_SECRET"]:
            return _coded(40125, "invalid appsecret")
        with self.transaction() as db:
            row = db.execute("SELECT * FROM code WHERE value = ?", (asked.get("code", ""),)).fetchone()
            if row is None or row["at"] < self.now() - CODE_SECONDS:
                return _coded(40029, "invalid code")
            if row["used"]:
                return _coded(40163, "code been used")
            db.execute("UPDATE code SET used = 1 WHERE value = ?", (row["value"],))
        return json_answer(
            {"access_token": secrets.token_urlsafe(32), "expires_in": 7200, "refresh_token": secrets.token_urlsafe(32),
             "openid": row["openid"], "scope": "snsapi_base"}
        )  # fmt: skip

    @route("POST", "/cgi-bin/message/template/subscribe")
    def subscribe(self, request: Request) -> Answer:
        """One message, if this person allowed one under this scene and has not had it."""
        if number := self._bad_token(request.query.get("access_token", "")):
            return _coded(number, "access_token")
        if self.on("busy"):
            return _coded(-1, "system error")
        said = request.json()
        if said.get("template_id") != self.options["WECHAT_TEMPLATE_ID"]:
            return _coded(40037, "invalid template_id")
        openid, content = str(said.get("touser", "")), said.get("data", {}).get("content", {}).get("value", "")
        if not openid.startswith("o"):
            return _coded(40003, "invalid openid")
        scene = int(said.get("scene", -1))
        proper = 0 < len(content) <= CONTENT_MAX and 0 < len(said.get("title", "")) <= TITLE_MAX
        if self.on("bad_params") or not proper or not 0 <= scene <= SCENE_MAX:
            return _coded(47003, "argument invalid! data.content.value invalid")
        if self.on("refused"):
            return _coded(43101, "user refuse to accept the msg")
        with self.transaction() as db:
            spent = db.execute("DELETE FROM permission WHERE openid = ? AND scene = ?", (openid, scene)).rowcount
            if spent != 1:
                return _coded(43101, "user refuse to accept the msg")
            db.execute(
                "INSERT INTO message (openid, title, content, url, at) VALUES (?, ?, ?, ?, ?)",
                (openid, said["title"], content, str(said.get("url", "")), self.now()),
            )
        return _coded(0, "ok")

    def _bad_token(self, value: str) -> int:
        row = self.db().execute("SELECT * FROM token WHERE value = ?", (value,)).fetchone()
        if row is None:
            return 40001
        return 42001 if row["until"] <= self.now() or (self.on("expired") and not row["forced"]) else 0

    # --- what the person sees in WeChat ----------------------------------------------------------------------

    @route("GET", "/connect/oauth2/authorize")
    def authorize(self, request: Request) -> Answer:
        """Who holds the telephone? WeChat would know and send them back at once."""
        asked = request.query
        proper = asked["response_type"] == "code" and asked["scope"] == "snsapi_base"
        if asked["appid"] != self.options["WECHAT_APP_ID"] or not proper:
            return self.page("这个链接不对", "<p>appid、response_type 或 scope 不对。</p>", 400)
        return self.page("微信授权", _form("/connect/go", {k: asked[k] for k in ("redirect_uri", "state")}, "进入"))

    @route("POST", "/connect/go")
    def authorized(self, request: Request) -> Answer:
        """Back to the platform with a code."""
        said = request.form
        return go_to(_with(said["redirect_uri"], {"code": self.code_for(said["who"]), "state": said["state"]}))

    def code_for(self, who: str) -> str:
        """A code for the person of this name."""
        value = secrets.token_hex(16)
        self.db().execute("INSERT INTO code VALUES (?, ?, ?, 0)", (value, openid_of(who), self.now()))
        return value

    @route("GET", "/mp/subscribemsg")
    def confirm(self, request: Request) -> Answer:
        """Allow one message?"""
        asked = request.query
        if asked["appid"] != self.options["WECHAT_APP_ID"] or asked["action"] != "get_confirm":
            return self.page("这个链接不对", "<p>appid 或 action 不对。</p>", 400)
        if asked["template_id"] != self.options["WECHAT_TEMPLATE_ID"]:
            return self.page("这个链接不对", "<p>模板不对。</p>", 400)
        kept = {k: asked[k] for k in ("redirect_url", "scene", "template_id", "reserved")}
        return self.page("允许发一条消息？", _form("/mp/go", kept, "允许", "拒绝"))

    @route("POST", "/mp/go")
    def confirmed(self, request: Request) -> Answer:
        """Back to the platform with what was tapped."""
        said = request.form
        back = {k: said[k] for k in ("template_id", "scene", "reserved")}
        if said["tap"] == "拒绝":
            return go_to(_with(said["redirect_url"], {**back, "action": "cancel"}))
        openid = self.allow(said["who"], int(said["scene"]))
        return go_to(_with(said["redirect_url"], {**back, "action": "confirm", "openid": openid}))

    def allow(self, who: str, scene: int) -> str:
        """The person of this name allows one message under this scene; twice is once."""
        openid = openid_of(who)
        self.db().execute("INSERT OR IGNORE INTO permission VALUES (?, ?)", (openid, scene))
        return openid

    # --- the labelled page -----------------------------------------------------------------------------------

    def messages(self) -> list[dict[str, Any]]:
        """What was delivered, newest first."""
        return [dict(row) for row in self.db().execute("SELECT * FROM message ORDER BY id DESC LIMIT 100")]

    @route("GET", "/messages")
    def list_messages(self, request: Request) -> Answer:
        """The same as JSON, for browser tests."""
        return json_answer(self.messages())

    @route("GET", "/")
    def show(self, request: Request) -> Answer:
        """Every message as WeChat would show it."""
        rows = "".join(
            f"<tr><td>{_stamp(m['at'])}</td><td>{esc(m['openid'][:10])}…</td><td><b>{esc(m['title'])}</b><br>"
            f'<a href="{esc(m["url"])}">{esc(m["content"])}</a></td></tr>'
            for m in self.messages()
        )
        table = f"<table><tr><th>时间</th><th>微信</th><th>消息</th></tr>{rows}</table>"
        return self.page("发到微信的消息", table if rows else "<p>还没有消息。</p>")


def openid_of(who: str) -> str:
    """The number WeChat gives this person under this account."""
    return "o" + hashlib.sha256(who.strip().encode()).hexdigest()[:27]


def _form(action: str, kept: dict[str, str], *taps: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{esc(k)}" value="{esc(v)}">' for k, v in kept.items())
    buttons = "".join(f'<button name="tap" value="{esc(tap)}">{esc(tap)}</button> ' for tap in taps)
    asked = '<p><label>这台手机登着谁的微信 <input name="who" value="我的微信" maxlength="20"></label></p>'
    return f'<form method="post" action="{action}">{hidden}{asked}{buttons}</form>'


def _with(address: str, facts: dict[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(facts)}"


def _coded(number: int, words: str) -> Answer:
    return Answer(json.dumps({"errcode": number, "errmsg": words}).encode(), 200, {"Content-Type": "application/json"})


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + 8 * 3600))
