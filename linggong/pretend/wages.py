"""A pretend bank with wage accounts (工资专户): docs/protocols/wage_account.md, seen from the other side."""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from linggong.pretend.base import Answer, Pretend, Request, esc, go_to, json_answer, new_number, route

DRIFT_SECONDS = 300
TAP_SECONDS = 24 * 3600

SCHEMA = """
CREATE TABLE IF NOT EXISTS wage_order (
    no TEXT PRIMARY KEY, fen INTEGER NOT NULL, account TEXT NOT NULL, owner TEXT NOT NULL, payer TEXT NOT NULL,
    return_url TEXT NOT NULL, notify_path TEXT NOT NULL, terms TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS payment (
    provider_ref TEXT PRIMARY KEY, no TEXT NOT NULL, fen INTEGER NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS payout (
    no TEXT PRIMARY KEY, fen INTEGER NOT NULL, account TEXT NOT NULL, payee TEXT NOT NULL, state TEXT NOT NULL,
    provider_ref TEXT NOT NULL, failure TEXT NOT NULL DEFAULT '', at REAL NOT NULL, notify_path TEXT NOT NULL,
    terms TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refund (
    no TEXT PRIMARY KEY, fen INTEGER NOT NULL, account TEXT NOT NULL, payment TEXT NOT NULL, state TEXT NOT NULL,
    provider_ref TEXT NOT NULL, failure TEXT NOT NULL DEFAULT '', at REAL NOT NULL, notify_path TEXT NOT NULL,
    terms TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, at REAL NOT NULL);
"""


