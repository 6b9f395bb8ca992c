"""Sentences as they are spoken in a county of hills and markets, read with the trades that are shipped."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

import linggong.reference.queries as reference
from linggong.postings import contacts
from linggong.postings.sentence import understand

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Tuesday


def november(*days):
    return tuple(date(2026, 11, day) for day in days)


def a_run(first, length):
    return tuple(first + timedelta(days=n) for n in range(length))


LIFE = [
    # carrying and counted pay
    ("25号起连干10天，早上7点到11点装化肥，6个人，12块一吨，一共300吨",
     {"trade": "搬运工", "headcount": 6, "days": a_run(date(2026, 11, 25), 10), "start_time": time(7), "end_time": time(11),
      "pay_fen": 1200, "pay_unit": "TONNE", "quantity": 300, "missing": ("place",)}),
    ("仓库卸化肥3个人，明天下午2点到5点，一吨15",
     {"trade": "搬运工", "headcount": 3, "start_time": time(14), "end_time": time(17), "pay_fen": 1500, "pay_unit": "TONNE"}),
    ("要仨人卸水泥，今晚七点到十点，一吨十二块，四十吨",
     {"trade": "搬运工", "headcount": 3, "days": november(24), "start_time": time(19), "end_time": time(22), "pay_fen": 1200,
      "quantity": 40}),
    ("挑砖上楼，一块砖八分钱，5000块砖，2个人，大后天",
     {"trade": "搬运工", "headcount": 2, "days": november(27), "pay_fen": 8, "pay_unit": "PIECE", "quantity": 5000}),
    ("装车 一车80 今天下午要装6车 两个人 列西物流园",
     {"trade": "搬运工", "headcount": 2, "pay_fen": 8000, "pay_unit": "TRIP", "quantity": 6, "place_text": "列西物流园"}),
    ("拉货司机自带三轮车，一趟50，今天跑8趟",
     {"trade": "拉货司机", "pay_fen": 5000, "pay_unit": "TRIP", "quantity": 8, "tools": "WORKER"}),
    ("急！！今天下午3点，卸家具，2人，每人100，2小时，三元区新市北路108号",
     {"trade": "搬运工", "headcount": 2, "start_time": time(15), "end_time": time(17), "pay_fen": 10000,
      "place_text": "三元区新市北路108号"}),
    ("搬家3个人，明天上午8点，一口价600，五楼没电梯",
     {"trade": "搬家工", "headcount": 3, "pay_fen": 60000, "pay_unit": "FIXED", "start_time": time(8)}),
    ("砌墙师傅4个，按平方算，65一平，一共200平，自带工具",
     {"trade": "砌筑工", "headcount": 4, "pay_fen": 6500, "pay_unit": "SQM", "quantity": 200, "tools": "WORKER"}),
    ("贴瓷砖，45一平方，120平，明天开工，干三天",
     {"trade": "贴砖工", "days": november(25, 26, 27), "pay_fen": 4500, "pay_unit": "SQM", "quantity": 120}),
    ("洗车工，计件，一台15，明天早上8点到晚上7点",
     {"trade": "洗车工", "pay_fen": 1500, "pay_unit": "PIECE", "end_time": time(19)}),
    ("外卖骑手，6块一单，中午11点到下午1点，晚上5点到8点",
     {"trade": "外卖骑手", "pay_fen": 600, "pay_unit": "ORDER", "spells": ((time(11), time(13)), (time(17), time(20)))}),
    ("缝纫工，计件，一件一块二，长期，月结", {"trade": "缝纫工", "pay_fen": 120, "pay_unit": "PIECE", "pay_cycle": "MONTHLY"}),
    # field and hill
    ("采茶干到月底，从明天起，早上6点到下午4点，8块一斤，要20个人",
     {"trade": "采茶工", "headcount": 20, "days": november(25, 26, 27, 28, 29, 30), "pay_fen": 800, "pay_unit": "JIN"}),
    ("摘桔子工，一斤两毛五，后天早上六点半到下午五点，十来个人，包中饭",
     {"trade": "果园采摘工", "headcount": 10, "headcount_about": True, "pay_fen": 25, "pay_unit": "JIN",
      "start_time": time(6, 30), "meals": "ONE"}),
    ("摘柚子，1毛8一斤，管中饭，明儿一早6点上车，师专门口",
     {"trade": "果园采摘工", "pay_fen": 18, "pay_unit": "JIN", "start_time": time(6), "place_text": "师专门口"}),
    ("摘橙子，3块5一斤，明天", {"pay_fen": 350, "pay_unit": "JIN"}),
    ("砍竹子，一百斤12块，5个人，28号开始",
     {"headcount": 5, "days": november(28), "pay_fen": 12, "pay_unit": "JIN", "quantity": None}),
    ("收稻谷，12块一百斤，后天", {"pay_fen": 12, "pay_unit": "JIN"}),
    ("砍毛竹一根三块，上山的，包中午饭，明早六点村口集合",
     {"trade": "毛竹砍伐工", "pay_fen": 300, "pay_unit": "PIECE", "start_time": time(6)}),
    ("插秧一亩一百六，30亩，后天，早五点半到十一点",
     {"trade": "插秧收割工", "pay_fen": 16000, "pay_unit": "MU", "quantity": 30, "start_time": time(5, 30),
      "end_time": time(11)}),
    ("请人喷农药，15块一亩，50亩，明早天亮",
     {"trade": "植保打药工", "pay_fen": 1500, "pay_unit": "MU", "quantity": 50, "start_time": None}),
    ("烤烟编烟一竿五毛，8个人干四十天，吃住都有，12月1号开始",
     {"headcount": 8, "day_count": 40, "starts_on": date(2026, 12, 1), "pay_fen": 50, "pay_unit": "RACK", "meals": "ALL",
      "lodging": True}),
    ("挖笋工2个 两百二一天 从明天起干到月底 早6到晚4",
     {"headcount": 2, "pay_fen": 22000, "days": november(25, 26, 27, 28, 29, 30), "start_time": time(6),
      "end_time": time(16)}),
    ("锄草工，150块一天，女的也行，60岁以下，明天", {"pay_fen": 15000, "sex": "ANY", "age_high": 60}),
    ("要10个工，明天，插秧，一个工180，管两餐", {"headcount": 10, "pay_fen": 18000, "pay_unit": "DAY", "meals": "TWO"}),
    ("抬树工8个人，一天三百块，早上七点干到下午四点，中午管饭，干两天",
     {"headcount": 8, "pay_fen": 30000, "start_time": time(7), "end_time": time(16), "meals": "ONE", "day_count": 2}),
    # month end: when work ends, or when the wage comes
    ("小工5个，明天7点到下午5点，200一天，月底结",
     {"trade": "建筑小工", "days": november(25), "ends_on": None, "pay_cycle": "MONTHLY", "pay_fen": 20000}),
    ("普工10个，工资月底结，下周一开始上班，早8点到晚6点，25一小时",
     {"days": november(30), "pay_cycle": "MONTHLY", "pay_fen": 2500, "pay_unit": "HOUR"}),
    ("保洁2个，每月底发工资，后天开始", {"days": november(26), "pay_cycle": "MONTHLY"}),
    ("服务员3个，月末结清，明天起", {"days": november(25), "pay_cycle": "MONTHLY"}),
    ("月底30号卸货，2个人，晚上9点到11点，每人150",
     {"days": november(30), "headcount": 2, "start_time": time(21), "end_time": time(23), "pay_fen": 15000}),
    ("工资每月15号发，招操作工5个，白班8点到20点，19.5一小时",
     {"headcount": 5, "pay_fen": 1950, "pay_cycle": "MONTHLY", "starts_on": None}),
    # which days
    ("周六周日洗碗，上午9点到下午2点，120一天，一个人",
     {"trade": "洗碗工", "days": november(28, 29), "weekdays": (5, 6), "pay_fen": 12000, "headcount": 1}),
    ("超市促销员，双休日，130/天，9:00-18:00，有提成", {"trade": "促销员", "days": november(28, 29), "pay_fen": 13000}),
    ("家教一小时25，周一三五晚上7点到9点",
     {"trade": "家教", "days": november(25, 27, 30), "weekdays": (0, 2, 4), "pay_fen": 2500, "pay_unit": "HOUR"}),
    ("水果店理货，早5点到9点，25一个钟，每周二四六", {"days": november(26, 28), "weekdays": (1, 3, 5), "pay_fen": 2500}),
    ("看店，晚上7点-10点，60块，下周一至周五", {"trade": "营业员", "days": a_run(date(2026, 11, 30), 5), "pay_fen": 6000}),
    ("抄表员 两天 一天150 本周四周五 早八晚五", {"days": november(26, 27), "pay_fen": 15000, "start_time": time(8)}),
    ("展会搭建，11月28日至11月30日，每天8:00—18:00，260元/天，工人15名",
     {"trade": "活动搭建工", "headcount": 15, "days": november(28, 29, 30), "pay_fen": 26000, "end_time": time(18)}),
    ("接孩子，周一到周五下午4点半，30一次，列东小学",
     {"trade": "接送孩子", "weekdays": (0, 1, 2, 3, 4), "start_time": time(16, 30), "pay_fen": 3000}),
    ("电焊工两百八一天，焊工证，干半个月，三明市区",
     {"day_count": 15, "pay_fen": 28000, "certificates": ("焊工证",), "place_text": "三明市区"}),
    ("绿化工干两个月，明天开始，180一天", {"day_count": 60, "pay_fen": 18000, "pay_unit": "DAY"}),
    # nights, halves, hours
    ("夜班保安两名，晚上10点到早上6点，180一个班，从今晚开始干一个礼拜",
     {"headcount": 2, "overnight": True, "hours": 8, "pay_fen": 18000, "pay_unit": "SHIFT",
      "days": a_run(date(2026, 11, 24), 7)}),
    ("夜里十一点到凌晨四点卸菜，4个人，150",
     {"trade": "搬运工", "headcount": 4, "start_time": time(23), "end_time": time(4), "overnight": True, "pay_fen": 15000}),
    ("快递分拣，凌晨2点到7点，22一小时，要8个",
     {"headcount": 8, "start_time": time(2), "end_time": time(7), "overnight": False, "pay_fen": 2200}),
    ("收银员1人，下午4点到晚上12点，时薪20，管一顿晚饭",
     {"start_time": time(16), "end_time": time(0), "hours": 8, "pay_fen": 2000, "pay_unit": "HOUR", "meals": "ONE"}),
    ("倒班普工，两班倒，12小时一班，240一班，明晚8点开始",
     {"start_time": time(20), "end_time": time(8), "overnight": True, "pay_fen": 24000, "pay_unit": "SHIFT"}),
    ("请半天钟点工，明天上午，100块", {"pay_fen": 10000, "pay_unit": "FIXED", "start_time": None}),
    ("搞卫生半天，明天下午1点半到5点半，120包了",
     {"start_time": time(13, 30), "end_time": time(17, 30), "pay_fen": 12000, "pay_unit": "FIXED"}),
    ("司机，C1，送货，5小时150，明早9点",
     {"pay_fen": 15000, "pay_unit": "FIXED", "start_time": time(9), "end_time": time(14)}),
    ("发传单一小时18，周末，上午9点到下午5点，中午休息一小时",
     {"break_minutes": 60, "hours": 8, "pay_fen": 1800, "pay_unit": "HOUR", "start_time": time(9), "end_time": time(17)}),
    ("包装工，8点到18点，中间歇一个半小时，20一小时", {"break_minutes": 90, "pay_fen": 2000, "start_time": time(8)}),
    ("要3个人 明天 早上7点半到中午12点 下午2点到6点 230一天 工地打杂",
     {"headcount": 3, "hours": 8.5, "spells": ((time(7, 30), time(12)), (time(14), time(18))), "pay_fen": 23000}),
    ("今天晚上23点40到明天凌晨3点要2个电商打包员，200一天",
     {"days": november(24), "start_time": time(23, 40), "end_time": time(3), "overnight": True, "headcount": 2}),
    ("今晚10点到第二天早上6点，3个搬运工，300一晚", {"days": november(24), "start_time": time(22), "end_time": time(6)}),
    ("昨天8点要1个服务员", {"days": november(23), "notes": ("DATE_PAST",)}),
    ("明天早上9点到下午5点要2个女服务员，26一小时", {"headcount": 2, "sex": "F", "sex_words": ("女",)}),
    # how the sum is said
    ("明天8点到17点，一个服务员，0元一天", {"pay_fen": None, "notes": ("PAY_ZERO",)}),
    ("打包工，两百一天，管两顿饭，车接车送，明后两天，早7点半到晚6点",
     {"pay_fen": 20000, "pay_unit": "DAY", "meals": "TWO", "transport": "PICKUP", "days": november(25, 26)}),
    ("水电工师傅300-350一天，明天到后天，8点到17点30",
     {"pay_fen": 30000, "pay_high_fen": 35000, "days": november(25, 26), "end_time": time(17, 30)}),
    ("找个阿姨照顾老人，白天，200-250一天，要会做饭",
     {"headcount": 1, "pay_fen": 20000, "pay_high_fen": 25000, "sex": None}),
    ("月嫂，26天8800，要健康证，12月10号左右",
     {"pay_fen": 880000, "pay_unit": "MONTH", "starts_on": date(2026, 12, 10), "day_count": None}),
    ("叉车工一名，要有叉车证，月薪5500，月结，28号上班",
     {"headcount": 1, "pay_fen": 550000, "pay_unit": "MONTH", "pay_cycle": "MONTHLY", "certificates": ("叉车证",)}),
    ("喂猪，包吃包住，4000一月，夫妻优先", {"pay_fen": 400000, "pay_unit": "MONTH", "meals": "ALL", "lodging": True}),
    ("清淤泥，按天，260，3个人，干5天左右，明天动工，早7晚5",
     {"pay_fen": 26000, "pay_unit": "DAY", "headcount": 3, "days": a_run(date(2026, 11, 25), 5)}),
    ("婚宴端盘子十二个，这礼拜六，上午十点到下午两点，一百块一场",
     {"headcount": 12, "days": november(28), "end_time": time(14), "pay_fen": 10000, "pay_unit": "SHIFT"}),
    ("明日上午8:30—11:30大扫除，4人，90元/人，学校",
     {"trade": "家庭保洁", "headcount": 4, "start_time": time(8, 30), "pay_fen": 9000}),
    ("摆摊帮手，晚6点到12点，150，含夜宵", {"start_time": time(18), "end_time": time(0), "pay_fen": 15000}),
    # telephone numbers are nobody's wage
    ("拆旧房小工，两百三，日结，明天7点开始，到下午5点半，联系人老王 138 0013 8000",
     {"pay_fen": 23000, "pay_cycle": "DAILY", "start_time": time(7), "end_time": time(17, 30), "contact_word": "老王",
      "contact_phone": "13800138000"}),
    ("加我微信 13800138000 要小工3个，明天早上7点到下午5点半，200一天",
     {"headcount": 3, "pay_fen": 20000, "contact_phone": "13800138000"}),
    ("电话0598-8223344，招保洁2名，明天8点到12点，100块，三元区",
     {"headcount": 2, "pay_fen": 10000, "contact_phone": "05988223344", "place_text": "三元区"}),
]  # fmt: skip


def heard(text):
    words, places = reference.trade_words("350403"), reference.place_words("3504")
    return understand(text, at=MORNING, trades=words, places=places)


@pytest.mark.parametrize(("text", "expected"), LIFE, ids=[text[:16] for text, _ in LIFE])
def test_a_sentence_of_real_life_is_read_as_it_is_meant(text, expected):
    understood = heard(text)

    names = {trade.code: trade.name for trade in reference.trades()}
    told = {"trade": names.get(understood.trade_code or "")}
    read = {name: told[name] if name in told else getattr(understood, name) for name in expected}
    assert read == expected


def test_sixty_sentences_are_tried():
    assert len({text for text, _ in LIFE}) >= 60


def test_what_is_said_at_night_belongs_to_the_day_in_china():
    late = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)  # half past one in the night of the 25th there

    assert understand("明天要2个小工", at=late, trades=reference.trade_words("350403")).starts_on == date(2026, 11, 26)


NUMBERS = [
    "13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "+86 13800138000", "1 3 8 0 0 1 3 8 0 0 0",
    "一三八零零一三八零零零", "幺三八〇〇幺三八〇〇〇", "0598-8223344", "(0598)8223344", "05988223344", "400-800-1234",
    "微信abc12345", "加vx: gong_2026", "QQ 12345678",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_taken_out_of_what_the_public_reads_and_nothing_else_is(number):
    text = f"要两个人洗菜，有事打{number}，从后门进"

    assert contacts.without(text) in ("要两个人洗菜，有事，从后门进", "要两个人洗菜，有事打，从后门进")
    assert contacts.spans(contacts.without(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "30000斤橘子，一共12345678斤",
        "新市北路108号3栋1201",
        "2026年11月25日8:00-17:30",
        "一箱12块，300箱",
        "微信转账，当天到",
    ],
)
def test_figures_of_the_work_stay(text):
    assert contacts.without(text) == text
