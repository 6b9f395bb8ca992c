"""Kernels that join people with postings: for each trade of a person, the rows of squares within reach.

Postings lie sorted by trade, row of squares and longitude, so that each row within reach is one stretch of memory.
"""

import math
from typing import Any

import numpy as np

from linggong.matching.engine import points
from linggong.matching.engine.changes import BLOCKED, CHECKED, TAKING, find
from linggong.matching.engine.compiled import long_kernel, part
from linggong.matching.engine.facts import BITS, BUSY, WEEK, hour_bits, paper_bit, week_bits
from linggong.matching.engine.grid import CELL_MICRO, ITEMS, METRES_PER_MICRO, MICRO, NOBODY

JOB = np.dtype([
    ("hours", "u8"), ("papers", "u8"), ("cos", "f8"), ("y", "i4"), ("x", "i4"), ("item", "i4"), ("fen", "i4"),
    ("minutes", "i4"), ("cell", "i4"), ("trade", "i4"), ("owner", "i4"), ("needs", "u4"),
])  # fmt: skip
FINE = 2e-5  # the flat distance with both cosines, up to 60 km
FINE_M = 0.8
FAR_M = 60_000
LACKS = np.uint64(7 << 60)


@long_kernel
def jobs_of(grid: Any, now: int, buffer: int) -> Any:
    """Every posting that can be had now, as the join needs it."""
    jobs = np.empty(grid.counts[ITEMS], JOB)
    count = 0
    for item in range(grid.counts[ITEMS]):
        it = grid.items[item]
        if it.row == NOBODY or not it.open or it.until <= now:
            continue
        hours, papers, week, at = np.uint64(0), np.uint64(0), np.uint32(0), it.link
        while at != NOBODY:
            fact = grid.links[at]
            if fact.kind != BUSY:
                papers |= paper_bit(fact.kind - 1)
            elif fact.a * 15 > now:
                hours |= hour_bits(fact.a - buffer, fact.b + buffer)
                week |= week_bits(fact.a, fact.b)
            at = fact.next
        jobs[count].hours, jobs[count].papers, jobs[count].cos = hours, papers, it.cos
        jobs[count].y, jobs[count].x = grid.rows[it.row].y, grid.rows[it.row].x
        jobs[count].item, jobs[count].fen, jobs[count].minutes = item, it.fen, it.minutes
        jobs[count].cell = grid.rows[it.row].y // CELL_MICRO
        jobs[count].trade, jobs[count].owner = it.trade, it.owner
        jobs[count].needs = week | np.uint32(papers >> np.uint64(BITS - WEEK))
        count += 1
    return jobs[:count]


@long_kernel
def people_of(grid: Any) -> Any:
    """Everybody who takes work, was checked and has a place and a trade."""
    people, count = np.empty(grid.counts[ITEMS], np.int64), 0
    for item in range(grid.counts[ITEMS]):
        if grid.items[item].flags == TAKING + CHECKED and grid.items[item].row != NOBODY:
            people[count] = item
            count += 1
    return people[:count]


@long_kernel
def owner_map(theirs: Any, ours: Any, count: int) -> Any:
    """For each employer of the posting index its number in the worker index, or NOBODY."""
    found = np.full(count + 1, NOBODY, np.int64)
    for at in range(theirs.shape[0]):
        if theirs[at, 0] != NOBODY:
            found[theirs[at, 1]] = find(ours, theirs[at, 0])
    return found


def keys_of(jobs: np.ndarray) -> np.ndarray:
    """One number per posting that sorts by trade, row of squares and longitude."""
    row, x = jobs["cell"].astype(np.int64) + 4096, jobs["x"].astype(np.int64) + 180 * MICRO
    return ((jobs["trade"].astype(np.int64) << 13) + row << 29) + x


