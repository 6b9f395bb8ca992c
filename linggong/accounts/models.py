"""Nouns: people, what they may do, what they agreed to, what they were told, who looked at them."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful


class UserManager(BaseUserManager["User"]):
    """Finds people; making them is an action."""


class User(AbstractBaseUser, Coded):
    """One natural person, whatever they do here (decision 17).

    Phone and ID number are sealed, found only by their keyed fingerprint. A worker without a phone is a whole
    person: `phone_hash` is then None. `birth_on` comes from the checked ID number, never typed.
    """

    name = models.CharField(max_length=40, blank=True)
    phone_sealed = models.TextField(blank=True)
    phone_hash = models.CharField(max_length=64, unique=True, null=True)
    phone_tail4 = models.CharField(max_length=4, blank=True)
    id_sealed = models.TextField(blank=True)
    id_hash = models.CharField(max_length=64, unique=True, null=True)
    id_tail4 = models.CharField(max_length=4, blank=True)
    birth_on = models.DateField(null=True)
    is_active = models.BooleanField(default=True)
    large_print = models.BooleanField(null=True, help_text="大字版; None: not asked yet")
    language = models.CharField(max_length=10, default="zh-hans")
    pin_hash = models.CharField(max_length=128, blank=True, help_text="staff: change shift on a known desk")
    created_at = models.DateTimeField()

    USERNAME_FIELD = "code"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        indexes = [models.Index(fields=["phone_tail4"], name="user_phone_tail4")]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        """How others may see the person before a deal: surname and 师傅."""
        return _("{surname}师傅").format(surname=self.name[:1]) if self.name else str(_("工友"))

    @property
    def masked_phone(self) -> str:
        """138****0000 without opening the seal: only the tail is known here."""
        return f"1** **** {self.phone_tail4}" if self.phone_tail4 else ""

    @property
    def masked_id(self) -> str:
        """**************1234."""
        return f"{'*' * 14}{self.id_tail4}" if self.id_tail4 else ""


class Role(models.TextChoices):
    """Roles bounded by a division. Membership of a venue or an employer lives with the venue or employer."""

    SUPERVISOR = "supervisor", _("人社局监管")
    AUDITOR = "auditor", _("审计")
    ADMIN = "admin", _("系统管理")
    REVIEWER = "reviewer", _("审活员")
    OFFICER = "officer", _("零工专员")


class Grant(models.Model):
    """A role inside a division and everything below it. `division_code` "" is the whole country."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=12, choices=Role)
    division_code = models.CharField(max_length=12, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "division_code"], condition=Q(ended_at=None), name="grant_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.division_code}"


