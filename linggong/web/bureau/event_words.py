"""Events of the journal in an auditor's words."""

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from linggong.core.models import Event

NOUNS = {
    "posting": __("这个活"), "engagement": __("用工"), "attendance": __("这一班"), "agreement": __("用工约定"),
    "policy": __("保险"), "settlement": __("工钱"), "case": __("反映"), "review": __("审核"), "rating": __("评价"),
    "shift": __("班次"), "regionrule": __("规定"), "grant": __("角色"), "employer": __("雇主"), "user": __("账号"),
    "worker": __("工友"), "setting": __("设置"), "staff": __("岗位"), "payout": __("付款"),
    "digest": __("用工信息"), "message": __("消息"), "grid": __("居民网格"),
    "party": __("一起报名"), "companion": __("同去的人"),
    "call": __("自动电话"), "wechatlink": __("微信绑定"), "wechatmessage": __("微信提醒"),
}  # fmt: skip

WORDS = {
    "posting.draft": __("写好了活，还没发"), "posting.submitted": __("把活交上来"), "posting.reviewing": __("进了审核"),
    "posting.published": __("活发出去了"), "engagement.confirmed": __("双方定下了"), "attendance.expected": __("排好了这一班"),
    "agreement.accepted": __("在约定上点了同意"), "settlement.created": __("记下了要付的工钱"),
    "agreement.pdf_made": __("生成了签章文件"), "agreement.pdf_wanted": __("要生成签章文件"),
    "attendance.contested": __("工友说自己到了"), "attendance.disputed": __("工友对数目有意见"),
    "attendance.hurt": __("报了受伤"), "attendance.not_as_told": __("工友说和说的不一样"),
    "attendance.sent_later": __("没网时记的，后来补上"), "attendance.uncovered": __("老板写明没有保险"),
    "attendance.uncovered_accepted": __("工友知道没有保险"), "case.step": __("办了一步"),
    "policy.late": __("开工前还没买上保险，报了警"), "policy.entered_by_hand": __("人工补录保单"),
    "policy.heard_again": __("保险公司又来了一次消息"), "posting.changed": __("改了条件，重新审"),
    "digest.made": __("出了一份用工信息"), "digest.told": __("用工信息发过了"), "grid.registered": __("登记了居民网格"),
    "party.one_left": __("同去的人有一位退出，告诉了别人"),
    "message.said": __("发了一条消息"), "message.reported": __("举报了一条消息"),
    "posting.edited": __("改了内容"), "posting.fast_passed": __("快车道放行"), "posting.funded": __("工钱存好了"),
    "posting.repeated": __("再发一次"), "posting.would_miss_start": __("审核可能赶不上开工，报了警"),
    "rating.hidden": __("评价被隐藏"), "rating.serious": __("评价里有要紧的事"), "rating.submitted": __("写了评价"),
    "rating.visible": __("评价公开了"), "regionrule.approved": __("第二个人批准了规定"),
    "regionrule.entered": __("录入了规定"), "regionrule.withdrawn": __("停用了规定"), "review.rung": __("叫了值班审活员"),
    "review.approved": __("审核放行"), "review.returned": __("审核退回"), "review.rejected": __("审核不通过"),
    "settlement.completed": __("算好了工钱"), "settlement.decided": __("有争议的工钱定了"),
    "settlement.deducted": __("记了扣款"), "settlement.overdue": __("工钱超时没付"),
    "settlement.silent": __("说付了，工友没回话"), "shift.called_off": __("这一班不干了"), "shift.freed": __("空出了位置"),
    "setting.set": __("改了设置"), "grant.given": __("给了角色"), "grant.ended": __("收回了角色"),
    "call.pressed": __("接了自动电话，按了键"), "wechatlink.allowed": __("在微信允许了一条提醒"),
    "user.id_set": __("登记了身份证"), "user.made": __("建了账号"), "staff.added": __("加了工作人员"),
    "staff.ended": __("撤了工作人员"),
}  # fmt: skip

_MODELS = {
    "engagement": "engagements", "attendance": "engagements", "posting": "postings", "agreement": "agreements",
    "policy": "insurance", "settlement": "payments", "case": "cases", "employer": "employers", "worker": "workers",
    "party": "engagements", "companion": "engagements",
    "call": "accounts", "wechatlink": "accounts", "wechatmessage": "accounts",
}  # fmt: skip


def said(event: Event) -> str:
    """What happened: a sentence of its own, else the noun and the state it came to."""
    if event.name in WORDS:
        return str(WORDS[event.name])
    noun, _dot, state = event.name.partition(".")
    called = NOUNS.get(noun, _("记录"))
    label = _label(noun, state)
    return f"{called}：{label}" if label else _("{noun}有变动").format(noun=called)


def _label(noun: str, state: str) -> str:
    """The state in the words of its own model."""
    if noun not in _MODELS:
        return ""
    choices = apps.get_app_config(_MODELS[noun]).get_model(noun)._meta.get_field("state").flatchoices
    return str(dict(choices).get(state, ""))