class App(Pretend):
    """The bank. Money is whole fen; an account can pay out only what was paid in."""

    name, title = "wages", "银行工资专户"
    needs = ("WAGE_ACCOUNT_KEY",)
    schema = SCHEMA
    switches = {
        "pay_twice": "一点付款就付两次",
        "silent": "不发回执（要来问才知道）",
        "forged": "回执的签名是假的",
        "wrong_amount": "回执里的金额多 1 元",
        "tap": "工友要点一下才到账",
        "payout_fails": "付给工友的都失败",
        "refund_fails": "退款都失败",
    }

    # --- what the platform asks ------------------------------------------------------------------------------

    @route("POST", "/orders")
    def order(self, request: Request) -> Answer:
        """Open a page where an employer pays into a wage account."""
        if refusal := self._refusal(request):
            return refusal
        facts = request.json()
        with self.transaction() as db:
            known = db.execute("SELECT terms FROM wage_order WHERE no = ?", (facts["no"],)).fetchone()
            if known is not None and known["terms"] != _terms(facts):
                return json_answer({"error": "number_reused"}, 409)
            if facts["fen"] <= 0:
                return json_answer({"error": "bad_sum"}, 422)
            db.execute(
                "INSERT OR IGNORE INTO wage_order VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (facts["no"], facts["fen"], facts["account"], facts["owner"], facts["payer"], facts["return_url"],
                 facts["notify_path"], _terms(facts)),
            )  # fmt: skip
        url = f"http://{request.headers.get('host', 'wages.pretend')}/pay/{facts['no']}"
        return json_answer({"no": facts["no"], "state": "open", "fen": facts["fen"], "url": url}, 201)

    @route("GET", "/orders/{no}")
    def show_order(self, request: Request, no: str) -> Answer:
        """What was paid for an order: each payment."""
        if refusal := self._refusal(request):
            return refusal
        order = self._row("wage_order", no)
        if order is None:
            return json_answer({"error": "unknown_number"}, 404)
        paid = [{"provider_ref": p["provider_ref"], "fen": p["fen"]} for p in self._payments(no)]
        state = "paid" if paid else "open"
        return json_answer({"no": no, "state": state, "fen": order["fen"], "payments": paid})

    @route("POST", "/payouts")
    def payout(self, request: Request) -> Answer:
        """Pay one worker out of a wage account."""
        return self._instruct(request, "payout")

    @route("GET", "/payouts/{no}")
    def show_payout(self, request: Request, no: str) -> Answer:
        """How it stands with a payout. Not taken by the worker within 24 hours, it has failed."""
        if refusal := self._refusal(request):
            return refusal
        row = self._row("payout", no)
        if row is not None and row["state"] == "waiting" and self.now() > row["at"] + TAP_SECONDS:
            self._settle("payout", no, "failed", "not_taken")
        return self._show("payout", no, request)

    @route("POST", "/refunds")
    def refund(self, request: Request) -> Answer:
        """Give a payment, or a part of it, back to who paid it."""
        return self._instruct(request, "refund")

    @route("GET", "/refunds/{no}")
    def show_refund(self, request: Request, no: str) -> Answer:
        """How it stands with a refund."""
        return self._refusal(request) or self._show("refund", no, request)

    # --- what people tap -------------------------------------------------------------------------------------

    @route("GET", "/")
    def home(self, request: Request) -> Answer:
        """Every order, payout and refund."""
        db = self.db()
        orders = db.execute("SELECT * FROM wage_order ORDER BY rowid DESC LIMIT 200").fetchall()
        lines = [
            (f'<a href="/pay/{esc(o["no"])}">{esc(o["no"])}</a>', esc(o["payer"]), _yuan(o["fen"]),
             f"付了 {len(self._payments(o['no']))} 次")
            for o in orders
        ]  # fmt: skip
        text = "<h2>存工钱</h2>" + _table(("单号", "付款人", "金额", ""), lines)
        for table, heading in (("payout", "付给工友"), ("refund", "退给老板")):
            rows = db.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 200").fetchall()
            told = [(self._link(table, r), _yuan(r["fen"]), esc(r["state"]), esc(r["failure"])) for r in rows]
            text += f"<h2>{heading}</h2>" + _table(("单号", "金额", "状态", "原因"), told)
        return self.page("工资专户", text)

    @route("GET", "/pay/{no}")
    def show_pay(self, request: Request, no: str) -> Answer:
        """The page where the employer pays."""
        order = self._row("wage_order", no)
        if order is None:
            return self.page("没有这张单", "", 404)
        back = f'<p><a href="{esc(order["return_url"])}">回零工市场</a></p>'
        if self._payments(no):
            return self.page("付好了", f"<p>{_yuan(order['fen'])} 元已进「{esc(order['owner'])}」。</p>{back}")
        return self.page(
            "存工钱",
            f"<p>付款人：{esc(order['payer'])}</p><p>收款户：{esc(order['owner'])}</p>"
            f"<p>金额：<b>{_yuan(order['fen'])} 元</b></p>"
            f'<form method="post" action="/pay/{esc(no)}"><button>付款</button></form>{back}',
        )

    @route("POST", "/pay/{no}")
    def press_pay(self, request: Request, no: str) -> Answer:
        """The employer pressed 付款."""
        if self._row("wage_order", no) is None:
            return self.page("没有这张单", "", 404)
        self.pay(no)
        return go_to(f"/pay/{no}")

    @route("GET", "/tap/{no}")
    def show_tap(self, request: Request, no: str) -> Answer:
        """The page where the worker takes the wage."""
        row = self._row("payout", no)
        if row is None:
            return self.page("没有这笔钱", "", 404)
        if row["state"] != "waiting":
            return self.page("收款", f"<p>{_yuan(row['fen'])} 元：{esc(row['state'])}</p>")
        return self.page(
            "收款",
            f"<p><b>{_yuan(row['fen'])} 元</b> 工钱</p>"
            f'<form method="post" action="/tap/{esc(no)}"><button>收钱</button></form>',
        )

    @route("POST", "/tap/{no}")
    def press_tap(self, request: Request, no: str) -> Answer:
        """The worker pressed 收钱."""
        self.tap(no)
        return go_to(f"/tap/{no}")

    def pay(self, no: str, fen: int | None = None) -> None:
        """The employer pays order `no`; with `fen` another sum arrives than was ordered."""
        for _ in range(2 if self.on("pay_twice") else 1):
            ref = new_number("ZH")
            with self.transaction() as db:
                order = db.execute("SELECT * FROM wage_order WHERE no = ?", (no,)).fetchone()
                sum_fen = order["fen"] if fen is None else fen
                db.execute("INSERT INTO payment VALUES (?, ?, ?, ?)", (ref, no, sum_fen, self.now()))
            self._tell(order["notify_path"], "order", no, "paid", sum_fen, ref)

    def tap(self, no: str) -> None:
        """The worker takes payout `no`."""
        row = self._row("payout", no)
        if row is not None and row["state"] == "waiting":
            self._settle("payout", no, "succeeded")

    def balance(self, account: str) -> int:
        """Fen in a wage account: paid in, less what went out or is on its way."""
        ask = "SELECT coalesce(sum(p.fen), 0) FROM payment p JOIN wage_order o ON o.no = p.no WHERE o.account = ?"
        paid = self.db().execute(ask, (account,)).fetchone()[0]
        for table in ("payout", "refund"):
            out = f"SELECT coalesce(sum(fen), 0) FROM {table} WHERE account = ? AND state <> 'failed'"
            paid -= self.db().execute(out, (account,)).fetchone()[0]
        return int(paid)

    # --- inside ----------------------------------------------------------------------------------------------

    def _instruct(self, request: Request, table: str) -> Answer:
        """A payout or a refund: the same number again is the same order; a failed refund is tried again."""
        if refusal := self._refusal(request):
            return refusal
        facts = request.json()
        no, fen = facts["no"], facts["fen"]
        with self.transaction() as db:
            known = db.execute(f"SELECT * FROM {table} WHERE no = ?", (no,)).fetchone()
            if known is not None and known["terms"] != _terms(facts):
                return json_answer({"error": "number_reused"}, 409)
            if known is not None and not (table == "refund" and known["state"] == "failed"):
                return self._show(table, no, request)
            if fen <= 0 or self.balance(facts["account"]) < fen:
                return json_answer({"error": "insufficient"}, 422)
            if table == "refund" and not self._may_refund(db, facts):
                return json_answer({"error": "more_than_paid"}, 422)
            detail = json.dumps(facts["payee"], ensure_ascii=False) if table == "payout" else facts["payment"]
            db.execute(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, 'accepted', ?, '', ?, ?, ?)",
                (no, fen, facts["account"], detail, new_number("DF" if table == "payout" else "TK"), self.now(),
                 facts["notify_path"], _terms(facts)),
            )  # fmt: skip
        accepted = self._show(table, no, request, status=201)
        if self.on(f"{table}_fails"):
            self._settle(table, no, "failed", "account_closed")
        elif table == "payout" and self.on("tap"):
            self.db().execute("UPDATE payout SET state = 'waiting' WHERE no = ?", (no,))
            row = self.db().execute("SELECT * FROM payout WHERE no = ?", (no,)).fetchone()
            self._tell(row["notify_path"], "payout", no, "waiting", fen, row["provider_ref"])
            return self._show(table, no, request, status=201)
        else:
            self._settle(table, no, "succeeded")
        return accepted

    def _may_refund(self, db: sqlite3.Connection, facts: dict[str, Any]) -> bool:
        paid = db.execute("SELECT fen FROM payment WHERE provider_ref = ?", (facts["payment"],)).fetchone()
        ask = "SELECT coalesce(sum(fen), 0) FROM refund WHERE payment = ? AND state <> 'failed'"
        back = db.execute(ask, (facts["payment"],)).fetchone()[0]
        return paid is not None and back + facts["fen"] <= paid["fen"]

    def _settle(self, table: str, no: str, state: str, failure: str = "") -> None:
        with self.transaction() as db:
            db.execute(f"UPDATE {table} SET state = ?, failure = ? WHERE no = ?", (state, failure, no))
            row = db.execute(f"SELECT * FROM {table} WHERE no = ?", (no,)).fetchone()
        self._tell(row["notify_path"], table, no, state, row["fen"], row["provider_ref"], failure)

    def _show(self, table: str, no: str, request: Request, status: int = 200) -> Answer:
        row = self._row(table, no)
        if row is None:
            return json_answer({"error": "unknown_number"}, 404)
        told = {"no": no, "state": row["state"], "fen": row["fen"], "provider_ref": row["provider_ref"],
                "failure": row["failure"]}  # fmt: skip
        if row["state"] == "waiting":
            told["url"] = f"http://{request.headers.get('host', 'wages.pretend')}/tap/{no}"
        return json_answer(told, status)

    def _tell(self, path: str, kind: str, no: str, state: str, fen: int, ref: str, failure: str = "") -> None:
        if self.on("silent"):
            return
        told = {
            "kind": kind, "no": no, "state": state, "provider_ref": ref, "failure": failure,
            "fen": fen + 100 if self.on("wrong_amount") else fen, "message_id": secrets.token_hex(12),
        }  # fmt: skip
        self.call_back(path, told, headers={"X-Pretend-Forged": "1"} if self.on("forged") else {})

    def pump(self, send: Callable[[str, bytes, dict[str, str]], int], *, at: float | None = None) -> int:
        """Callbacks are signed when they go out, so that a late one is not too old."""
        stamp = str(int(self.now() if at is None else at))

        def signed(path: str, body: bytes, headers: dict[str, str]) -> int:
            forged = headers.pop("X-Pretend-Forged", "")
            nonce = secrets.token_hex(16)
            signature = self._signature("callback" + forged, "POST", path, stamp, nonce, body)
            return send(path, body, {**headers, "X-Wage-Timestamp": stamp, "X-Wage-Nonce": nonce,
                                     "X-Wage-Signature": signature})  # fmt: skip

        return super().pump(signed, at=at)

    def _refusal(self, request: Request) -> Answer | None:
        """Who is asking? None when the request is signed, young, and was not seen before."""
        stamp, nonce = request.headers.get("x-wage-timestamp", ""), request.headers.get("x-wage-nonce", "")
        if not stamp.isdigit() or not nonce or abs(self.now() - int(stamp)) > DRIFT_SECONDS:
            return json_answer({"error": "too_old"}, 401)
        wanted = self._signature("request", request.method, request.path, stamp, nonce, request.body)
        if not hmac.compare_digest(wanted, request.headers.get("x-wage-signature", "")):
            return json_answer({"error": "bad_signature"}, 401)
        self.db().execute("DELETE FROM nonce WHERE at < ?", (self.now() - 2 * DRIFT_SECONDS,))
        try:
            self.db().execute("INSERT INTO nonce VALUES (?, ?)", (nonce, self.now()))
        except sqlite3.IntegrityError:
            return json_answer({"error": "nonce_reused"}, 401)
        return None

    def _signature(self, use: str, method: str, path: str, stamp: str, nonce: str, body: bytes) -> str:
        key = hmac.new(self.options["WAGE_ACCOUNT_KEY"].encode(), use.encode(), hashlib.sha256).digest()
        said = "\n".join([method, path, stamp, nonce, hashlib.sha256(body).hexdigest()])
        return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()

    def _row(self, table: str, no: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db().execute(f"SELECT * FROM {table} WHERE no = ?", (no,)).fetchone()
        return row

    def _payments(self, no: str) -> list[sqlite3.Row]:
        return self.db().execute("SELECT * FROM payment WHERE no = ? ORDER BY at, rowid", (no,)).fetchall()

    def _link(self, table: str, row: sqlite3.Row) -> str:
        if table == "payout" and row["state"] == "waiting":
            return f'<a href="/tap/{esc(row["no"])}">{esc(row["no"])}</a>'
        return esc(row["no"])


def _terms(facts: dict[str, Any]) -> str:
    """What may not change under one number. How we are told of it may."""
    kept = {k: v for k, v in facts.items() if k not in ("notify_path", "return_url")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return "<p>还没有。</p>"
    top = "".join(f"<th>{head}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
