"""A pretend of Alibaba Cloud Dyvmsapi: checks signatures as the real one does, rings nobody, and shows every call.

Written from the provider's documents alone, on purpose not from our client: two readings must agree. A call rings for
half a minute; on the labelled page somebody may pick it up and press a key. Left alone, nobody answered.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any

from linggong.pretend.acs import Acs, Refusal
from linggong.pretend.base import Answer, Request, esc, go_to, json_answer, new_number, route

RING_SECONDS = 30
IVR = "11000000300005"
DAY_MS = 24 * 3600 * 1000
# What may happen to a call: (status code of the report, key pressed, words).
ENDS = {
    "press_1": ("200000", "1", "接了，按 1"),
    "press_2": ("200000", "2", "接了，按 2"),
    "listened": ("200008", "", "接了，没按键"),
    "no_answer": ("200003", "", "没人接"),
    "busy": ("200002", "", "占线"),
    "rejected": ("200005", "", "挂断了"),
    "switched_off": ("200010", "", "关机"),
    "blocked": ("200119", "", "运营商拦下了，没响"),
}


class App(Acs):
    """Automatic calls."""

    name, title = "voice", "语音电话"
    needs = ("VOICE_ACCESS_KEY_ID", "VOICE_ACCESS_KEY_SECRET", "VOICE_SHOW_NUMBER")
    switches = {
        **{end: f"打出去的一律：{words}" for end, (_code, _key, words) in ENDS.items()},
        "limit": "这个号打得太多了（isv.BUSINESS_LIMIT_CONTROL）",
        "no_money": "账户欠费（isv.AMOUNT_NOT_ENOUGH）",
        "no_report": "打完不推回执，只能来查",
    }
    schema = (
        Acs.schema
        + """
    CREATE TABLE IF NOT EXISTS call (
        id INTEGER PRIMARY KEY, call_id TEXT NOT NULL, out_id TEXT NOT NULL, phone TEXT NOT NULL, start TEXT NOT NULL,
        params TEXT NOT NULL, keys TEXT NOT NULL, at REAL NOT NULL, ended TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX IF NOT EXISTS call_open ON call (ended, at);
    """
    )

    def actions(self) -> dict[str, Callable[[dict[str, str]], dict[str, Any]]]:
        """What may be asked for."""
        return {"IvrCall": self._ivr, "QueryCallDetailByCallId": self._detail}

    def _ivr(self, query: dict[str, str]) -> dict[str, Any]:
        phone, out_id = query.get("CalledNumber", ""), query.get("OutId", "")
        if query.get("CalledShowNumber") != self.options["VOICE_SHOW_NUMBER"]:
            raise Refusal("isv.DISPLAY_NUMBER_ILLEGAL")
        if not re.fullmatch(r"1\d{10}", phone):
            raise Refusal("isv.MOBILE_NUMBER_ILLEGAL")
        if not query.get("StartCode", "").startswith("TTS_"):
            raise Refusal("isv.TTS_TEMPLATE_ILLEGAL")
        keys = {}
        for number in range(1, 10):
            if key := query.get(f"MenuKeyMap.{number}.Key"):
                keys[key] = query.get(f"MenuKeyMap.{number}.Code", "")
        if not keys or not 1 <= int(query.get("PlayTimes", "1")) <= 3 or not len(out_id.encode()) <= 15:
            raise Refusal("isv.INVALID_PARAMETERS")
        try:
            params = json.loads(query.get("StartTtsParams", "{}"))
        except ValueError:
            raise Refusal("isv.INVALID_JSON_PARAM") from None
        if self.on("limit"):
            raise Refusal("isv.BUSINESS_LIMIT_CONTROL")
        if self.on("no_money"):
            raise Refusal("isv.AMOUNT_NOT_ENOUGH")
        call_id = f"{new_number()}^{new_number()}"
        self.db().execute(
            "INSERT INTO call (call_id, out_id, phone, start, params, keys, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (call_id, out_id, phone, query["StartCode"], json.dumps(params, ensure_ascii=False), json.dumps(keys),
             self.now()),
        )  # fmt: skip
        return {"CallId": call_id}

    def _detail(self, query: dict[str, str]) -> dict[str, Any]:
        self.hang_up(self.now())
        row = self.db().execute("SELECT * FROM call WHERE call_id = ?", (query.get("CallId", ""),)).fetchone()
        since = int(query.get("QueryDate", "0"))
        if row is None or query.get("ProdId") != IVR or not since - 1000 <= row["at"] * 1000 <= since + DAY_MS:
            return {}  # without Data, as documented for what does not match
        if not row["ended"]:
            return {}
        state = ENDS[row["ended"]][0]
        detail = {
            "caller": self.options["VOICE_SHOW_NUMBER"], "callee": row["phone"], "state": state, "stateDesc": state,
            "duration": 12 if state == "200000" else 0, "gmtCreate": _stamp(row["at"]),
        }  # fmt: skip
        return {"Data": json.dumps(detail)}

    # --- how a call ends -------------------------------------------------------------------------------------

    def pump(self, send: Callable[[str, bytes, dict[str, str]], int], *, at: float | None = None) -> int:
        """Before what is due goes out, calls that rang long enough end."""
        self.hang_up(self.now() if at is None else at)
        return super().pump(send, at=at)

    def hang_up(self, moment: float) -> None:
        """End every call that rang for half a minute, as the switches say; without one nobody answered."""
        rows = (
            self.db().execute("SELECT id FROM call WHERE ended = '' AND at <= ?", (moment - RING_SECONDS,)).fetchall()
        )
        for row in rows:
            self.end(row["id"], next((end for end in ENDS if self.on(end)), "no_answer"))

    def end(self, number: int, how: str) -> None:
        """This call ends like that, and the platform hears it: the key while it lasts, the report afterwards."""
        code, key, words = ENDS[how]
        with self.transaction() as db:
            if db.execute("UPDATE call SET ended = ? WHERE id = ? AND ended = ''", (how, number)).rowcount != 1:
                return
        if self.on("no_report"):
            return
        row = self.db().execute("SELECT * FROM call WHERE id = ?", (number,)).fetchone()
        whose = {"call_id": row["call_id"], "out_id": row["out_id"]}
        if key:
            pressed = {**whose, "status_code": "300000", "dtmf": key, "status_time": _stamp(self.now())}
            self.call_back(self._path(), [pressed])
        report = {
            **whose, "status_code": code, "status_msg": words, "start_time": _stamp(row["at"]) if key else "",
            "end_time": _stamp(self.now()) if key else "", "duration": "12" if key else "0", "callee": row["phone"],
            "caller": self.options["VOICE_SHOW_NUMBER"], "hangup_direction": "用户", "voice_type": "voice",
            "originate_time": _stamp(row["at"]),
        }  # fmt: skip
        self.call_back(self._path(), [report])

    def calls(self) -> list[dict[str, Any]]:
        """What was dialled, newest first."""
        rows = self.db().execute("SELECT * FROM call ORDER BY id DESC LIMIT 100")
        return [{**dict(row), "params": json.loads(row["params"]), "keys": json.loads(row["keys"])} for row in rows]

    @route("GET", "/calls")
    def list_calls(self, request: Request) -> Answer:
        """The same as JSON, for browser tests."""
        return json_answer(self.calls())

    @route("GET", "/")
    def show(self, request: Request) -> Answer:
        """The labelled page: every call with what it says, and buttons for whoever holds that telephone."""
        rows = "".join(
            f"<tr><td>{_stamp(call['at'])}</td><td>{esc(call['phone'])}</td>"
            f"<td>{esc('，'.join(map(str, call['params'].values())))}</td><td>{self._hand(call)}</td></tr>"
            for call in self.calls()
        )
        table = f"<table><tr><th>时间</th><th>手机号</th><th>说的话</th><th>结果</th></tr>{rows}</table>"
        return self.page("打出的电话", table if rows else "<p>还没打过电话。</p>")

    def _hand(self, call: dict[str, Any]) -> str:
        if call["ended"]:
            return esc(ENDS[call["ended"]][2])
        buttons = "".join(
            f'<button name="how" value="{end}">{esc(words)}</button> ' for end, (_code, _key, words) in ENDS.items()
        )
        return f'<form method="post" action="/end"><input type="hidden" name="id" value="{call["id"]}">{buttons}</form>'

    @route("POST", "/end")
    def end_by_hand(self, request: Request) -> Answer:
        """A button on the page."""
        self.end(int(request.form["id"]), request.form["how"])
        return go_to("/")

    def _path(self) -> str:
        secret = self.options["VOICE_ACCESS_KEY_SECRET"].encode()
        return f"/hear/calls/{hmac.new(secret, b'call-callbacks', hashlib.sha256).hexdigest()[:32]}/"


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + 8 * 3600))
