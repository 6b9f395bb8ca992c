"""One sentence fills the form: what is said is understood, what is not said stays empty."""

import json
import os
import time as clock
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linggong.postings.sentence import LONGEST_TEXT, REQUIRED, TradeWord, Understood, numbers, understand

CHINA = timezone(timedelta(hours=8))
TUESDAY = datetime(2025, 6, 10, 20, 0, tzinfo=CHINA)

TRADES = (
    TradeWord("helper", "建筑小工", ("小工", "杂工", "打杂"), "DAY"),
    TradeWord("kitchen", "帮厨", ("切配", "后厨", "打荷"), "HOUR"),
    TradeWord("dishes", "洗碗工", ("洗碗",), "HOUR"),
    TradeWord("waiter", "服务员", ("端盘子", "婚宴服务员"), "HOUR"),
    TradeWord("loader", "装卸工", ("卸货", "装车", "搬货"), "DAY"),
    TradeWord("mover", "搬家工", ("搬家",), "ORDER"),
    TradeWord("cleaner", "家庭保洁", ("打扫卫生", "搞卫生", "钟点工"), "HOUR"),
    TradeWord("welder", "电焊工", ("焊工", "二保焊"), "DAY"),
    TradeWord("tiler", "贴砖工", ("贴瓷砖",), "SQM"),
    TradeWord("carpenter", "木工（建筑）", ("支模",), "DAY"),
    TradeWord("tea", "采茶工", ("摘茶叶",), "JIN"),
    TradeWord("bayberry", "杨梅采摘工", ("摘杨梅",), "DAY"),
    TradeWord("tobacco", "烤烟工", ("编烟",), "DAY"),
    TradeWord("cane", "甘蔗砍收工", ("砍甘蔗",), "TONNE"),
    TradeWord("rice", "插秧收割工", ("插秧",), "MU"),
    TradeWord("guard", "保安", ("门卫", "临时保安"), "SHIFT"),
    TradeWord("sorter", "快件分拣员", ("快递分拣",), "HOUR"),
    TradeWord("keeper", "仓库管理员", ("仓管",), "MONTH"),
    TradeWord("line", "普工", ("操作工", "打螺丝"), "HOUR"),
    TradeWord("electronics", "电子厂普工", (), "HOUR"),
    TradeWord("rope", "外墙清洗工", ("蜘蛛人",), "DAY"),
    TradeWord("courier", "外卖骑手", ("送外卖",), "ORDER"),
    TradeWord("flyer", "发传单", (), "HOUR"),
    TradeWord("cashier", "收银员", (), "HOUR"),
    TradeWord("nurse", "月嫂", (), "MONTH"),
    TradeWord("fork", "叉车工", ("叉车司机",), "DAY"),
    TradeWord("tutor", "家教", (), "HOUR"),
    TradeWord("bead", "手工艺加工", ("手工活", "串珠"), "PIECE"),
    TradeWord("steward", "会展服务", ("引导员", "检票"), "DAY"),
    TradeWord("pickup", "接送孩子", ("接娃",), "TRIP"),
)


def _read(text: str, **kwargs) -> Understood:
    return understand(text, at=TUESDAY, trades=TRADES, **kwargs)


def _june(*days: int) -> tuple[date, ...]:
    return tuple(date(2025, 6, day) for day in days)


