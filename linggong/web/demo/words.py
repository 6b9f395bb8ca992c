"""Invented names, shops and jobs of a mountain city in Fujian. Nobody and nothing here is real."""

from dataclasses import dataclass, field

SURNAMES = "林陈黄张吴李郑王刘苏蔡杨许谢邱罗廖赖邓曾温范余江俞严官池连卢魏马肖熊上官"[:-2]
GIVEN_M = ["建国", "志强", "水生", "木生", "国平", "长根", "文彬", "春生", "德明", "家旺", "金山", "永福", "世荣", "炳辉", "学文", "开明", "启东", "火生", "宗义", "土金", "良才", "庆华", "道财", "兆林"]  # fmt: skip
GIVEN_F = ["秀英", "桂芳", "玉兰", "美珠", "春花", "丽华", "金妹", "水莲", "月娥", "素珍", "小红", "彩云", "凤娇", "荣妹", "招娣", "雪梅", "惠芳", "玉凤", "香莲", "淑琴", "海燕", "菊香", "银花", "巧珍"]  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A believable job: trade by name, what is done, pay in fen, hours, who offers it."""

    trade: str
    title: str
    content: str
    pay_fen: tuple[int, int]
    unit: str
    start: str
    hours: float
    places: tuple[int, int]
    kinds: str = "EM"  # E enterprise, M merchant, H household, F farm, C co-op
    quantity: int = 0
    days: tuple[int, int] = (1, 1)
    meals: str = "NONE"
    transport: str = ""
    outdoor: bool = False
    tools: str = ""
    form: str = "TEMPORARY"
    suitable: list[str] = field(default_factory=list)
    where: str = (
        ""  # words of which the employer's name has one: a fruit shop runs no canteen; empty: anywhere of its kind
    )


# Above the minimum wage of the city, or the platform would not let them out.
JOBS = [
    Job("帮厨", "食堂帮厨", "洗菜切菜，打扫厨房，开饭时帮着打菜", (2200, 2600), "HOUR", "05:30", 8, (1, 3), "EM", meals="ALL", suitable=["OLDER"], where="饭店 大排档 菜馆 酒楼 小吃 厂"),
    Job("洗碗工", "饭店洗碗", "洗碗消毒，收拾后厨", (2200, 2500), "HOUR", "10:00", 5, (1, 2), "M", meals="ALL", suitable=["OLDER"], where="饭店 大排档 菜馆 酒楼 小吃"),
    Job("服务员", "酒楼传菜上菜", "中午晚上两市，端菜收台", (2200, 2600), "HOUR", "10:30", 4, (2, 6), "M", meals="ALL", where="饭店 大排档 菜馆 酒楼"),
    Job("搬运工", "货车卸货", "把瓷砖从车上卸到仓库，有叉车帮忙", (20000, 24000), "DAY", "07:30", 9, (2, 6), "EM", outdoor=True, meals="ONE", where="货站 配送 建筑 装饰 超市"),
    Job("搬运工", "卸化肥", "一车化肥卸进库房，按吨算", (1200, 1500), "TONNE", "08:00", 5, (4, 4), "EC", quantity=30, outdoor=True, where="合作社 配送 货站"),
    Job("快件分拣员", "快递分拣", "夜里到件分拣，站着干", (2200, 2500), "HOUR", "19:00", 5, (4, 10), "E", where="货站 配送 电商"),
    Job("电商打包员", "打包发货", "坐着贴单装箱，手脚快就行", (2200, 2400), "HOUR", "08:30", 8, (3, 8), "EM", suitable=["OLDER"], where="电商 网店 包装厂 纸箱厂"),
    Job("包装工", "竹制品装盒", "擦干净装盒贴标，坐着干", (2200, 2400), "HOUR", "08:00", 8, (4, 12), "E", meals="ONE", days=(1, 10), suitable=["OLDER"], where="竹业 包装厂"),
    Job("普工", "纺织厂挡车", "看机器接线头，有师傅带", (2200, 2600), "HOUR", "08:00", 8, (4, 10), "E", meals="ONE", days=(1, 7), transport="厂车接送", where="纺织"),
    Job("竹木加工工", "竹筷厂选料", "挑竹片分等，坐着干", (17000, 20000), "DAY", "08:00", 8, (3, 6), "E", meals="ONE", where="竹业"),
    Job("家庭保洁", "日常打扫", "三室一厅打扫，擦窗不擦外面", (3000, 4000), "HOUR", "14:00", 3, (1, 1), "H", suitable=["OLDER"]),
    Job("开荒保洁", "新房开荒", "装修完第一次打扫，带工具", (5000, 6000), "HOUR", "08:00", 6, (1, 2), "H", tools="自带毛巾"),
    Job("物业保洁", "小区楼道保洁", "扫楼道拖地倒垃圾", (16000, 17000), "DAY", "07:00", 8, (1, 3), "E", suitable=["OLDER"], where="物业"),
    Job("医院护工", "医院陪护", "照看一位老人，喂饭翻身", (24000, 28000), "DAY", "07:00", 12, (1, 1), "H", suitable=["OLDER"]),
    Job("助老陪伴", "陪老人聊天买菜", "陪着走走，买菜做伴", (2500, 3000), "HOUR", "08:30", 3, (1, 1), "H", suitable=["OLDER"]),
    Job("果园采摘工", "摘脐橙", "剪果装筐，有人挑担", (16000, 19000), "DAY", "07:00", 8, (6, 14), "FC", outdoor=True, meals="ONE", transport="村口有车接", form="SEASONAL", suitable=["OLDER"], where="脐橙 果蔬 果园"),
    Job("水果分选工", "分选脐橙", "坐着挑果分级装箱", (2200, 2300), "HOUR", "08:00", 8, (4, 10), "CF", form="SEASONAL", meals="ONE", suitable=["OLDER"], where="脐橙 果蔬 果园 农场"),
    Job("食用菌采收工", "采香菇", "棚里采菇剪脚", (2200, 2300), "HOUR", "06:30", 6, (3, 8), "FC", form="SEASONAL", suitable=["OLDER"], where="食用菌 农场"),
    Job("蔬菜采收工", "割芥菜", "地里割菜捆把，按斤算", (40, 60), "JIN", "06:00", 6, (4, 8), "FC", quantity=2400, outdoor=True, form="SEASONAL", where="果蔬 农场"),
    Job("建筑小工", "工地小工", "搬砖拌浆，听师傅安排", (18000, 21000), "DAY", "06:30", 9, (2, 6), "E", outdoor=True, meals="ONE", where="建筑 装饰"),
    Job("工地清渣工", "清渣装袋", "拆下来的渣土装袋下楼", (19000, 22000), "DAY", "05:30", 9, (3, 6), "E", outdoor=True, meals="ONE", tools="自带手套", where="建筑 装饰"),
    Job("砌筑工", "砌围墙", "砌砖墙，图纸有人看", (29000, 32000), "DAY", "06:30", 9, (1, 3), "E", outdoor=True, meals="ONE", where="建筑"),
    Job("贴砖工", "贴卫生间瓷砖", "墙砖地砖都要贴", (32000, 35000), "DAY", "07:30", 8, (1, 2), "EH", where="建筑 装饰 家"),
    Job("促销员", "超市促销", "试吃摊位，嘴甜就行", (16000, 18000), "DAY", "09:00", 8, (1, 3), "M", where="超市"),
    Job("理货员", "超市理货", "补货上架，盘点", (2200, 2400), "HOUR", "07:00", 6, (1, 4), "M", where="超市"),
    Job("家具安装工", "装柜子", "上门装三个柜子，工具自己带", (12000, 18000), "ORDER", "09:00", 4, (1, 1), "H", quantity=1, tools="自带工具"),
    Job("直播助理", "直播间场控", "上链接回评论，会用电脑", (2500, 3000), "HOUR", "18:30", 4, (1, 1), "M", where="网店"),
    Job("检票引导员", "景区检票引导", "门口检票指路", (16000, 18000), "DAY", "07:30", 8, (2, 6), "E", outdoor=True, meals="ONE", where="旅游"),
]  # fmt: skip

SHOPS = {
    "E": ["{place}恒丰纸箱厂", "{place}青山竹业", "{place}顺达物流货站", "{place}闽中建筑劳务", "{place}锦绣物业", "{place}鑫源纺织", "{place}金湖旅游服务", "{place}福江电商园", "{place}三农配送中心", "{place}永丰包装厂", "{place}大丰食品厂", "{place}嘉和装饰"],
    "M": ["{boss}记沙县小吃", "{boss}家大排档", "{place}好又多超市", "{boss}师傅饭店", "{place}江滨酒楼", "{boss}姐水果店", "{place}惠民生活超市", "{boss}记早点铺", "{place}客家菜馆", "{boss}家网店"],
    "C": ["{place}绿源果蔬合作社", "{place}高山茶业合作社", "{place}富民食用菌合作社", "{place}山水脐橙合作社"],
    "F": ["{boss}家庭农场", "{boss}家果园"],
    "H": ["{boss}{title}家"],
}  # fmt: skip
STREETS = ["江滨路", "新市中路", "列东街", "沙洲路", "崇宁路", "东新路", "建设路", "府前街", "环城路", "文昌路"]
WORKER_WORDS = [
    "人很好，话不多给得准时",
    "和说的一样，中午有饭",
    "活有点重，钱没差",
    "老板娘和气，还给水喝",
    "准时结的，下次还去",
    "",
]
CARD_TIMES = ["早上六点到下午四点", "白天都行", "周末两天", "农闲这个月都行", "晚上六点以后"]
CARD_WORDS = ["干过五年，手快", "能吃苦，听安排", "离家近就行", "会用叉车", "做饭洗碗都行", ""]
EMPLOYER_WORDS = ["手脚麻利", "来得早，活细", "老师傅，放心", "下次还叫", "不用盯", ""]
BAD_WORDS = ["说好八小时，干了九个多小时", "饭没管，说话难听"]
PHRASES_TO_TAKE_DOWN = Job(
    "电商打包员", "在家打包日结", "坐在家里就能做，手机联系", (2500, 2500), "HOUR", "09:00", 6, (5, 5), "M"
)
