"""The pretend insurer: takes signed orders, gives policy numbers, refuses, loses answers, answers twice."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from linggong.pretend.base import Answer, Pretend, Request, esc, json_answer, new_number, route

TOLERANCE_SECONDS = 300
CALLBACK_PATH = "/hear/insurer/"


class App(Pretend):
    """An insurer that sells one thing: cover per order. Rows of one order number are one policy."""

    name, title = "insurer", "保险公司"
    needs = ("INSURER_KEY",)
    switches = {
        "refuse": "一律不保",
        "queue": "先收单，结果用回执告诉",
    }
    schema = """
        CREATE TABLE IF NOT EXISTS orders (
            no TEXT PRIMARY KEY, facts TEXT NOT NULL, state TEXT NOT NULL, policy_number TEXT NOT NULL DEFAULT '',
            cover_from TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', asked INTEGER NOT NULL DEFAULT 1,
            at REAL NOT NULL
        );
    """

    @route("POST", "/orders")
    def order(self, request: Request) -> Answer:
        """Bind, refuse or queue. The same order number again gets the same policy again."""
        if problem := self._not_theirs(request):
            return problem
        facts = request.json()
        with self.transaction() as db:
            row = db.execute("SELECT * FROM orders WHERE no = ?", (facts["order"],)).fetchone()
            if row is not None:
                db.execute("UPDATE orders SET asked = asked + 1 WHERE no = ?", (row["no"],))
                if row["facts"] not in ("", _digestible(facts)):
                    return self._signed(request, {"order": row["no"], "state": "refused", "reason": "单号重复"}, 409)
            else:
                db.execute(
                    "INSERT INTO orders (no, facts, state, policy_number, cover_from, reason, at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (facts["order"], _digestible(facts), *self._decide(facts), self.now()),
                )
            row = db.execute("SELECT * FROM orders WHERE no = ?", (facts["order"],)).fetchone()
        if self.on("queue") or self.on("twice"):
            self._send_result(row)
        if self.on("queue"):
            return self._signed(request, {"order": row["no"], "state": "waiting"}, 202)
        return self._signed(request, _said(row))

    @route("GET", "/orders/{no}")
    def show(self, request: Request, no: str) -> Answer:
        """What became of an order."""
        if problem := self._not_theirs(request):
            return problem
        row = self.db().execute("SELECT * FROM orders WHERE no = ?", (no,)).fetchone()
        if row is None:
            return self._signed(request, {"order": no, "state": "unknown"}, 404)
        return self._signed(request, _said(row))

    @route("POST", "/orders/{no}/cancel")
    def cancel(self, request: Request, no: str) -> Answer:
        """Cancel before the start; an order not received yet is remembered, so that it cannot arrive later."""
        if problem := self._not_theirs(request):
            return problem
        with self.transaction() as db:
            row = db.execute("SELECT * FROM orders WHERE no = ?", (no,)).fetchone()
            if row is None:
                db.execute("INSERT INTO orders (no, facts, state, at) VALUES (?, '', 'cancelled', ?)", (no, self.now()))
            elif row["state"] == "bound" and self.now() < _starts(row):
                db.execute("UPDATE orders SET state = 'cancelled' WHERE no = ?", (no,))
            row = db.execute("SELECT * FROM orders WHERE no = ?", (no,)).fetchone()
        return self._signed(request, _said(row))

    @route("GET", "/")
    def orders(self, request: Request) -> Answer:
        """The labelled page: the newest orders, the person shown by the last four digits only."""
        rows = self.db().execute("SELECT * FROM orders ORDER BY at DESC LIMIT 100").fetchall()
        words = {"bound": "保上了", "refused": "不保", "cancelled": "退了"}
        lines = "".join(
            f"<tr><td>{esc(row['no'])}</td><td>{esc(_whom(row['facts']))}</td><td>{words[row['state']]}</td>"
            f"<td>{esc(row['policy_number'] or row['reason'])}</td><td>{row['asked']} 次</td></tr>"
            for row in rows
        )
        head = "<tr><th>单号</th><th>给谁</th><th>结果</th><th>保单号</th><th>问了</th></tr>"
        return self.page("收到的单", f"<table>{head}{lines}</table>" if lines else "<p>还没收到单。</p>")

    def _decide(self, facts: dict[str, Any]) -> tuple[str, str, str, str]:
        starts, ends = (datetime.fromisoformat(facts[key]).timestamp() for key in ("starts_at", "ends_at"))
        if self.on("refuse"):
            return "refused", "", "", "保险公司这会儿不接这类单"
        if ends <= self.now():
            return "refused", "", "", "活已经干完了，不能补买"
        # Cover is never backdated: an order that comes after the start is covered from now on.
        cover_from = datetime.fromtimestamp(max(starts, self.now()), UTC).isoformat()
        return "bound", new_number("MNBX"), cover_from, ""

    def _not_theirs(self, request: Request) -> Answer | None:
        sent = request.headers.get("x-timestamp", "")
        expected = self._signature(request.method, request.path, sent, request.body)
        if not hmac.compare_digest(request.headers.get("x-signature", ""), expected):
            return json_answer({"error": "signature"}, 401)
        if abs(self.now() - float(sent)) > TOLERANCE_SECONDS:
            return json_answer({"error": "time"}, 401)
        return None

    def _signature(self, method: str, path: str, sent: str, body: bytes) -> str:
        text = "\n".join([method, path, sent, hashlib.sha256(body).hexdigest()])
        return hmac.new(self.options["INSURER_KEY"].encode(), text.encode(), hashlib.sha256).hexdigest()

    def _signed(self, request: Request, data: dict[str, Any], status: int = 200) -> Answer:
        sent = str(int(self.now()))
        plain = json_answer(data, status)
        mark = self._signature(f"{request.method} {status}", request.path, sent, plain.body)
        return json_answer(data, status, **{"X-Timestamp": sent, "X-Signature": mark})

    def _send_result(self, row: Any) -> None:
        """The result goes to the platform as a message of its own, signed for the moment it is due."""
        body = json_answer(_said(row)).body
        sent = str(int(self.now()))
        mark = self._signature("POST", CALLBACK_PATH, sent, body)
        self.call_back(CALLBACK_PATH, body, headers={"X-Timestamp": sent, "X-Signature": mark})


def _digestible(facts: dict[str, Any]) -> str:
    """The order in one canonical line, the ID number cut to its tail: a pretend keeps no real secrets."""
    insured = {**facts["insured"], "id_number": facts["insured"].get("id_number", "")[-4:]}
    return json.dumps({**facts, "insured": insured}, ensure_ascii=False, sort_keys=True)


def _starts(row: Any) -> float:
    return datetime.fromisoformat(json.loads(row["facts"])["starts_at"]).timestamp()


def _whom(facts: str) -> str:
    if not facts:
        return ""
    insured = json.loads(facts)["insured"]
    return f"{insured['name'][:1]}师傅 …{insured['id_number']}"


def _said(row: Any) -> dict[str, Any]:
    return {
        "order": row["no"], "state": row["state"], "policy_number": row["policy_number"],
        "cover_from": row["cover_from"], "reason": row["reason"],
    }  # fmt: skip
