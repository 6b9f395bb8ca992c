"""How far people come in a quarter of an hour and in an hour: the speeds, stated once. Pure; metres as the crow flies.

A road is DETOUR times as long as the straight line. The bus is waited for.
"""

from django.utils.translation import gettext as _

WALK_M_PER_MIN = 75  # 4.5 km/h
BIKE_M_PER_MIN = 200  # 12 km/h
BUS_M_PER_MIN = 400  # 24 km/h, stops included
BUS_WAIT_MIN = 8
DETOUR = 1.3


def on_foot_m(minutes: int) -> int:
    """How far away a place may lie to be walked to in time."""
    return int(minutes * WALK_M_PER_MIN / DETOUR)


def by_bike_m(minutes: int) -> int:
    """The same by bicycle."""
    return int(minutes * BIKE_M_PER_MIN / DETOUR)


def by_bus_m(minutes: int) -> int:
    """The same by bus, the wait included; 0 when the time goes by waiting."""
    return int(max(0, minutes - BUS_WAIT_MIN) * BUS_M_PER_MIN / DETOUR)


QUARTER_M = on_foot_m(15)
HOUR_M = max(by_bike_m(60), by_bus_m(60))


def quarter_words() -> str:
    """The method behind the 15-minute circle, as it is printed beside every figure."""
    words = _("步行每小时 4.5 公里，路按直线的 1.3 倍算，15 分钟走得到的是直线 {m} 米以内")
    return words.format(m=QUARTER_M)


def hour_words() -> str:
    """The method behind the one-hour circle."""
    words = _(
        "骑车每小时 12 公里或坐车每小时 24 公里（等车 8 分钟），路按直线的 1.3 倍算，一小时到得了的是直线 {km} 公里以内"
    )
    return words.format(km=f"{HOUR_M / 1000:.1f}".removesuffix(".0"))
