"""A pretend identity provider with the failures real ones have, chosen by the ID number so that tests repeat.

Digits 15 to 17 of the number decide: 444 not found · 555 name does not fit · 666 busy twice, then it fits ·
777 the first answer is lost, then it fits · everything else fits. A card number ending in 0000 does not fit.
The switch "realistic" lets one number in 256 not fit. The same key always gets the same answer.
"""

import hashlib
import hmac
import secrets

from linggong.pretend.base import Answer, AnswerLost, Pretend, Request, esc, json_answer, route

CLOCK_SLACK_SECONDS = 300
RULES = (
    "身份证第 15–17 位是 444：查不到",
    "555：姓名对不上",
    "666：前两次忙，第三次对得上",
    "777：第一次回答丢在路上，再问就对得上",
    "社保卡号以 0000 结尾：对不上",
    "其余都对得上",
)


class App(Pretend):
    """Who is who."""

    name, title = "identity", "身份核验"
    needs = ("IDENTITY_KEY",)
    switches = {
        "busy": "忙：一律回 429",
        "realistic": "像真的一样：两百多个里有一个对不上",
    }
    schema = """
    CREATE TABLE IF NOT EXISTS ask (
        key TEXT PRIMARY KEY, tail4 TEXT NOT NULL, with_card INTEGER NOT NULL, asked INTEGER NOT NULL,
        result TEXT NOT NULL, token TEXT NOT NULL, at REAL NOT NULL
    );
    """

    @route("POST", "/checks")
    def check(self, request: Request) -> Answer:
        """Does this name belong to this number (and card)?"""
        if not self._is_signed(request):
            return json_answer({"error": "signature"}, 401)
        facts = request.json()
        if self.on("busy"):
            return json_answer({"error": "busy"}, 429)
        number = facts["id_number"]
        asked, result, token = self._remember(facts)
        if number[14:17] == "666" and asked <= 2:
            return json_answer({"error": "busy"}, 429)
        if number[14:17] == "777" and asked == 1:
            raise AnswerLost
        return json_answer({"result": result, "token": token})

    def _remember(self, facts: dict[str, str]) -> tuple[int, str, str]:
        result = self._judge(facts["name"], facts["id_number"], facts.get("card_number", ""))
        token = secrets.token_hex(16) if result == "match" else ""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO ask VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET asked = asked + 1",
                (facts["key"], facts["id_number"][-4:], int(bool(facts.get("card_number"))), result, token,
                 self.now()),
            )  # fmt: skip
            row = db.execute("SELECT asked, result, token FROM ask WHERE key = ?", (facts["key"],)).fetchone()
        return row["asked"], row["result"], row["token"]

    def _judge(self, name: str, number: str, card: str) -> str:
        if number[14:17] == "444":
            return "not_found"
        if number[14:17] == "555" or card.endswith("0000"):
            return "mismatch"
        if self.on("realistic") and hashlib.sha256(f"{name}{number}".encode()).digest()[0] == 0:
            return "mismatch"
        return "match"

    def _is_signed(self, request: Request) -> bool:
        stamp = request.headers.get("x-timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - self.now()) > CLOCK_SLACK_SECONDS:
            return False
        text = f"{stamp}\n{request.path}\n{hashlib.sha256(request.body).hexdigest()}".encode()
        expected = hmac.new(self.options["IDENTITY_KEY"].encode(), text, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, request.headers.get("x-signature", ""))

    @route("GET", "/")
    def show(self, request: Request) -> Answer:
        """The labelled page."""
        rows = self.db().execute("SELECT * FROM ask ORDER BY at DESC LIMIT 100").fetchall()
        lines = "".join(
            f"<tr><td>**************{esc(row['tail4'])}</td><td>{'社保卡' if row['with_card'] else '身份证'}</td>"
            f"<td>{esc(row['asked'])}</td><td>{esc(row['result'])}</td></tr>"
            for row in rows
        )
        rules = "".join(f"<li>{esc(line)}</li>" for line in RULES)
        table = f"<table><tr><th>号码</th><th>方式</th><th>问了几次</th><th>结果</th></tr>{lines}</table>"
        return self.page("核验记录", f"{table}<ul>{rules}</ul>")