SENTENCES = [
    # the sentence of the design, and the messages of the domain brief
    ("明天早上8点要2个帮厨,180一天,管饭", {"trade_code": "kitchen", "headcount": 2, "starts_on": date(2025, 6, 11),
     "start_time": time(8), "pay_fen": 18000, "pay_unit": "DAY", "meals": "ALL", "end_time": None, "place_text": ""}),
    ("明早5点半华兴路口集合，小工6个，清渣拆模，220一天管一顿中饭，干完现结，自带手套，王13800138000",
     {"trade_code": "helper", "headcount": 6, "start_time": time(5, 30), "place_text": "华兴路口", "pay_fen": 22000,
      "pay_cycle": "ON_COMPLETION", "meals": "ONE", "tools": "WORKER", "contact_word": "王",
      "contact_phone": "13800138000", "end_time": None}),
    ("找个阿姨搞卫生，二手房90平，明天下午2点，4个钟头给200，洪塘这边，工具我有，要干净利索的",
     {"trade_code": "cleaner", "headcount": 1, "start_time": time(14), "end_time": time(18), "pay_fen": 20000,
      "pay_unit": "FIXED", "place_text": "洪塘", "tools": "EMPLOYER", "quantity": 90, "sex": None}),
    ("后天摘杨梅要人！！20个左右 女的也行 260一天包两餐 早上4点半村委门口上车 下雨不去",
     {"trade_code": "bayberry", "headcount": 20, "headcount_about": True, "starts_on": date(2025, 6, 12),
      "start_time": time(4, 30), "meals": "TWO", "sex": "ANY", "place_text": "村委门口"}),
    ("电焊工，要有证，二保焊，350/天，干10天左右，工资干完三天内打卡，慈溪，联系李工",
     {"trade_code": "welder", "headcount": None, "starts_on": None, "day_count": 10, "pay_fen": 35000,
      "pay_cycle": "ON_COMPLETION", "pay_within_days": 3, "certificates": ("证",), "contact_word": "李工"}),
    ("端午3天景区检票引导员 15名 130一天 含一份盒饭 7:30-17:00",
     {"trade_code": "steward", "headcount": 15, "starts_on": None, "start_time": time(7, 30), "end_time": time(17),
      "meals": "ONE", "notes": ("DATE_VAGUE:端午",)}),
    ("卸货！一车瓷砖30吨，一吨12块，4个人，今晚10点到，仓库在物流园C区",
     {"trade_code": "loader", "headcount": 4, "starts_on": date(2025, 6, 10), "start_time": time(22),
      "pay_fen": 1200, "pay_unit": "TONNE", "quantity": 30, "quantity_unit": "TONNE", "place_text": "物流园C区"}),
    ("接个孩子，实验小学 周一到周五4:20，走路10分钟，一天30，要女的 住附近的",
     {"trade_code": "pickup", "start_time": time(16, 20), "weekdays": (0, 1, 2, 3, 4), "pay_fen": 3000,
      "pay_unit": "DAY", "place_text": "实验小学", "sex": "F", "headcount": None}),
    ("外墙清洗蜘蛛人3名，高空证必须，600一天，两天活，保险我们买，6.12开工",
     {"trade_code": "rope", "headcount": 3, "days": _june(12, 13), "pay_fen": 60000, "insured": True,
      "certificates": ("高处作业证",)}),
    ("夜班保安 临时顶班三天 12小时 180 有保安证 没证的别问 晚上7点到岗 五原路",
     {"trade_code": "guard", "headcount": None, "start_time": time(19), "hours": 12, "pay_fen": 18000,
      "pay_unit": "SHIFT", "place_text": "五原路", "certificates": ("保安员证",), "starts_on": None}),
    # pay: numbers as spoken, units before and behind
    ("小工一天一百八", {"pay_fen": 18000, "pay_unit": "DAY"}),
    ("要俩小工,两百五一天,明天", {"headcount": 2, "pay_fen": 25000, "pay_unit": "DAY", "starts_on": date(2025, 6, 11)}),
    ("杂工三百五一天", {"pay_fen": 35000}),
    ("卸货两个人,一百六七一天", {"headcount": 2, "pay_fen": 16000, "pay_high_fen": 17000}),
    ("小工两三百一天", {"pay_fen": 20000, "pay_high_fen": 30000}),
    ("小工一百来块一天,十来个人", {"pay_fen": 10000, "headcount": 10, "headcount_about": True}),
    ("普工1w一个月", {"pay_fen": 1_000_000, "pay_unit": "MONTH"}),
    ("普工5-6千一个月", {"pay_fen": 500_000, "pay_high_fen": 600_000, "pay_unit": "MONTH"}),
    ("编烟按竿5毛一竿,8个人,做四十天", {"pay_fen": 50, "pay_unit": "RACK", "headcount": 8, "day_count": 40}),
    ("采茶,按斤算8块一斤", {"trade_code": "tea", "pay_fen": 800, "pay_unit": "JIN"}),
    ("送外卖一单6块5", {"pay_fen": 650, "pay_unit": "ORDER"}),
    ("贴砖 32一平 90平", {"trade_code": "tiler", "pay_fen": 3200, "pay_unit": "SQM", "quantity": 90}),
    ("砍甘蔗一吨90,30吨,5个人", {"pay_fen": 9000, "pay_unit": "TONNE", "quantity": 30, "headcount": 5}),
    ("插秧 一亩180 15亩", {"pay_fen": 18000, "pay_unit": "MU", "quantity": 15}),
    ("装车一车80,今天要6车,两个人", {"pay_unit": "TRIP", "quantity": 6, "headcount": 2}),
    ("手工活5毛一个", {"pay_fen": 50, "pay_unit": "PIECE"}),
    ("搬家3个人,包干900", {"pay_fen": 90000, "pay_unit": "FIXED"}),
    ("搬家 900包了", {"pay_fen": 90000, "pay_unit": "FIXED"}),
    ("搬家一共900块", {"pay_fen": 90000, "pay_unit": "FIXED"}),
    ("打扫卫生 25一个钟 干4个小时", {"pay_fen": 2500, "pay_unit": "HOUR", "hours": 4}),
    ("快递分拣20-25元/时", {"pay_fen": 2000, "pay_high_fen": 2500, "pay_unit": "HOUR"}),
    ("电焊工350-400一天", {"pay_fen": 35000, "pay_high_fen": 40000, "pay_unit": "DAY"}),
    ("快递分拣19.5元/小时", {"pay_fen": 1950}),
    ("小工 一个工200 明天", {"pay_fen": 20000, "pay_unit": "DAY"}),
    ("仓库管理员月薪3500", {"pay_fen": 350000, "pay_unit": "MONTH", "place_text": ""}),
    ("月嫂8800/26天 要健康证", {"pay_fen": 880000, "pay_unit": "MONTH", "certificates": ("健康证",)}),
    ("婚宴服务员20人 12号中午10点到2点 100块一餐", {"pay_fen": 10000, "pay_unit": "SHIFT", "start_time": time(10),
     "end_time": time(14), "starts_on": date(2025, 6, 12)}),
    ("保安2人,2800包住", {"pay_fen": 280000, "pay_unit": None, "lodging": True, "headcount": 2}),
    ("仓管2人,2800包住", {"pay_fen": 280000, "pay_unit": "MONTH", "pay_unit_assumed": True}),
    ("小工,工钱面议", {"pay_fen": None, "pay_negotiable": True}),
    ("普工18元一小时,夜班补贴15,入职押金200", {"pay_fen": 1800, "pay_high_fen": None}),
    ("装车 一车货80", {"pay_fen": 8000, "pay_unit": "TRIP"}),
    ("手工活 一块砖3毛", {"pay_fen": 30, "pay_unit": "PIECE"}),
    ("发传单2小时50块", {"pay_fen": 5000, "pay_unit": "FIXED", "hours": 2}),
    ("搬家5个人,150一个人", {"pay_fen": 15000, "pay_unit": None, "notes": ("PER_PERSON",)}),
    ("做一单返佣8-30元", {"pay_fen": None}),
    # when
    ("大后天上午9点 小工", {"starts_on": date(2025, 6, 13), "start_time": time(9)}),
    ("下周一开始干10天 木工", {"days": tuple(date(2025, 6, 16) + timedelta(days=n) for n in range(10))}),
    ("周六周日发传单", {"days": _june(14, 15), "weekdays": (5, 6)}),
    ("周末两天发传单", {"days": _june(14, 15)}),
    ("下礼拜一 小工", {"starts_on": date(2025, 6, 16)}),
    ("6.18-6.20 引导员", {"days": _june(18, 19, 20)}),
    ("6月12号到15号 小工", {"days": _june(12, 13, 14, 15)}),
    ("12号 小工", {"starts_on": date(2025, 6, 12)}),
    ("5号 小工", {"starts_on": date(2025, 7, 5)}),
    ("采茶干到月底", {"starts_on": None, "ends_on": date(2025, 6, 30), "days": ()}),
    ("明天开始采茶,干到月底", {"starts_on": date(2025, 6, 11), "ends_on": date(2025, 6, 30)}),
    ("明天到周五 小工", {"days": _june(11, 12, 13)}),
    ("明后两天 小工", {"days": _june(11, 12)}),
    ("编烟七月初开始", {"starts_on": None, "notes": ("DATE_VAGUE:七月初",)}),
    ("早五晚六 小工", {"start_time": time(5), "end_time": time(18)}),
    ("保安 早8点晚5点", {"start_time": time(8), "end_time": time(17)}),
    ("服务员晚7-11点", {"start_time": time(19), "end_time": time(23)}),
    ("服务员中午10-2", {"start_time": time(10), "end_time": time(14)}),
    ("快递分拣,晚8点到早6点", {"start_time": time(20), "end_time": time(6), "overnight": True, "hours": 10}),
    ("晚上帮忙端盘子,6点到12点", {"start_time": time(18), "end_time": time(0), "overnight": True}),
    ("洗碗,中午10点到2点,下午5点到9点", {"start_time": time(10), "end_time": time(21), "hours": 8,
     "spells": ((time(10), time(14)), (time(17), time(21)))}),
    ("叉车司机8点-17点30", {"start_time": time(8), "end_time": time(17, 30)}),
    ("通宵卸货", {"start_time": None, "notes": ("NIGHT",)}),
    ("卸设备 明天上午半天 600", {"start_time": None, "pay_fen": 60000, "pay_unit": "FIXED"}),
    # who, and what comes with it
    ("夫妻工一对 8000一个月", {"headcount": 2}),
    ("招2男3女服务员", {"headcount": 5}),
    ("请5个小工", {"headcount": 5}),
    ("请5个工 一个工180", {"headcount": 5, "pay_fen": 18000, "pay_unit": "DAY"}),
    ("小工从后天开始一个礼拜", {"day_count": 7, "days": _june(12, 13, 14, 15, 16, 17, 18)}),
    ("25/小时 今晚", {"trade_code": None, "pay_fen": 2500}),
    ("缺个洗碗的", {"trade_code": "dishes", "headcount": 1}),
    ("洗碗工5-6个", {"headcount": 5, "headcount_about": True}),
    ("小工若干", {"headcount": None}),
    ("电子厂招普工", {"trade_code": "electronics", "trade_word": "电子厂招普工"}),
    ("木工支模4个", {"trade_code": "carpenter", "headcount": 4}),
    ("普工18-45岁,男女不限", {"age_low": 18, "age_high": 45, "sex": "ANY"}),
    ("保安55岁以下", {"age_low": None, "age_high": 55}),
    ("小工不管饭,车接车送", {"meals": "NONE", "transport": "PICKUP"}),
    ("小工包吃住,日结", {"meals": "ALL", "lodging": True, "pay_cycle": "DAILY"}),
    ("小工,压三天", {"notes": ("WAGES_HELD:压三天",)}),
    ("打螺丝,次月15号发", {"pay_cycle": "MONTHLY", "starts_on": None}),
    ("小工,地址是城南新区建设路18号", {"place_text": "城南新区建设路18号", "starts_on": None}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text[:18] for text, _ in SENTENCES])
