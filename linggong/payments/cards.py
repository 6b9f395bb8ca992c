"""Numbers of bank cards."""


def is_card(number: str) -> bool:
    """Whether this can be a card number: 12 to 19 digits, the last one checking the others (ISO/IEC 7812-1)."""
    digits = "".join(number.split())
    return digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19 and _checks(digits)


def _checks(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