def stretches_of(jobs: np.ndarray) -> tuple[np.ndarray, int]:
    """Where each row of squares of each trade begins among sorted postings, and the lowest row there is."""
    if not len(jobs):
        return np.zeros((0, 2), np.int64), 0
    lowest, rows = int(jobs["cell"].min()), int(np.ptp(jobs["cell"])) + 2
    key = jobs["trade"].astype(np.int64) * rows + (jobs["cell"] - lowest)
    return np.searchsorted(key, np.arange((int(jobs["trade"].max()) + 1) * rows)).reshape(-1, rows), lowest


@long_kernel
def still_free(theirs: Any, items: Any, start: Any, posting: Any, picks: Any, buffer: int, now: int) -> Any:
    """For each pair whether the posting leaves the buffer to every posting the worker was given before."""
    free = np.ones(posting.shape[0], np.bool_)
    for w in range(start.shape[0] - 1):
        for s in range(picks.shape[1]):
            if picks[w, s] == NOBODY:
                continue
            for e in range(start[w], start[w + 1]):
                free[e] = free[e] and apart(theirs, items[picks[w, s]], items[posting[e]], buffer, now)
    return free


@long_kernel
def weights_of(start: Any, posting: Any, weight: Any, who: Any, whom: Any) -> Any:
    """The weight of some pairs."""
    found = np.zeros(who.shape[0], np.int64)
    for n in range(who.shape[0]):
        for e in range(start[who[n]], start[who[n] + 1]):
            if posting[e] == whom[n]:
                found[n] = weight[e]
    return found


@part
def apart(theirs: Any, one: int, other: int, buffer: int, now: int) -> bool:
    """Whether all shifts to come of two postings leave the buffer between them."""
    a = theirs.items[one].link
    while a != NOBODY:
        b = theirs.items[other].link
        while b != NOBODY:
            f, g = theirs.links[a], theirs.links[b]
            to_come = f.kind == BUSY and g.kind == BUSY and f.a * 15 > now and g.a * 15 > now
            if to_come and f.a < g.b + buffer and g.a < f.b + buffer:
                return False
            b = theirs.links[b].next
        a = theirs.links[a].next
    return True


