"""Questions about people: who is this, what may they do, what did they agree to, who looked at them."""

import hashlib
from datetime import datetime, time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from linggong.accounts import ids
from linggong.accounts.consents import text_of
from linggong.accounts.models import (
    Assisted,
    Call,
    Consent,
    Deletion,
    Device,
    Grant,
    IdentityCheck,
    Look,
    Notice,
    Setting,
    Sms,
    Tally,
    User,
    WechatGrant,
    WechatLink,
    WechatMessage,
)
from linggong.core.asking import Count as HowMany
from linggong.core.asking import Question, ask
from linggong.core.clock import at, local, today
from linggong.core.sealed import fingerprint, unseal
from linggong.reference import queries as reference

LOOKS_PER_DAY = 60
AWAY_LONG = timedelta(days=60)  # operators give a number out again after 90 days
SWEEP_AFTER = timedelta(minutes=1)  # before that, a message is its reaction's business
CALL_OVER = timedelta(minutes=5)  # the provider's records of a call are complete some minutes after it ended
CALL_LOST = timedelta(minutes=15)  # after that nobody will report it any more
WECHAT_LATE = timedelta(minutes=5)  # so long a code of WeChat can be exchanged


# --- who ----------------------------------------------------------------------------------------------------


def by_phone(phone: str) -> User | None:
    """The person with this number (11 digits)."""
    return by_phone_hash(fingerprint("phone", phone))


def by_phone_hash(phone_hash: str) -> User | None:
    """The person whose number has this fingerprint."""
    return User.objects.filter(phone_hash=phone_hash).first()


def by_id_number(number: str) -> User | None:
    """The person with this ID number."""
    return User.objects.filter(id_hash=fingerprint("id", ids.clean_id(number))).first()


def by_code(code: str) -> User | None:
    """The person with this public code."""
    return User.objects.filter(code=code).first()


def find(text: str) -> QuerySet[User]:
    """People for the staff's search box: an exact phone or ID number, the last four digits, or a whole name."""
    text = text.strip()
    digits = "".join(text.split()).upper()
    found = Q(name=text)
    if len(digits) == 4 and digits.isdigit():
        found = Q(phone_tail4=digits) | Q(id_tail4=digits)
    elif len(digits) == 11 and digits.isdigit():
        found = Q(phone_hash=fingerprint("phone", digits))
    elif len(digits) == 18:
        found = Q(id_hash=fingerprint("id", digits))
    return User.objects.filter(found, is_active=True).exclude(name="").order_by("pk")


# --- identity ------------------------------------------------------------------------------------------------


def verified_check(user: User) -> IdentityCheck | None:
    """The check that proved who this is."""
    return (
        IdentityCheck.objects.filter(user=user, state=IdentityCheck.State.VERIFIED)
        .order_by("answered_at", "pk")
        .first()
    )


def is_verified(user: User) -> bool:
    """Has anybody proved who this is?"""
    return verified_check(user) is not None


def identity_of(user: User) -> str:
    """ "unverified", "pending", "verified" or "failed"; one verified check outweighs every other."""
    return ask(identity_question(user))


def identity_question(user: User) -> Question[str]:
    """`identity_of`, to be asked together with other things."""
    states = IdentityCheck.objects.filter(user=user).order_by("-asked_at", "-pk").values_list("state", flat=True)
    proved = IdentityCheck.State.VERIFIED
    return Question([states], lambda said: proved.value if proved in said else next(iter(said), "unverified"))


def latest_check(user: User) -> IdentityCheck | None:
    """The last check, for the page that waits for it."""
    return IdentityCheck.objects.filter(user=user).order_by("-asked_at", "-pk").first()


# --- staff ---------------------------------------------------------------------------------------------------


def grants_of(user: User) -> QuerySet[Grant]:
    """Roles somebody holds now."""
    return Grant.objects.filter(user=user, ended_at=None).order_by("pk")


def holders_of(role: str) -> QuerySet[Grant]:
    """Who holds this role anywhere."""
    return Grant.objects.filter(role=role, ended_at=None).select_related("user").order_by("pk")


def has_role(user: User, role: str, division_code: str = "") -> bool:
    """Does somebody hold `role` over this division? A role in a division covers everything inside it."""
    codes = grants_of(user).filter(role=role).values_list("division_code", flat=True)
    return any(reference.covers(code, division_code) for code in codes)


def has_second_factor(user: User) -> bool:
    """Has this person an authenticator app? Asked before risky acts."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def device(token: str) -> Device | None:
    """The enrolled desk computer this cookie belongs to."""
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    return Device.objects.filter(token_hash=token_hash, ended_at=None).first()


def devices_of(venue_code: str) -> QuerySet[Device]:
    """The enrolled desk computers of a venue."""
    return Device.objects.filter(venue_code=venue_code, ended_at=None).order_by("pk")


def settings() -> dict[str, Any]:
    """What the operator entered about itself, by key."""
    return ask(settings_question())


def settings_question() -> Question[dict[str, Any]]:
    """`settings`, to be asked together with other things."""
    return Question([Setting.objects.values_list("key", "value")], dict)


def setting(key: str, default: Any = None) -> Any:
    """One word of the operator."""
    value = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    return default if value is None else value


# --- looking, consents, inbox --------------------------------------------------------------------------------


def looks_at(user: User) -> QuerySet[Look]:
    """谁看过我的信息, newest first. Pages show the role, never the viewer's name (reliability.md 7.6)."""
    return Look.objects.filter(subject=user).order_by("-at", "-pk")


