"""Sealed values open only in their own row and column, and are found only by exact value."""

from dataclasses import dataclass

import pytest

from linggong.core import sealed


class _Meta:
    db_table = "people"


@dataclass
class Row:
    code: str
    phone_sealed: str = ""
    id_sealed: str = ""
    _meta = _Meta


def test_a_value_opens_again():
    row = Row("AAAA")
    row.phone_sealed = sealed.seal(row, "phone_sealed", "13800138000")

    assert "13800138000" not in row.phone_sealed
    assert sealed.unseal(row, "phone_sealed") == "13800138000"


def test_a_value_moved_to_another_row_or_column_does_not_open():
    row, other = Row("AAAA"), Row("BBBB")
    token = sealed.seal(row, "phone_sealed", "13800138000")
    other.phone_sealed = row.id_sealed = token

    with pytest.raises(sealed.CannotOpen):
        sealed.unseal(other, "phone_sealed")
    with pytest.raises(sealed.CannotOpen):
        sealed.unseal(row, "id_sealed")


def test_a_flipped_byte_does_not_open():
    row = Row("AAAA")
    token = sealed.seal(row, "phone_sealed", "13800138000")
    row.phone_sealed = token[:-4] + ("A" if token[-4] != "A" else "B") + token[-3:]

    with pytest.raises(sealed.CannotOpen):
        sealed.unseal(row, "phone_sealed")


def test_the_same_value_seals_differently_each_time_but_has_one_fingerprint():
    row = Row("AAAA")

    assert sealed.seal(row, "phone_sealed", "1") != sealed.seal(row, "phone_sealed", "1")
    assert sealed.fingerprint("phone", " 138x ") == sealed.fingerprint("phone", "138X")
    assert sealed.fingerprint("phone", "1") != sealed.fingerprint("id", "1")


def test_an_old_key_still_opens_what_it_sealed(settings):
    row = Row("AAAA")
    row.phone_sealed = sealed.seal(row, "phone_sealed", "13800138000")
    old = settings.SEAL_KEYS[settings.SEAL_KEY_ID]
    settings.SEAL_KEYS = {"k1": old, "k2": sealed.new_key()}
    settings.SEAL_KEY_ID = "k2"

    assert sealed.unseal(row, "phone_sealed") == "13800138000"
    assert sealed.seal(row, "phone_sealed", "1").startswith("v1.k2.")
