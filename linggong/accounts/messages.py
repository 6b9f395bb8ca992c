"""Text messages the platform sends: one template per key, as registered with the provider.

A provider only sends registered templates, so `words` is what the operator registers and the template's number
at the provider stands in the setting "sms_templates" (key → "SMS_…"). Keys not listed here use "notice".
"""

from dataclasses import dataclass

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