class IdentityCheck(Stateful, Coded):
    """One attempt to prove who somebody is. The ID number itself is never kept here.

    A person without any row is unverified. The card number waits sealed for the provider and is then erased.
    """

    class Method(models.TextChoices):
        PROVIDER = "provider", _("身份核验接口")
        SS_CARD = "ss_card", _("社保卡核验")
        COUNTER = "counter", _("窗口看证")

    class State(models.TextChoices):
        PENDING = "pending", _("正在核验")
        VERIFIED = "verified", _("核验通过")
        FAILED = "failed", _("没有通过")

    MOVES = {
        State.PENDING: {State.VERIFIED, State.FAILED},
        State.VERIFIED: set(),
        State.FAILED: set(),
    }

    user = models.ForeignKey(User, models.PROTECT, related_name="identity_checks")
    method = models.CharField(max_length=10, choices=Method)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=60, blank=True)
    card_sealed = models.TextField(blank=True, help_text="social-security card, until answered")
    card_tail4 = models.CharField(max_length=4, blank=True)
    token = models.CharField(max_length=80, blank=True, help_text="the provider's proof")
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-asked_at"], name="identity_check_user")]
        constraints = [
            models.CheckConstraint(
                name="identity_check_state", condition=Q(state__in=["pending", "verified", "failed"])
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(state="pending"), name="identity_check_one_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.state}"


class Consent(models.Model):
    """One purpose agreed to, in one version of its text. Withdrawn as easily as given (PIPL art. 15)."""

    class How(models.TextChoices):
        TAP = "tap", _("自己点的")
        SIGNATURE = "signature", _("签字")
        SPOKEN = "spoken", _("当面口头，有工作人员见证")
        RECORDED_CALL = "recorded_call", _("电话录音")

    user = models.ForeignKey(User, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    text_hash = models.CharField(max_length=64)
    how = models.CharField(max_length=14, choices=How)
    witness = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose", "version"], condition=Q(withdrawn_at=None), name="consent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}"


class Notice(models.Model):
    """Something told to a person: a row in their inbox, and where wanted an SMS beside it.

    `about_type` and `about_code` name the row it is about; only web/links.py knows which page that is.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    about_type = models.CharField(max_length=40, blank=True)
    about_code = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="notice_inbox")]

    def __str__(self) -> str:
        return self.text


class Sms(Stateful, Coded):
    """One text message on its way out. The number and any code in it are sealed, and erased once sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等发送")
        SENT = "sent", _("已交运营商")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("没送到")
        EXPIRED = "expired", _("过时没发")

    MOVES = {
        State.WAITING: {State.SENT, State.FAILED, State.EXPIRED},
        State.SENT: {State.DELIVERED, State.FAILED},
        State.DELIVERED: set(),
        State.FAILED: set(),
        State.EXPIRED: set(),
    }

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    template = models.CharField(max_length=40)
    phone_sealed = models.TextField(blank=True)
    phone_hash = models.CharField(max_length=64)
    params_sealed = models.TextField(blank=True)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    urgent = models.BooleanField(default=False, help_text="goes out in the quiet hours too")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, help_text="somebody is sending it right now")
    sent_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=80, blank=True)
    about_type = models.CharField(max_length=40, blank=True)
    about_code = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["provider_ref"], name="sms_provider_ref"),
            models.Index(fields=["created_at"], name="sms_waiting", condition=Q(state="waiting")),
            models.Index(fields=["phone_hash", "-created_at"], name="sms_phone"),
        ]
        constraints = [
            models.CheckConstraint(
                name="sms_state",
                condition=Q(state__in=["waiting", "sent", "delivered", "failed", "expired"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.state}"


class SmsReply(models.Model):
    """What somebody answered by SMS, and the row our last message to that number was about."""

    phone_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    about_type = models.CharField(max_length=40, blank=True)
    about_code = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=200)
    provider_ref = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text


class Call(Stateful, Coded):
    """One automatic telephone call: a question read aloud, answered by a key. Number and words are erased once placed.

    At most one call is made about a row. FAILED means it never rang; UNKNOWN that nobody can say whether it did: neither
    is anybody's silence.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等拨打")
        PLACED = "placed", _("正在打")
        ANSWERED = "answered", _("接了")
        MISSED = "missed", _("没打通")
        FAILED = "failed", _("拨不出去")
        UNKNOWN = "unknown", _("不知道打没打通")
        EXPIRED = "expired", _("过时没打")

    MOVES = {
        State.WAITING: {State.PLACED, State.FAILED, State.EXPIRED},
        State.PLACED: {State.ANSWERED, State.MISSED, State.FAILED, State.UNKNOWN},
        State.ANSWERED: set(),
        State.MISSED: set(),
        State.FAILED: set(),
        State.UNKNOWN: {State.ANSWERED, State.MISSED, State.FAILED},
        State.EXPIRED: set(),
    }

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    template = models.CharField(max_length=40)
    phone_sealed = models.TextField(blank=True)
    params_sealed = models.TextField(blank=True)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, help_text="somebody is placing it, or asking about it, right now")
    placed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=64, blank=True, help_text="CallId; blank: the answer was lost")
    outcome = models.CharField(max_length=12, blank=True, help_text="how it ended, see accounts/messages.py")
    pressed = models.CharField(max_length=1, blank=True, help_text="the first key that answered")
    failure = models.CharField(max_length=80, blank=True)
    about_type = models.CharField(max_length=40)
    about_code = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="call_open", condition=Q(state__in=["waiting", "placed"])),
        ]
        constraints = [
            models.UniqueConstraint(fields=["about_type", "about_code"], name="call_once"),
            models.CheckConstraint(
                name="call_state",
                condition=Q(state__in=["waiting", "placed", "answered", "missed", "failed", "unknown", "expired"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.state}"


class WechatLink(Stateful, Coded):
    """A person's WeChat, tied to the account by their own tap in WeChat and untied by another tap here."""

    class State(models.TextChoices):
        ASKED = "asked", _("等微信回话")
        LINKED = "linked", _("绑好了")
        FAILED = "failed", _("没绑上")
        ENDED = "ended", _("解绑了")

    MOVES = {
        State.ASKED: {State.LINKED, State.FAILED, State.ENDED},
        State.LINKED: {State.ENDED},
        State.FAILED: set(),
        State.ENDED: set(),
    }

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    code_sealed = models.TextField(blank=True, help_text="what WeChat gave the browser, until it was exchanged")
    openid_sealed = models.TextField(blank=True)
    openid_hash = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=["asked", "linked"]), name="wechat_link_one_open"
            ),
            models.UniqueConstraint(
                fields=["openid_hash"], condition=Q(state="linked"), name="wechat_link_one_account"
            ),
            models.CheckConstraint(
                name="wechat_link_state", condition=Q(state__in=["asked", "linked", "failed", "ended"])
            ),
        ]

    def __str__(self) -> str:
        return f"wechat {self.state}"


