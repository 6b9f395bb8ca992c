"""Every expected no of a deal, in the words a worker or an employer reads."""

from django.utils.translation import gettext_lazy as _

from linggong.core.refusals import Refused


class AlreadyIn(Refused):
    """The worker already stands in this posting."""

    message = _("这个活你已经报过了，到“我的活”里看")


class NotThisWay(Refused):
    """The posting takes people another way."""

    message = _("这个活不是这样进的，请看活的页面上的按钮")


class NoShift(Refused):
    """None of the chosen shifts can still be taken."""

    message = _("选的日子都过了或招满了，请换一天")


class NothingToStore(Refused):
    """Counted work without an amount: nobody knows how much its wages are."""

    message = _("这个活按数量算，还没写一共多少。先点“改”写上大概数量，再来存工钱")


class TermsChanged(Refused):
    """The posting changed between the page and the tap."""

    message = _("老板刚改了条件，请看一下再点一次。你还没有答应任何事")


class Blocked(Refused):
    """A hard limit stands in the way: the sentence names it and what would change it."""

    def __init__(self, blockers: list) -> None:
        self.blockers = blockers
        super().__init__("；".join(str(b.words) for b in blockers))


class CannotInsure(Refused):
    """The trade cannot be insured at all (class none): such work is not arranged here."""

    message = _("这种活没有保险公司肯保，这里不能安排。请打电话问站里")


class TooEarly(Refused):
    """Check-in is not open yet."""

    message = _("还没到打卡时间，开工前 1 小时开始")


class TooLate(Refused):
    """The shift is over."""

    message = _("这一班已经结束了。人到了没打上卡，让老板或站里补")


class TooFar(Refused):
    """The position is not at the site."""

    message = _("离工地还远，打不上卡。扫工地的码或输 6 位数字也行")


class WrongCode(Refused):
    """The code is not the one shown at the site now."""

    message = _("码不对，看一下老板手机上现在的 6 位数字")
    status = 422


class NotReady(Refused):
    """Agreement, cover or money is not ready; the sentence says which."""

    message = _("还差一步才能开工")


class NotOver(Refused):
    """Too soon to claim that somebody did not come."""

    message = _("开工 30 分钟后才能这样说，先打个电话问问")


class TooLateToContest(Refused):
    """A no-show is contested within 48 hours."""

    message = _("过了 48 小时不能在这里改了，打电话给站里帮你看")


class NotRatable(Refused):
    """A rating needs work confirmed, or a no-show or early end that stands (E10)."""

    message = _("干完确认了才能评价")


class RatedAlready(Refused):
    """One rating per side."""

    message = _("你已经评过了")


class BadFigures(Refused):
    """Hours or quantity that cannot be."""

    message = _("工时或数量不对，请再看一下")
    status = 422


class NothingToFill(Refused):
    """No place is free, or the posting takes nobody now."""

    message = _("现在没有空位子，不用叫人。有人退出来再点")


class NobodyKnown(Refused):
    """None of the people of last time can come."""

    message = _("上次那几个人这次都来不了，或今天叫过几次了。点“帮我补满”叫别的人")


class NotYet(Refused):
    """A place is given away only after a message and a call failed, by a person."""

    message = _("现在还不能放掉这个位子")


class PlaceGone(Refused):
    """The cancellation cannot be taken back any more."""

    message = _("位子已经给了别人，或过了能反悔的时间。附近还有别的活，可以排队等")


class HasPlace(Refused):
    """Nobody gave this place away."""

    message = _("你的位子还在，直接打卡就行")


class NotTalking(Refused):
    """The deal is over, or nobody is bound: there is nobody to write to."""

    message = _("这个活已经结束，不能再发消息，有事打站里电话")


class NothingSaid(Refused):
    """An empty or an overlong text."""

    message = _("写一句话，最多 200 个字")
    status = 422


class SaidEnough(Refused):
    """More messages in a day than anybody needs for one piece of work."""

    message = _("今天发得够多了，急事打电话说")


class TooMany(Refused):
    """More people than one application takes, or one alone."""

    def __init__(self, most: int) -> None:
        super().__init__(_("一起报名最少 2 个人，最多 {most} 个人，连你自己").format(most=most))


class TooFewPlaces(Refused):
    """The places left are fewer than the people who want to go together."""

    message = _("剩的位子不够你们一起去，一个都没定。少叫几个人，或各报各的")


class AskedEnough(Refused):
    """One person asks more others in a day than a crew has."""

    message = _("今天叫的人够多了，明天再叫")


class OwnNumber(Refused):
    """The asker is one of the party already."""

    message = _("不用填自己的电话，你已经算一个")
    status = 422


class NotOfParty(Refused):
    """The seats to scan are taken, or the person was never asked."""

    message = _("位子都有人了，让叫你的人再加一个")


class WithOthers(Refused):
    """One of a party is not chosen alone."""

    message = _("这几个人是一起报的名，要选一起选，不选一起不选")