def test_a_sentence_is_understood(text, expected):
    understood = _read(text)

    assert {name: getattr(understood, name) for name in expected} == expected


def test_there_are_at_least_sixty_sentences():
    assert len(SENTENCES) >= 60


def test_what_is_missing_is_asked_in_the_order_of_the_form():
    assert _read("").missing == REQUIRED
    assert _read("明天早上8点要2个帮厨,180一天,管饭").missing == ("end_time", "place")
    assert _read("明天8点到12点 小工3个 200一天 建设路口").missing == ()


def test_the_words_understood_are_marked_in_the_text_as_typed():
    text = "明天早上８点要２个帮厨，１８０一天，管饭"

    marked = {mark.field: text[mark.start : mark.end] for mark in _read(text).marks}

    assert marked == {
        "date": "明天", "time": "早上８点", "headcount": "２个", "trade": "帮厨", "pay": "１８０一天", "meals": "管饭",
    }  # fmt: skip


def test_start_and_end_are_one_moment_each():
    understood = _read("明晚8点到早6点快递分拣")

    assert understood.starts_at.isoformat() == "2025-06-11T20:00:00+08:00"
    assert understood.ends_at.isoformat() == "2025-06-12T06:00:00+08:00"


def test_the_day_is_china_s_day_whatever_clock_the_server_has():
    utc = datetime(2025, 6, 10, 17, 0, tzinfo=UTC)

    assert understand("明天 小工", at=utc, trades=TRADES).starts_on == date(2025, 6, 12)


