"""What people agree to: one text per purpose and version, in words one can read out. Old versions stay.

Sources: PIPL arts. 6, 13-15 (clear purpose, free and separate), 23 (giving data to others: who, what for, which
kinds), 25 (no publication without separate consent), 28-30 (sensitive data). Texts are data, not gettext:
a new wording is a new version.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One version of one purpose. `needed`: the service cannot be given without it; all others are a free choice."""

    purpose: str
    version: int
    title: str
    words: str
    needed: bool = False
    receiver: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of what was shown."""
        return hashlib.sha256(f"{self.purpose}\n{self.version}\n{self.title}\n{self.words}".encode()).hexdigest()


TEXTS = (
    Text(
        "service", 1, "用零工市场",
        "我们记下你的姓名、手机号、身份证号和你干过的活，用来帮你找活招人、签约定、算工钱。"
        "身份证号加密存着，老板看不到。不想用了，可以随时注销。",
        needed=True,
    ),
    Text(
        "identity", 1, "核对身份证",
        "把你的姓名和身份证号交给身份核验机构比对一次，只要一个“对”或“不对”的结果。"
        "不想网上核，可以带身份证到服务站窗口看证，效果一样。",
        receiver="身份核验机构",
    ),
    Text(
        "ss_card", 1, "用社保卡核对",
        "把你的姓名、身份证号和社保卡号交给人社部门的社保卡系统比对一次。卡号核完就删，只留最后四位。"
        "没有社保卡不要紧，用身份证或到窗口都行。",
        receiver="人社部门社保卡系统",
    ),
    Text(
        "share_with_employer", 1, "把联系方式给老板",
        "你说“我要去”以后，老板能看到你的姓名和电话，好联系你上工。没定下之前，老板只看得到姓和工种。"
        "身份证号任何时候都不给老板。",
        receiver="这个活的老板",
    ),
    Text(
        "insurer", 1, "买保险要用的信息",
        "给你买这个活的保险时，把你的姓名、身份证号和上工时间交给保险公司，只用来出保单和理赔。",
        receiver="承保的保险公司",
    ),
    Text(
        "wage_account", 1, "发工钱要用的信息",
        "工钱从专户发给你时，把你的姓名、身份证号和收款卡号交给管专户的银行。卡号加密存着，页面上只显示最后四位。",
        receiver="管工钱专户的银行",
    ),
    Text(
        "sms", 1, "短信提醒",
        "有新活、活变了、该上工了，给你发短信。晚上不打扰。不要短信，也能在“消息”里看到。",
    ),
    Text(
        "card_public", 1, "公开找活卡片",
        "把你的姓、工种、想要的工钱和方便的时间放到“找活的人”里给老板看，不放全名、电话和年龄。"
        "老板想找你，要先问你。一点就能藏起来。",
    ),
    Text(
        "location", 1, "用一下你的位置",
        "只在找附近的活、上工打卡的那一刻用一次位置，不跟踪、不记路线。不给位置，也能自己选地方、扫码上工。",
    ),
    Text(
        "photo", 1, "证件照片",
        "你传的证件照片只给核证的工作人员看，存在单独加锁的地方，别人看不到。",
    ),
    Text(
        "hardship", 1, "困难情况",
        "你告诉我们的残疾、低保等情况，只用来帮你办优先和补贴，只有办这件事的工作人员看得到，老板看不到。",
    ),
    Text(
        "assisted", 1, "请工作人员代办",
        "工作人员照你说的替你操作，做了什么都打一张单子给你，手机号有的也发短信告诉你。不对的，三天内说一声就改。",
    ),
)  # fmt: skip


def current(purpose: str) -> Text:
    """The text in force. Raises KeyError for an unknown purpose."""
    versions = [text for text in TEXTS if text.purpose == purpose]
    if not versions:
        raise KeyError(purpose)
    return max(versions, key=lambda text: text.version)


def text_of(purpose: str, version: int) -> Text:
    """The text somebody once agreed to. Raises KeyError."""
    for text in TEXTS:
        if (text.purpose, text.version) == (purpose, version):
            return text
    raise KeyError((purpose, version))


def purposes() -> list[Text]:
    """Every purpose in its current version, in the order of the list above."""
    return [current(purpose) for purpose in dict.fromkeys(text.purpose for text in TEXTS)]
