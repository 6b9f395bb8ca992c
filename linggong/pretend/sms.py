"""A pretend of Alibaba Cloud Dysmsapi: checks signatures as the real one does, and shows what it would have sent.

Written from the provider's documents alone, on purpose not from our client: two readings must agree.
Messages to anybody end here and are shown on the labelled page.
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

VARIABLE_MAX = 35
REPORT_AFTER_SECONDS = 2


class App(Acs):
    """Text messages."""

    name, title = "sms", "短信服务"
    needs = ("SMS_ACCESS_KEY_ID", "SMS_ACCESS_KEY_SECRET", "SMS_SIGN_NAME")
    switches = {
        "limit": "这个号今天发太多了（isv.BUSINESS_LIMIT_CONTROL）",
        "no_money": "账户欠费（isv.AMOUNT_NOT_ENOUGH）",
        "undelivered": "手机收不到：回执一律失败",
    }
    schema = (
        Acs.schema
        + """
    CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY, biz_id TEXT NOT NULL, out_id TEXT NOT NULL, phone TEXT NOT NULL, template TEXT NOT NULL,
        params TEXT NOT NULL, at REAL NOT NULL, delivered INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS message_phone ON message (phone, id);
    """
    )

    def actions(self) -> dict[str, Callable[[dict[str, str]], dict[str, Any]]]:
        """What may be asked for."""
        return {"SendSms": self._send, "QuerySendDetails": self._details}

    def _send(self, query: dict[str, str]) -> dict[str, Any]:
        phone = query.get("PhoneNumbers", "")
        if not re.fullmatch(r"1\d{10}", phone):
            raise Refusal("isv.MOBILE_NUMBER_ILLEGAL")
        if query.get("SignName") != self.options["SMS_SIGN_NAME"]:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL")
        if not query.get("TemplateCode", "").startswith("SMS_"):
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL")
        try:
            params = json.loads(query.get("TemplateParam", "{}"))
        except ValueError:
            raise Refusal("isv.INVALID_JSON_PARAM") from None
        if any(len(str(value)) > VARIABLE_MAX for value in params.values()):
            raise Refusal("isv.PARAM_LENGTH_LIMIT")
        if self.on("limit"):
            raise Refusal("isv.BUSINESS_LIMIT_CONTROL")
        if self.on("no_money"):
            raise Refusal("isv.AMOUNT_NOT_ENOUGH")
        biz_id, delivered = new_number() + "^0", not self.on("undelivered")
        self.db().execute(
            "INSERT INTO message (biz_id, out_id, phone, template, params, at, delivered) VALUES (?,?,?,?,?,?,?)",
            (biz_id, query.get("OutId", ""), phone, query["TemplateCode"], json.dumps(params, ensure_ascii=False),
             self.now(), int(delivered)),
        )  # fmt: skip
        self._report(biz_id, query.get("OutId", ""), phone, delivered)
        return {"BizId": biz_id}

    def _details(self, query: dict[str, str]) -> dict[str, Any]:
        rows = self.db().execute(
            "SELECT * FROM message WHERE phone = ? ORDER BY id DESC LIMIT ?",
            (query["PhoneNumber"], int(query["PageSize"])),
        )
        found = [row for row in rows if _day(row["at"]) == query["SendDate"]]
        details = [
            {"PhoneNum": row["phone"], "OutId": row["out_id"], "SendStatus": 3 if row["delivered"] else 2,
             "TemplateCode": row["template"], "SendDate": _stamp(row["at"])}
            for row in found
        ]  # fmt: skip
        return {"TotalCount": len(details), "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}}

    def _report(self, biz_id: str, out_id: str, phone: str, delivered: bool) -> None:
        report = {
            "phone_number": phone, "send_time": _stamp(self.now()), "report_time": _stamp(self.now()),
            "success": delivered, "err_code": "DELIVERED" if delivered else "MK:0001",
            "err_msg": "用户接收成功" if delivered else "用户关机", "sms_size": "1", "biz_id": biz_id, "out_id": out_id,
        }  # fmt: skip
        self.call_back(f"/hear/sms-reports/{self._token()}/", [report], delay_seconds=REPORT_AFTER_SECONDS)

    def reply(self, phone: str, content: str) -> None:
        """Somebody answers a message."""
        up = {
            "phone_number": phone, "send_time": _stamp(self.now()), "content": content,
            "sign_name": self.options["SMS_SIGN_NAME"], "dest_code": "10690000", "sequence_id": new_number(),
        }  # fmt: skip
        self.call_back(f"/hear/sms-replies/{self._token()}/", [up])

    def messages(self, phone: str = "", limit: int = 100) -> list[dict[str, object]]:
        """What was sent, newest first."""
        where, facts = ("WHERE phone = ?", (phone,)) if phone else ("", ())
        rows = self.db().execute(f"SELECT * FROM message {where} ORDER BY id DESC LIMIT {int(limit)}", facts)
        return [
            {"phone": row["phone"], "template": row["template"], "params": json.loads(row["params"]),
             "at": _stamp(row["at"]), "out_id": row["out_id"]}
            for row in rows
        ]  # fmt: skip

    @route("GET", "/messages")
    def list_messages(self, request: Request) -> Answer:
        """The same as JSON, for browser tests: /messages?phone=…"""
        return json_answer(self.messages(request.query.get("phone", "")))

    @route("GET", "/")
    def show(self, request: Request) -> Answer:
        """The labelled page: every message with its code in large digits, and a box to answer it."""
        rows = "".join(
            f"<tr><td>{esc(m['at'])}</td><td>{esc(m['phone'])}</td><td>{_values(m['params'])}</td>"
            f'<td><form method="post" action="/reply"><input type="hidden" name="phone" value="{esc(m["phone"])}">'
            '<label>回复 <input name="content" size="6" maxlength="70"></label> <button>发</button></form></td></tr>'
            for m in self.messages()
        )
        table = f"<table><tr><th>时间</th><th>手机号</th><th>内容</th><th>替他回复</th></tr>{rows}</table>"
        return self.page("发出的短信", table if rows else "<p>还没有短信。</p>")

    @route("POST", "/reply")
    def send_reply(self, request: Request) -> Answer:
        """The box on the page."""
        self.reply(request.form["phone"], request.form["content"])
        return go_to("/")

    def _token(self) -> str:
        secret = self.options["SMS_ACCESS_KEY_SECRET"].encode()
        return hmac.new(secret, b"sms-callbacks", hashlib.sha256).hexdigest()[:32]


def _values(params: dict[str, object]) -> str:
    return "，".join(f"<code>{esc(value)}</code>" if name == "code" else esc(value) for name, value in params.items())


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds + 8 * 3600))


def _day(seconds: float) -> str:
    return time.strftime("%Y%m%d", time.gmtime(seconds + 8 * 3600))
