"""What the basic service costs a worker or an employer: nothing, and no setting can change that.

人社部发〔2023〕65号 (2023-12-26): gig markets are part of the public employment service and give the basic
service free of charge; mission row GX-06.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PRICE_FEN: Final[Mapping[str, int]] = MappingProxyType(
    {"registration": 0, "posting": 0, "ranking": 0, "contact": 0, "matching": 0, "agreement": 0, "payment": 0}
)