class WechatGrant(models.Model):
    """One message that somebody allowed in WeChat. It is spent by one message; `scene` tells open grants apart."""

    link = models.ForeignKey(WechatLink, models.CASCADE, related_name="grants")
    scene = models.PositiveSmallIntegerField()
    granted_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "scene"], condition=Q(spent_at=None), name="wechat_grant_scene")
        ]

    def __str__(self) -> str:
        return f"scene {self.scene}"


class WechatMessage(Stateful, Coded):
    """One notice on its way through WeChat instead of a text message; what WeChat does not take goes as a text."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等发送")
        SENT = "sent", _("微信收下了")
        FAILED = "failed", _("微信没收")

    MOVES = {State.WAITING: {State.SENT, State.FAILED}, State.SENT: set(), State.FAILED: set()}

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+")
    grant = models.ForeignKey(WechatGrant, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    sms = models.CharField(max_length=40, help_text="the template of the text message that replaces it")
    urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="wechat_waiting", condition=Q(state="waiting"))]
        constraints = [
            models.CheckConstraint(name="wechat_message_state", condition=Q(state__in=["waiting", "sent", "failed"]))
        ]

    def __str__(self) -> str:
        return f"wechat message {self.state}"


class LoginCode(models.Model):
    """A one-time code: sent by SMS, or printed at a counter when SMS is down or there is no phone.

    Bound to a phone number (or, printed, to a person) and to the browser session that asked.
    """

    phone_hash = models.CharField(max_length=64, blank=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    code_hash = models.CharField(max_length=64)
    bound_to = models.CharField(max_length=64, blank=True)
    address_hash = models.CharField(max_length=64, blank=True, help_text="keyed hash of the network address")
    printed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_hash", "-created_at"], name="login_code_phone"),
            models.Index(fields=["address_hash", "-created_at"], name="login_code_address"),
            models.Index(fields=["code_hash"], name="login_code_code"),
            models.Index(fields=["-created_at"], name="login_code_created"),
        ]

    def __str__(self) -> str:
        return f"code until {self.expires_at}"


class Device(Coded):
    """A shared desk computer, enrolled with a second factor: staff change shift on it by PIN."""

    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=40)
    venue_code = models.CharField(max_length=10, blank=True)
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    wait_until = models.DateTimeField(null=True, help_text="no PIN is taken before, after wrong ones")

    def __str__(self) -> str:
        return self.label


class Tally(models.Model):
    """How often something happened in a window of time, about nobody in particular or about a keyed hash.

    Counted by one UPDATE, so the count holds across processes; while a transaction has counted, another with
    the same key waits. Under-16s who were turned away are counted here, without a word about who they were.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=64, blank=True)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "window_at"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.window_at}: {self.count}"


class Look(models.Model):
    """Somebody looked at another person's data. Shown to that person under 谁看过我的信息."""

    subject = models.ForeignKey(User, models.PROTECT, related_name="+")
    viewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=60)
    what = models.CharField(max_length=40)
    reason = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "-at"], name="look_subject")]

    def __str__(self) -> str:
        return f"{self.what} {self.at}"


class Assisted(Coded):
    """One thing done for somebody by somebody else: how they consented, and the receipt they can keep."""

    acted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(User, models.PROTECT, related_name="+")
    act = models.CharField(max_length=60)
    about_type = models.CharField(max_length=40, blank=True)
    about_code = models.CharField(max_length=12, blank=True)
    consent_how = models.CharField(max_length=14, choices=Consent.How)
    receipt = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["acting_for", "-at"], name="assisted_for")]

    def __str__(self) -> str:
        return self.act


class Deletion(Stateful, Coded):
    """A person wants their account gone (PIPL art. 47). Seven days to change their mind, then it is erased.

    Erased means: name, phone, ID number and inbox are gone; what a law keeps (wage ledger, agreements) stays
    under the person's code alone. `blocked_by` says in words what must be finished first.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("申请注销")
        WITHDRAWN = "withdrawn", _("不注销了")
        ERASED = "erased", _("已注销")

    MOVES = {
        State.REQUESTED: {State.WITHDRAWN, State.ERASED},
        State.WITHDRAWN: set(),
        State.ERASED: set(),
    }

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    blocked_by = models.CharField(max_length=120, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(state="requested"), name="deletion_one_open"),
            models.CheckConstraint(name="deletion_state", condition=Q(state__in=["requested", "withdrawn", "erased"])),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.due_at}"


class Setting(models.Model):
    """A word the operator enters about itself: county, hotline, filings, supervision phone (decision 38)."""

    key = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