@part
def first_from(xs: Any, low: int, high: int, x: int) -> int:
    """The first of a line of postings that lies no farther west than x."""
    while low < high:
        middle = (low + high) // 2
        if xs[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@part
def clear_of(grid: Any, worker: int, theirs: Any, posting: int, now: int, buffer: int) -> bool:
    """Whether no promised hours come nearer than the buffer to a shift to come."""
    mine = grid.items[worker].link
    while mine != NOBODY:
        if grid.links[mine].kind == BUSY:
            at = theirs.items[posting].link
            while at != NOBODY:
                fact = theirs.links[at]
                near = grid.links[mine].a < fact.b + buffer and fact.a - buffer < grid.links[mine].b
                if near and fact.kind == BUSY and fact.a * 15 > now:
                    return False
                at = fact.next
        mine = grid.links[mine].next
    return True


@part
def papers_for(grid: Any, worker: int, theirs: Any, posting: int) -> bool:
    """Whether the worker holds every certificate the posting asks for, at its time."""
    at, quarter = theirs.items[posting].link, theirs.items[posting].papers_at
    while at != NOBODY:
        if theirs.links[at].kind != BUSY:
            held, mine = False, grid.items[worker].link
            while mine != NOBODY:
                fact = grid.links[mine]
                held = held or (fact.kind == theirs.links[at].kind and fact.a <= quarter < fact.b)
                mine = fact.next
            if not held:
                return False
        at = theirs.links[at].next
    return True


@part
def past_with(grid: Any, worker: int, owner: int) -> int:
    """Points for the past with an employer; BLOCKED when either side does not want the other."""
    tie = grid.items[worker].tie
    while tie != NOBODY and owner != NOBODY:
        if grid.ties[tie].owner == owner:
            return grid.ties[tie].points
        tie = grid.ties[tie].next
    return 0


@part
def way_points(most: Any, it: Any, theirs: Any, job: Any, flat: float, within: int) -> int:
    """Points for the way, exactly; -1 beyond the reach. The great circle is taken only where the flat one cannot say."""
    low, high = np.int64(max(0.0, flat * (1 - FINE) - FINE_M)), np.int64(flat * (1 + FINE) + FINE_M) + 1
    reach = min(it.reach, within)
    if high <= reach <= FAR_M:
        near, far = points.way(most, low, it.reach), points.way(most, high, it.reach)
        if near == far:
            return near
    to = theirs.items[job.item]
    metres = points.metres(to.lat, to.lng, to.cos, it.lat, it.lng, it.cos)
    return points.way(most, metres, it.reach) if metres <= reach else -1


@long_kernel
def pairs(
    grid: Any, theirs: Any, most: Any, people: Any, begin: int, jobs: Any, xs: Any, ys: Any,
    needs: Any, stretches: Any, lowest: int, owners: Any, now: int, within: int, buffer: int, room: int,
) -> Any:  # fmt: skip
    """(how far it went, pairs of each person, posting and points of each pair) from person `begin` on."""
    degree = np.zeros(people.shape[0] - begin, np.int64)
    posting, weight = np.empty(room, np.int32), np.empty(room, np.int32)
    maybe = np.empty(jobs.shape[0] + 1, np.int32)
    count, n = 0, begin
    while n < people.shape[0] and count + jobs.shape[0] <= room:
        worker, before = people[n], count
        it = grid.items[worker]
        reach = float(min(it.reach, within)) + 2
        r = grid.rows[it.row]
        tall = reach / METRES_PER_MICRO
        sin = abs(math.sin(it.lat * points.DEGREE))
        thin = max(0.01, it.cos - sin * tall * (points.DEGREE / MICRO))
        wide = np.int64(tall / thin) + 1
        squared, narrow = (reach / METRES_PER_MICRO * (1 + FINE)) ** 2, it.cos * thin
        lacks = np.uint32(it.never) | np.uint32((r.mask & LACKS) >> np.uint64(BITS - WEEK))
        wait = points.waiting(most, points.idle_days(np.int64(r.last), now))
        row = it.row
        while row != NOBODY:
            trade = grid.groups[row]
            mine = grid.rows[row]
            low = max(0, (mine.y - np.int64(tall)) // CELL_MICRO - lowest)
            high = min(stretches.shape[1] - 2, (mine.y + np.int64(tall)) // CELL_MICRO - lowest)
            found, east = 0, mine.x + wide
            for cell in range(low, high + 1 if trade < stretches.shape[0] else low):
                end = stretches[trade, cell + 1]
                j = first_from(xs, stretches[trade, cell], end, mine.x - wide)
                while j < end and xs[j] <= east:
                    # no branch: whoever does not fit is written over
                    dy, dx = float(ys[j] - mine.y), float(xs[j] - mine.x)
                    maybe[found] = j
                    found += (dy * dy + narrow * dx * dx <= squared) & (needs[j] & lacks == 0)
                    j += 1
            for f in range(found):
                job = jobs[maybe[f]]
                if job.hours & mine.mask and not clear_of(grid, worker, theirs, job.item, now, buffer):
                    continue
                dy, dx = float(job.y - mine.y), float(job.x - mine.x)
                flat = math.sqrt(dy * dy + it.cos * job.cos * dx * dx) * METRES_PER_MICRO
                way = way_points(most, it, theirs, job, flat, within)
                past = past_with(grid, worker, owners[job.owner])
                if way < 0 or past == BLOCKED or (job.papers and not papers_for(grid, worker, theirs, job.item)):
                    continue
                wish = points.wished(np.int64(it.floor), np.int64(job.minutes))
                weight[count] = mine.base + wait + way + past + points.pay(most, np.int64(job.fen), wish)
                posting[count] = maybe[f]
                count += 1
            row = grid.chain[row]
        degree[n - begin] = count - before
        n += 1
    return n, degree[: n - begin], posting[:count].copy(), weight[:count].copy()