def test_a_day_long_past_is_next_year_and_a_day_just_past_is_noted():
    assert understand("1.5 小工", at=datetime(2025, 12, 20, tzinfo=CHINA), trades=TRADES).starts_on == date(2026, 1, 5)
    assert "DATE_PAST" in _read("6.1 小工").notes
    assert "TIME_PAST" in _read("今天下午2点 小工").notes


def test_the_longest_trade_word_wins():
    assert _read("找钟点工打扫卫生").trade_word == "打扫卫生"
    assert _read("快递分拣打杂").trade_code == "sorter"


def test_known_place_names_need_no_ending():
    places = frozenset({"慈溪", "漳州", "芗城"})

    assert _read("电焊工,350/天,慈溪", places=places).place_text == "慈溪"
    assert _read("月嫂一名,漳州芗城", places=places).place_text == "漳州芗城"
    assert _read("电焊工,350/天,慈溪").place_text == ""


IDLE = ["", " ", "在吗", "你好,请问一下", "谢谢老板", "😀😀😀", "<script>alert(1)</script>", "下雨了"]


@pytest.mark.parametrize("text", IDLE)
def test_idle_talk_is_no_posting(text):
    understood = _read(text)

    assert understood == Understood(text=text)


@pytest.mark.parametrize(
    ("words", "value"),
    [("一百八", (180, 180)), ("两百五", (250, 250)), ("三百五", (350, 350)), ("一百零五", (105, 105)),
     ("一千二", (1200, 1200)), ("一万五", (15000, 15000)), ("二十", (20, 20)), ("十二", (12, 12)), ("百", (100, 100)),
     ("一百六七", (160, 170)), ("六七十", (60, 70)), ("两三百", (200, 300)), ("十七八", (17, 18)),
     ("12.5", (12.5, 12.5)), ("", None), ("七六", None), ("一一一", None)],
)  # fmt: skip
def test_spoken_numbers(words, value):
    assert numbers.read(words) == value


