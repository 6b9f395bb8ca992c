"""Every expected no about a posting, in the words an employer, a worker or a reviewer reads."""

from django.utils.translation import gettext_lazy as _

from linggong.core.refusals import Refused


class NotCommitted(Refused):
    """The employer has not accepted the current commitment (GX-26)."""

    message = _("发活之前要先看一遍用工承诺书，点“我承诺”就能接着发")


class TooMuch(Refused):
    """A newly registered employer may ask for few people and days (decision 9)."""

    message = _("刚登记的老板一次最多招 5 个人、3 天。交齐材料核实后就没有这个限制")


class TooLate(Refused):
    """The work was to begin before this moment."""

    message = _("开工时间已经过了，请改一下时间再交")


class Unlawful(Refused):
    """A change says something that may not be published; `findings` name words, law and a lawful wording."""

    message = _("改的内容不能发，请按提示改几个字")
    status = 422

    def __init__(self, findings: list) -> None:
        self.findings = findings
        super().__init__(
            "；".join(dict.fromkeys(f.message for f in findings)), fields={f.field: f.message for f in findings}
        )


class InReview(Refused):
    """Nothing is waiting for a decision here."""

    message = _("这条已经有人审过了，请看一下现在的样子")


class SelfReview(Refused):
    """Who collected the posting, or acts for the employer, may not review it."""

    message = _("这条是你自己收的或发的，要请另一位同事来审")


class NoReasons(Refused):
    """A return or rejection needs at least one reason the employer can act on."""

    message = _("请至少写一条原因，老板好照着改")
    status = 422


class Full(Refused):
    """Every place of the shift is taken."""

    message = _("刚刚招满了。可以排队等空位，或看看附近别的活")


class HeldForNew(Full):
    """What is free is held for people who never worked here, for a stated time."""

    message = _("剩下的位子先留给第一回来的人。没人来就放给大家，先排个队")


class Started(Refused):
    """The shift has begun."""

    message = _("这一班已经开工了，请选别的日子或别的活")


class CalledOff(Refused):
    """The shift was called off."""

    message = _("这一班老板说不干了，请选别的日子或别的活")


class NotOpen(Refused):
    """The posting takes nobody now."""

    message = _("这个活现在不招人，看看附近别的活")


class StillBound(Refused):
    """People are bound to come to a shift that has not begun."""

    message = _("已经有人定下了。要停工请先点“今天不干了”，系统会马上告诉他们")
