"""What allauth needs to know: our people have phones and codes, not user names and passwords."""

from types import SimpleNamespace
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from linggong.accounts.models import User
from linggong.core.sealed import fingerprint, seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up through allauth's own pages: people are made by accounts.actions."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (unseal(user, "phone_sealed"), True) if user.phone_hash else None

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone_hash=fingerprint("phone", phone)).first()

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        raise RuntimeError("a phone changes through accounts.actions.change_phone")

    def set_phone_verified(self, user: User, phone: str) -> None:
        return None

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        raise RuntimeError("codes are asked for through accounts.actions.ask_code")


class MFAAdapter(DefaultMFAAdapter):
    """TOTP for staff; the name in the authenticator app is the surname form, never the phone.

    The seeds are sealed like every other secret; allauth asks without a row, so they share one place.
    """

    def get_totp_label(self, user: User) -> str:
        return user.called

    def encrypt(self, text: str) -> str:
        return seal(_Seed(), "sealed", text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(_Seed(encrypted_text), "sealed")


class _Seed:
    """What core.sealed wants to know of a row."""

    _meta = SimpleNamespace(db_table="mfa_authenticator")
    code = "data"

    def __init__(self, sealed: str = "") -> None:
        self.sealed = sealed