_ALPHABET = (
    "明天早上8点要2个帮厨一百八块毛元/-到周六月底.,:，。 \n0123456789十百千万"
    "半吨斤小时男女岁证管饭包住找招在路区😀<>\x00Ａ１"
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text(alphabet=_ALPHABET, max_size=120)))
def test_no_text_makes_it_fail_and_every_mark_lies_in_the_text(text):
    understood = _read(text)

    last = 0
    for mark in understood.marks:
        assert last <= mark.start < mark.end <= len(text)
        last = mark.end
    assert understood.pay_fen is None or understood.pay_fen > 0
    assert understood.headcount is None or understood.headcount > 0
    assert set(understood.missing) <= set(REQUIRED)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["你好", "谢谢", "在吗", "老板", "师傅", "活", "吃苦", "能干的来", "急", "顶", ",", "😀"]))
)
def test_what_nobody_said_stays_unsaid(words):
    understood = _read("".join(words))

    assert understood.missing == REQUIRED
    assert understood.starts_at is None and understood.quantity is None and understood.meals is None


PIECES = ["8", "一", "点", "到", "8点到", "十", "1.1-", "周一到", "要1个", "路", "在", "一天", "慈", "😀", " ", "元/"]


@pytest.mark.parametrize("piece", PIECES)
def test_ten_thousand_characters_take_a_moment(piece):
    text = (piece * 10_000)[:10_000]

    started = clock.process_time()
    _read(text)

    assert clock.process_time() - started < 2