def looks_left(viewer: User, role: str) -> int:
    """How many full views this person still has today."""
    budget = setting("look_budget", LOOKS_PER_DAY)
    if isinstance(budget, dict):
        budget = budget.get(role, LOOKS_PER_DAY)
    return int(budget) - Look.objects.filter(viewer=viewer, at__gte=at(today(), 0)).count()


def looks_of(viewer: User) -> QuerySet[Look]:
    """What a member of staff looked at, newest first, for the weekly check by the bureau."""
    return Look.objects.filter(viewer=viewer).select_related("subject").order_by("-at", "-pk")


def busiest_viewers(since: datetime) -> list[tuple[User, int]]:
    """Who looked most since then: the bureau's list of outliers, at most 20."""
    counts: dict[int, int] = {}
    for viewer_id in Look.objects.filter(at__gte=since).values_list("viewer_id", flat=True):
        counts[viewer_id] = counts.get(viewer_id, 0) + 1
    top = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:20]
    people = User.objects.in_bulk([pk for pk, _ in top])
    return [(people[pk], count) for pk, count in top]


def consents_of(user: User) -> QuerySet[Consent]:
    """Everything agreed to, withdrawn ones too, newest first."""
    return Consent.objects.filter(user=user).order_by("-given_at", "-pk")


def has_consented(user: User, purpose: str) -> bool:
    """Does a consent to this purpose stand?"""
    return Consent.objects.filter(user=user, purpose=purpose, withdrawn_at=None).exists()


def was_asked(user: User, purpose: str) -> bool:
    """Did somebody ever say yes to this purpose, even if they took it back later?"""
    return Consent.objects.filter(user=user, purpose=purpose).exists()


def wants_sms(user: User) -> bool:
    """Messages about one's own deals need no consent, but whoever said stop is left in peace."""
    said = Consent.objects.filter(user=user, purpose="sms").values_list("withdrawn_at", flat=True)
    return not said or None in said


def inbox(user: User) -> QuerySet[Notice]:
    """What somebody was told, newest first."""
    return Notice.objects.filter(user=user).order_by("-at", "-pk")


def unread_count(user: User) -> int:
    """How many notices wait to be read."""
    return ask(unread_question(user))


def unread_question(user: User) -> Question[int]:
    """`unread_count`, to be asked together with other things."""
    return Question([HowMany(Notice.objects.filter(user=user, read_at=None))], int)


def assisted_for(user: User) -> QuerySet[Assisted]:
    """What others did for somebody, newest first."""
    return Assisted.objects.filter(acting_for=user).select_related("acted_by").order_by("-at", "-pk")


# --- messages ------------------------------------------------------------------------------------------------


def is_quiet(moment: datetime) -> bool:
    """Are these the hours in which nobody wants to be woken? RegionRule quiet_hours."""
    starts, ends = quiet_hours(moment)
    clock = local(moment).time()
    return (clock >= starts or clock < ends) if starts > ends else starts <= clock < ends


def waiting_sms(moment: datetime) -> list[Sms]:
    """Messages the sweep should try now: left over, not in somebody's hands, and allowed at this hour."""
    free = Q(lease_until=None) | Q(lease_until__lte=moment)
    waiting = Sms.objects.filter(free, state=Sms.State.WAITING, useful_until__gt=moment)
    waiting = waiting.filter(created_at__lte=moment - SWEEP_AFTER)
    if is_quiet(moment):
        waiting = waiting.filter(urgent=True)
    return list(waiting.order_by("-urgent", "pk")[:500])


def waiting_calls(moment: datetime) -> list[Call]:
    """Calls the sweep should place now: left over, and in nobody's hands."""
    free = Q(lease_until=None) | Q(lease_until__lte=moment)
    rows = Call.objects.filter(free, state=Call.State.WAITING, useful_until__gt=moment)
    return list(rows.filter(created_at__lte=moment - SWEEP_AFTER).order_by("pk")[:200])


def calls_without_end(moment: datetime) -> list[Call]:
    """Calls placed some minutes ago of which no report came: ask, or give up."""
    free = Q(lease_until=None) | Q(lease_until__lte=moment)
    return list(
        Call.objects.filter(free, state=Call.State.PLACED, placed_at__lte=moment - CALL_OVER).order_by("pk")[:200]
    )


def calls_about(model: Any, codes: list[str]) -> dict[str, Call]:
    """The automatic calls about these rows of a model, by the code of the row."""
    rows = Call.objects.filter(about_type=model._meta.label_lower, about_code__in=codes)
    return {call.about_code: call for call in rows}


