"""Where a land is cut when one machine is too small: along the lines that few people cross for work. Pure.

Counties are joined, the largest flow first, until there are as many parts as asked for; then a county at a border
moves wherever fewer are cut off. `rounds.pairs` gives the flows: who lives here and could work there.
"""

import numpy as np

SLACK = 1.15  # a part has at most this many times its even share, so that parts take about as long


def flows(lived: np.ndarray, worked: np.ndarray, counties: int) -> np.ndarray:
    """How many go from each county to each, from the two counties of each pair."""
    return np.bincount(lived * counties + worked, minlength=counties * counties).reshape(counties, counties)


def cut(flow: np.ndarray, parts: int) -> np.ndarray:
    """The part (from 0 on) of each county. The same flows give the same parts.

    Raises ValueError when more parts are asked for than there are counties, or none.
    """
    counties = len(flow)
    if not 1 <= parts <= max(counties, 1):
        raise ValueError(f"{counties} counties cannot be cut into {parts} parts")
    both = (flow + flow.T).astype(np.float64)
    np.fill_diagonal(both, 0)
    size = np.maximum(flow.sum(0) + flow.sum(1), 1).astype(np.float64)
    most = SLACK * size.sum() / parts
    part = np.arange(counties)
    joined, weight, room = both.copy(), size.copy(), most
    alive = list(range(counties))
    while len(alive) > parts:
        fits = weight[alive][:, None] + weight[alive][None] <= room
        # per size of the two, or a metropolis would swallow whatever lies around it
        near = np.where(
            fits, (joined[np.ix_(alive, alive)] + 1e-9) / np.sqrt(np.outer(weight[alive], weight[alive])), -1
        )
        np.fill_diagonal(near, -1)
        at = int(near.argmax())
        if near.flat[at] < 0:
            room *= SLACK
            continue
        one, other = sorted((alive[at // len(alive)], alive[at % len(alive)]))
        joined[one] += joined[other]
        joined[:, one] += joined[:, other]
        joined[one, one] = 0
        weight[one] += weight[other]
        part[part == other] = one
        alive.remove(other)
    part = np.searchsorted(np.array(sorted(alive)), part)
    return _settled(both, size, part, parts, max(most, room))


def lost(flow: np.ndarray, part: np.ndarray) -> float:
    """The share of the flows that a cut goes through."""
    return float(flow[part[:, None] != part[None]].sum() / max(1, flow.sum()))


def _settled(both: np.ndarray, size: np.ndarray, part: np.ndarray, parts: int, most: float) -> np.ndarray:
    """Counties move, one at a time, where they have more to do, as long as that cuts less."""
    part = part.copy()
    for _turn in range(4 * len(part)):
        member = np.eye(parts)[part]
        drawn, weight = both @ member, size @ member
        here = drawn[np.arange(len(part)), part]
        alone = member.sum(0)[part] <= 1
        gain = drawn - here[:, None]
        gain[(weight[None] + size[:, None] > most) | alone[:, None]] = -1
        gain[np.arange(len(part)), part] = -1
        at = int(gain.argmax())
        if gain.flat[at] <= 0:
            break
        part[at // parts] = at % parts
    return part
