"""Which trade: the longest word of the trade tables that stands in the sentence."""

import re
from collections.abc import Sequence
from functools import lru_cache

from linggong.postings.sentence.reading import Mark, Pad, TradeWord

# Ways of speaking that name a trade without its name; each points at words to look up in the tables.
_SPEECH = (
    (
        r"(?:香蕉|芒果|桔子|柑橘|砂糖橘|沃柑|葡萄|苹果|柚子|脐橙|杨梅|荔枝|龙眼|水果|蜜柚)(?:打包|装箱|分拣|分选|包装|挑选|分级)",
        ("分选", "选果", "挑果", "包装水果"),
    ),
    (
        r"(?:香蕉|芒果|桔子|柑橘|砂糖橘|沃柑|葡萄|苹果|柚子|脐橙|荔枝|龙眼|蜜柚|水果|果子)采摘|(?:摘|采)(?:香蕉|芒果|沃柑|砂糖橘|柚子|脐橙|荔枝|龙眼|苹果|水果)",
        ("摘果子", "摘果", "水果采摘"),
    ),
    (r"杨梅采摘", ("摘杨梅",)),
    (r"茶叶?采摘", ("采茶",)),
    (r"夜市.{0,4}(?:帮忙|帮工|摆摊|烤串)", ("夜市帮工",)),
    (r"刷.{0,4}(?:墙|房间?|屋子?)", ("刷墙", "刷漆", "涂料工")),
    (
        r"(?:演唱会|音乐节|球赛).{0,8}保安|(?:临时)?保安.{0,4}(?:演唱会|音乐节|球赛)",
        ("活动保安", "保安（临时）", "临时安保"),
    ),
    (r"临时保安|保安.{0,4}顶班", ("保安（临时）", "临时安保")),
    (r"接个?(?:孩子|小孩|娃)", ("接娃", "接送孩子")),
    (r"打扫(?!卫生)|收拾屋子", ("打扫卫生",)),
    (r"洗空调", ("空调清洗",)),
    (
        r"[装卸搬扛挑背抬下](?:化肥|肥料|饲料|水泥|砖头?|沙子?|石头|木[头材料]|板材|瓷砖|大米|粮食?|煤|钢筋|竹子|货柜|柜)"
        r"|[卸搬扛挑抬](?:蔬菜|菜|水果|西瓜|桔子|橘子|家具|家电|设备|桶装水|树|箱子?)|下货",
        ("搬货", "装卸", "卸货"),
    ),
    (r"大扫除", ("打扫卫生",)),
    (r"[喷打]农药", ("打药",)),
    (r"[看守]店(?!铺?装)", ("营业员", "店员")),
)
_NO_TRADE = frozenset({
    "操作", "小时", "钟点", "临时", "计时", "生产", "安全", "资料",
    "服务", "加油", "快递", "信号", "测量", "技术", "地面", "工地",
    "检验", "安检", "广告", "管理", "仓库管理", "物业", "市调", "访问",
    "推广", "收款", "补货", "监考", "抄表", "开荒", "配料", "称重",
    "设备", "建筑", "水电", "质检", "办公室文", "行政文", "领工", "就业专",
    "景区服务", "会展服务", "酒店客房服务",
})  # fmt: skip
"""Stems of trade names that are everyday words: nobody who says 安全 looks for an 安全员."""
_FILLER = frozenset("招聘急诚要找请 ")


def read_trade(pad: Pad, trades: Sequence[TradeWord]) -> TradeWord | None:
    """The trade named by the longest word; of equal words, the one said first."""
    words = _index(tuple(trades))
    best: tuple[int, int, int] | None = None
    chosen: TradeWord | None = None
    chosen_end = 0
    hits: dict[str, int] = {}
    for _start, _end, trade in _hits(pad.said, words):
        hits[trade.trade_code] = hits.get(trade.trade_code, 0) + 1
    for start, end, trade in _hits(pad.said, words):
        key = (end - start, hits[trade.trade_code], -start)
        if best is None or key > best:
            best, chosen, chosen_end = key, trade, end
    if chosen is None or best is None or best[0] < 4:
        squeezed = _squeezed(pad.said, words, longer_than=best[0] if best else 3)
        if squeezed is not None:
            start, chosen_end, chosen = squeezed
            best = (chosen_end - start, 1, -start)
    if chosen is None or best is None:
        return None
    start = -best[2]
    pad.facts |= {"trade_code": chosen.trade_code, "trade_word": pad.text[start:chosen_end]}
    pad.marks.append(Mark(start, chosen_end, "trade"))
    return chosen


def cross_out_trades(pad: Pad, trades: Sequence[TradeWord]) -> None:
    """Trade words are no place names: 仓库管理员 is not at a 仓库."""
    for start, end, _ in _hits(pad.said, _index(tuple(trades))):
        pad.left = pad.left[:start] + "\x00" * (end - start) + pad.left[end:]


def _hits(said: str, words: tuple[dict[str, TradeWord], int, tuple]) -> list[tuple[int, int, TradeWord]]:
    table, longest, speech = words
    found = []
    for start in range(len(said)):
        for length in range(min(longest, len(said) - start), 1, -1):
            trade = table.get(said[start : start + length])
            if trade is not None:
                found.append((start, start + length, trade))
                break
    for pattern, trade in speech:
        found += [(hit.start(), hit.end(), trade) for hit in pattern.finditer(said)]
    return found


def _squeezed(said: str, words: tuple, longer_than: int) -> tuple[int, int, TradeWord] | None:
    """电子厂招普工 holds 电子厂普工: the same search with 招, 要 and digits left out."""
    kept = [n for n, char in enumerate(said) if char not in _FILLER and not char.isdigit()]
    if len(kept) == len(said):
        return None
    hits = [
        hit for hit in _hits("".join(said[n] for n in kept), (words[0], words[1], ())) if hit[1] - hit[0] > longer_than
    ]
    if not hits:
        return None
    start, end, trade = max(hits, key=lambda hit: (hit[1] - hit[0], -hit[0]))
    return kept[start], kept[end - 1] + 1, trade


@lru_cache(maxsize=8)
def _index(trades: tuple[TradeWord, ...]) -> tuple[dict[str, TradeWord], int, tuple]:
    table: dict[str, TradeWord] = {}
    for trade in trades:
        for word in _forms(trade.name):
            table.setdefault(word, trade)
    for trade in trades:
        for synonym in trade.synonyms:
            for word in _forms(synonym):
                table.setdefault(word, trade)
    for trade in trades:
        for word in (trade.name, *trade.synonyms):
            for form in _forms(word):
                # 采茶工 is also said 采茶; only trades that no other trade names outright.
                if len(form) >= 3 and form[-1] in "工员" and form[:-1] not in _NO_TRADE:
                    table.setdefault(form[:-1], trade)
    speech = []
    for pattern, names in _SPEECH:
        trade = next((table[name] for name in map(_bare, names) if name in table), None)
        if trade is not None:
            speech.append((re.compile(pattern), trade))
    return table, max(map(len, table), default=0), tuple(speech)


def _forms(word: str) -> list[str]:
    """木工（建筑） is also 木工; 后厨帮工/切配 is both; a word of one character is none."""
    inner = re.findall(r"[(（]([^)）]*)[)）]", word)
    outer = re.sub(r"[(（][^)）]*[)）]", "", word)
    parts = [part.strip().lower() for part in outer.split("/")]
    if inner and parts:
        parts.append(inner[0].lower() + parts[0])
    return [part for part in parts if len(part) >= 2]


def _bare(word: str) -> str:
    forms = _forms(word)
    return forms[-1] if "（" in word and forms else word