def test_only_the_beginning_of_a_very_long_text_is_read():
    assert _read("," * LONGEST_TEXT + "小工3个").headcount is None


# --- messages of people who did not write this reader -------------------------------------------------------------

DATA = Path(os.environ.get("LINGGONG_DEVDATA") or Path(__file__).parents[4] / "shared" / "data")
MESSAGES = DATA / "gig_messages" / "messages_dev.jsonl"
_UNITS = {"day": "DAY", "hour": "HOUR", "month": "MONTH", "26d": "MONTH", "order": "ORDER", "session": "SHIFT",
          "jin": "JIN", "sqm": "SQM", "ton": "TONNE", "piece": "PIECE", "trip": "TRIP", "mu": "MU",
          "lump": "FIXED"}  # fmt: skip


def _agreement(gold: dict, understood: Understood) -> dict[str, bool]:
    """Field by field: does the reader say what the gold says, nothing more and nothing else?"""
    clocks = {"start": understood.start_time, "end": understood.end_time}
    said = {
        "headcount": understood.headcount,
        "pay_min": understood.pay_fen and understood.pay_fen / 100,
        "pay_max": understood.pay_fen and (understood.pay_high_fen or understood.pay_fen) / 100,
        "pay_unit": understood.pay_unit,
        "date": understood.starts_on and understood.starts_on.isoformat(),
        "until": understood.ends_on.isoformat() if understood.ends_on and not understood.starts_on else None,
        "age_min": understood.age_low,
        "age_max": understood.age_high,
        "meal": True if understood.meals not in (None, "NONE") else None,
        "lodging": understood.lodging,
        "pickup": True if understood.transport == "PICKUP" else None,
        **{name: value and value.strftime("%H:%M") for name, value in clocks.items()},
    }
    end = "00:00" if gold.get("end") == "24:00" else gold.get("end")
    wanted = dict(gold, pay_unit=_UNITS.get(gold.get("pay_unit")), end=end)
    return {name: wanted.get(name) == value for name, value in said.items()}


@pytest.mark.skipif(not MESSAGES.exists(), reason=f"gig messages not found at {MESSAGES}")
def test_messages_are_read_as_a_person_reads_them(capsys):
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    wrong: dict[str, list[str]] = {}
    total = 0
    for row in rows:
        at = datetime.fromisoformat(row["reference_date"]).replace(hour=9, tzinfo=CHINA)
        for name, right in _agreement(row["gold"], understand(row["text"], at=at, trades=TRADES)).items():
            total += 1
            if not right:
                wrong.setdefault(name, []).append(row["id"])

    with capsys.disabled():
        print(f"\n{len(rows)} messages, {total} fields, wrong: {wrong}")
    assert sum(map(len, wrong.values())) / total <= 0.03, wrong
