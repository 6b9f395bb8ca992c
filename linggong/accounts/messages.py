"""Text messages the platform sends: one template per key, as registered with the provider.

A provider only sends registered templates, so `words` is what the operator registers and the template's number
at the provider stands in the setting "sms_templates" (key → "SMS_…"). Keys not listed here use "notice".
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

PARAM_CHARACTERS_MAX = 35  # the provider refuses longer values of one variable


@dataclass(frozen=True)
class Template:
    """One registered text. `urgent` goes out at night too; after `useful_minutes` it is not sent any more."""

    key: str
    words: str
    urgent: bool = False
    useful_minutes: int = 12 * 60


TEMPLATES = {
    template.key: template
    for template in (
        Template("code", "验证码${code}，5分钟内有效。工作人员不会问你要，别告诉别人。", True, 5),
        Template("notice", "${what}。打开零工市场看详情，不方便就打服务站电话。"),
        Template("called_off", "${what}。今天先别出门，打开零工市场看补偿。", True, 6 * 60),
        Template("changed", "${what}。活有变动，去不去请回复1去、2不去。", True, 6 * 60),
        Template("cancelled", "${what}。先别出门，打开零工市场看别的活。", True, 6 * 60),
        Template("no_show", "${what}。有出入请马上在零工市场说明，或打服务站电话。", True, 6 * 60),
        Template("review_ring", "${what}。请马上打开审活页。", True, 30),
        Template("place", "${what}。有位子了，去的话请尽快点“我要去”。", True, 60),
        Template("confirm", "${what}？去请回复1，去不了回复2，早点说不影响口碑。", True, 3 * 60),
        Template("call_task", "${what}。请尽快处理。", True, 60),
        Template("accident", "${what}。请马上联系现场和服务站。", True, 24 * 60),
        Template("paid", "${what}。收到没有？回复1收到、2没收到。"),
        Template("security", "${what}。不是你本人弄的，请马上到服务站或打服务热线。", True, 24 * 60),
    )
}

# What is looked for rather than owed goes by WeChat where somebody asked for that; a deal's own news stays with SMS.
BY_WECHAT = frozenset({"wish", "invited"})
WECHAT_TITLE_MAX, WECHAT_TEXT_MAX = 15, 200


@dataclass(frozen=True)
class Spoken:
    """What an automatic call says: `words` first, then the answer to each key. Each is a template at the provider."""

    key: str
    words: str
    replies: dict[str, str]
    useful_minutes: int = 10


SPOKEN = {
    spoken.key: spoken
    for spoken in (
        Spoken(
            "confirm", "你好，零工市场打来的。${what}？去，请按1。去不了，请按2。",
            {"1": "好的，位子给你留着。", "2": "知道了，位子让给别人，不影响口碑。"},
        ),
    )
}  # fmt: skip

# How a call ended, by the provider's documented status code → (state, our word). Every other code: it never rang.
ENDINGS = {
    "200000": ("answered", "heard"),
    "200001": ("answered", "hung_up"),
    "200008": ("answered", "no_key"),
    "200002": ("missed", "busy"),
    "200003": ("missed", "no_answer"),
    "200004": ("missed", "no_number"),
    "200005": ("missed", "refused"),
    "200007": ("missed", "no_signal"),
    "200010": ("missed", "off"),
    "200011": ("missed", "suspended"),
}
KEY_PRESSED = "300000"
NOT_OVER = frozenset({KEY_PRESSED, "200100", "200101", "200102", "200201"})
OUTCOMES = {
    "heard": _("接了，没按键"), "hung_up": _("接了，没听完就挂了"), "no_key": _("接了，没按键"),
    "busy": _("占线"), "no_answer": _("没人接"), "no_number": _("号码不对"), "refused": _("挂断了或接不通"),
    "no_signal": _("不在服务区"), "off": _("关机"), "suspended": _("停机"),
}  # fmt: skip


def template(key: str) -> Template:
    """The template for `key`; "notice" for everything that has no words of its own."""
    return TEMPLATES.get(key, TEMPLATES["notice"])


def render(key: str, params: dict[str, str]) -> str:
    """The message as the phone shows it."""
    words = template(key).words
    for name, value in params.items():
        words = words.replace("${" + name + "}", value)
    return words


def shorten(text: str) -> str:
    """`text` as the value of one variable."""
    text = text.strip().rstrip("。")
    return text if len(text) <= PARAM_CHARACTERS_MAX else text[: PARAM_CHARACTERS_MAX - 1] + "…"