def sms_about_rows(model: Any, numbers: dict[str, str | None]) -> dict[str, Sms]:
    """The last message about each of these rows of a model: what became of it.

    `numbers` is the code of each row with the keyed hash of the number it was sent to.
    """
    hashes = {known for known in numbers.values() if known}
    rows = Sms.objects.filter(
        phone_hash__in=hashes, about_type=model._meta.label_lower, about_code__in=list(numbers)
    ).order_by("pk")
    return {sms.about_code: sms for sms in rows if sms.phone_hash == numbers[sms.about_code]}


def wechat_of(user: User) -> WechatLink | None:
    """The last tie to WeChat, whatever became of it."""
    return WechatLink.objects.filter(user=user).order_by("-pk").first()


def wechat_grants(link: WechatLink) -> QuerySet[WechatGrant]:
    """What the person allowed in WeChat and no message has used yet."""
    return WechatGrant.objects.filter(link=link, link__state=WechatLink.State.LINKED, spent_at=None).order_by("pk")


def waiting_wechat(moment: datetime) -> list[WechatMessage]:
    """WeChat messages the sweep should try now, as `waiting_sms`."""
    free = Q(lease_until=None) | Q(lease_until__lte=moment)
    rows = WechatMessage.objects.filter(free, state=WechatMessage.State.WAITING, created_at__lte=moment - SWEEP_AFTER)
    if is_quiet(moment):
        rows = rows.filter(urgent=True)
    return list(rows.select_related("notice__user", "grant__link").order_by("pk")[:500])


def wechat_unanswered(moment: datetime) -> QuerySet[WechatLink]:
    """Ties whose code cannot be exchanged any more."""
    return WechatLink.objects.filter(state=WechatLink.State.ASKED, asked_at__lte=moment - WECHAT_LATE).order_by("pk")


def sms_trouble(since: datetime) -> dict[str, int]:
    """Messages since then by state, for the health page and the sign-in page ("短信可能到不了")."""
    states = Sms.objects.filter(created_at__gte=since).values_list("state", flat=True)
    return {state: list(states).count(state) for state in Sms.State.values}


def under_age_refused(since: datetime) -> int:
    """How many under sixteen were turned away since then: a number, nothing else was kept."""
    rows = Tally.objects.filter(kind="under_age_refused", window_at__gte=since)
    return sum(rows.values_list("count", flat=True))


# --- the person's own data -----------------------------------------------------------------------------------


def export_of(user: User) -> dict[str, Any]:
    """A person's own data as plain JSON (PIPL art. 45). Apps above add their own parts to it."""
    return {
        "person": {
            "code": user.code,
            "name": user.name,
            "phone": unseal(user, "phone_sealed"),
            "id_number": unseal(user, "id_sealed"),
            "birth_on": user.birth_on.isoformat() if user.birth_on else "",
            "registered_at": user.created_at.isoformat(),
            "identity": identity_of(user),
        },
        "identity_checks": [
            {"method": c.get_method_display(), "state": c.get_state_display(), "at": c.asked_at.isoformat()}
            for c in IdentityCheck.objects.filter(user=user).order_by("pk")
        ],
        "consents": [
            {
                "purpose": text_of(c.purpose, c.version).title,
                "version": c.version,
                "words": text_of(c.purpose, c.version).words,
                "how": c.get_how_display(),
                "given_at": c.given_at.isoformat(),
                "withdrawn_at": c.withdrawn_at.isoformat() if c.withdrawn_at else "",
            }
            for c in consents_of(user)
        ],
        "notices": [{"at": n.at.isoformat(), "text": n.text} for n in inbox(user)],
        "wechat": [
            {"openid": unseal(k, "openid_sealed"), "state": k.get_state_display(), "at": k.asked_at.isoformat()}
            for k in WechatLink.objects.filter(user=user).order_by("pk")
        ],
        "calls": [
            {"at": c.created_at.isoformat(), "state": c.get_state_display(), "pressed": c.pressed}
            for c in Call.objects.filter(user=user).order_by("pk")
        ],
        "looks": [{"at": k.at.isoformat(), "role": k.role, "what": k.what, "reason": k.reason} for k in looks_at(user)],
        "assisted": [{"at": a.at.isoformat(), "act": a.act, "receipt": a.receipt} for a in assisted_for(user)],
    }


def deletion_of(user: User) -> Deletion | None:
    """The open request to close the account."""
    return Deletion.objects.filter(user=user, state=Deletion.State.REQUESTED).first()


def deletions_due(moment: datetime) -> QuerySet[Deletion]:
    """Requests whose seven days are over: a floor that sees all floors asks whether anything is still open."""
    return (
        Deletion.objects.filter(state=Deletion.State.REQUESTED, due_at__lte=moment)
        .select_related("user")
        .order_by("pk")
    )


def must_prove(user: User, moment: datetime) -> bool:
    """Was this person away so long that the phone may have a new owner? Then a code alone is not enough."""
    return bool(user.id_hash) and moment - (user.last_login or user.created_at) >= AWAY_LONG


def quiet_hours(moment: datetime) -> tuple[time, time]:
    """From when to when nobody is woken; the window may run over midnight."""
    starts, ends = reference.setting("quiet_hours", on=local(moment).date())
    return time.fromisoformat(starts), time.fromisoformat(ends)
