"""The index of this process, alive: built in the background, kept in step by reading what changed, dropped when in doubt.

Whoever asks gets it only while it is in step; else the database answers, and the answer is the same.
"""

import heapq
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import close_old_connections, connection

from linggong.core.clock import now
from linggong.matching import weighing
from linggong.matching.engine.board import Board, Seen
from linggong.matching.engine.index import Asked, WorkerIndex
from linggong.matching.engine.postings import PostingIndex, Seeker
from linggong.matching.live import board, checking, columns, watching
from linggong.matching.live.watching import EMPLOYER, POSTING, WORKER
from linggong.matching.score import Weights
from linggong.postings.filters import Filters
from linggong.postings.models import Posting, Shift
from linggong.workers.models import Worker

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""So often it looks for changes: a change is seen within two seconds, a slow look included."""
STALE_S = 5.0
CHECK_S = 60.0
AGAIN_S = 5.0
FORGET_S = 3600.0
WEEK_QUARTERS = 8 * 96
NOBODY_ASKS = Asked(lat=0.0, lng=0.0, trade=0, now=0)
NOBODY_LOOKS = Seeker(lat=0.0, lng=0.0, reach_m=0, now=0)


class Live:
    """One index of workers and one of postings, with what is needed to keep them true.

    `step` does everything once; `keep_running` lets a thread do it on and on. Between the two halves of a change
    nobody reads: one lock for both.
    """

    def __init__(self, report: Callable[..., None] | None = None) -> None:
        """`report` takes how the index does, once a minute (`actions.report_index`)."""
        self.report = report
        self.workers: Any = None
        self.postings: Any = None
        self.board: Any = None
        self.numbers = columns.Numbers()
        self.kinds = board.Kinds()
        self.weights: Weights | None = None
        self.weights_of = ""
        self.built_at: datetime | None = None
        self.last_check: checking.Checked | None = None
        self._place = watching.Place()
        self._due: list[tuple[datetime, str, int]] = []
        self._in_step_at = 0.0
        self._checked_at = time.monotonic()
        self._forgot_at = time.monotonic()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._writing = False

    # --- asking ----------------------------------------------------------------------------------------------

    def in_step(self) -> bool:
        """Whether it may answer: built, whole, and looked at the database in the last five seconds."""
        return self.workers is not None and not self._writing_broke() and self.behind_s() <= STALE_S

    def behind_s(self) -> float:
        """Seconds since the look at the database that everything up to now was read by."""
        return time.monotonic() - self._in_step_at

    def weighs(self, weights: Weights) -> bool:
        """Whether its points are made by these weights."""
        return self.weights is not None and weights == self.weights

    def best_workers(self, posting: Posting, shifts: Sequence[Shift], moment: datetime, k: int) -> list[int] | None:
        """Keys of the k best for a posting, best first; None when it was dropped meanwhile."""
        with self._lock:
            if self.workers is None:
                return None
            return self.workers.best(columns.asked(posting, shifts, moment, self.numbers), k).keys.tolist()

    def best_postings(
        self, worker: Worker, place: tuple[float, float], reach_m: int, moment: datetime, k: int, *,
        only: Sequence[str] = (),
    ) -> list[int] | None:  # fmt: skip
        """Keys of the k best postings for a worker at a place, of the trades `only` if given; None when dropped."""
        numbers = self.numbers
        seeker = columns.seeker(worker, place, reach_m, moment, numbers, only=only)
        with self._lock:
            if self.postings is None or numbers is not self.numbers:  # built anew meanwhile: other numbers
                return None
            return self.postings.best(seeker, k).keys.tolist()

    def listed(
        self, filters: Filters, moment: datetime, order: str, *, skip: int, limit: int,
        around: tuple[float, float, int] | None, trades: tuple[str, ...] | None,
    ) -> Seen | None:  # fmt: skip
        """One page of what is out, as `postings.queries` would give it; None when only the database can say."""
        with self._lock:
            if self.board is None:
                return None
            asked = board.look(
                self.kinds, filters, moment, order, skip=skip, limit=limit, around=around, trades=trades
            )  # fmt: skip
            return None if asked is None else board.seen(self.board, asked)

    # --- keeping in step -------------------------------------------------------------------------------------

    def build(self) -> None:
        """Everything anew from the database. What changes while it is read is noted and read again."""
        watching.install()
        began, moment, place, numbers = time.monotonic(), now(), watching.start(), columns.Numbers()
        weights, weights_of = weighing.of_the_index(moment)
        most = weighing.most(weights)
        people = columns.of_workers(numbers, moment)
        work = columns.of_postings(numbers, moment)
        kinds, out = board.Kinds(), Board()
        shown = board.rows_of(kinds, moment)
        out.put(shown.rows)
        workers, postings = WorkerIndex.build(most, people.columns), PostingIndex.build(most, work.columns)
        workers.best(NOBODY_ASKS)  # kernels are made ready here and not by the first who asks
        postings.best(NOBODY_LOOKS)
        out.look(board.NOTHING)
        with self._lock:
            self.workers, self.postings, self.numbers = workers, postings, numbers
            self.board, self.kinds = out, kinds
            self.weights, self.weights_of, self.built_at = weights, weights_of, moment
            self._place, self._writing = place, False
            self._due = [(at, WORKER, key) for at, key in people.due] + [(at, EMPLOYER, key) for at, key in work.due]
            self._due += [(at, POSTING, key) for at, key in shown.due]
            heapq.heapify(self._due)
            self._in_step_at = began

    def catch_up(self) -> int:
        """Read again whatever changed since the last look, or ran out by the clock. Returns how many rows.

        Raises watching.FellBehind.
        """
        began, moment = time.monotonic(), now()
        found = watching.news(self._place)
        while self._due and self._due[0][0] <= moment:
            _at, kind, key = heapq.heappop(self._due)
            found.setdefault(kind, set()).add(key)
        postings = found.get(POSTING, set())
        if owners := found.get(EMPLOYER):
            postings = postings | set(columns.out_of(sorted(owners)))
        people = found.get(WORKER, set())
        self.read_again(WORKER, people, moment)
        self.read_again(POSTING, postings, moment)
        self._in_step_at = began
        return len(people) + len(postings)

    def read_again(self, kind: str, keys: Collection[int], moment: datetime) -> None:
        """These rows as they are now, gone ones out."""
        of = columns.of_workers if kind == WORKER else columns.of_postings
        index, whose = (self.workers, WORKER) if kind == WORKER else (self.postings, EMPLOYER)
        rest = sorted(keys)
        for at in range(0, len(rest), columns.AT_ONCE):
            some = rest[at : at + columns.AT_ONCE]
            read = of(self.numbers, moment, some)
            shown = board.rows_of(self.kinds, moment, some) if kind == POSTING else None
            gone = sorted(set(some) - set(read.columns.key.tolist()))
            with self._lock:
                self._writing = True
                index.remove(gone)
                index.put(read.columns)
                if shown is not None:
                    self.board.remove(some)
                    self.board.put(shown.rows)
                self._writing = False
            for when, key in read.due:
                heapq.heappush(self._due, (when, whose, key))
            for when, key in shown.due if shown is not None else ():
                heapq.heappush(self._due, (when, POSTING, key))

    def check(self, how_many: int = 1000) -> "checking.Checked":
        """Compare so many random workers, and as many postings, with the database; what differs is read again."""
        self.catch_up()
        self.last_check = checking.check(self, how_many)
        self._checked_at = time.monotonic()
        if self.last_check.drift:
            logger.error("the live index differed from the database: %s", self.last_check)
        return self.last_check

    def reading(self, ask: Callable[[Any, Any], Any]) -> Any:
        """`ask(workers, postings)` while nobody writes them."""
        with self._lock:
            return ask(self.workers, self.postings)

    def drop(self) -> None:
        """Forget everything: the database answers until it is built again."""
        with self._lock:
            self.workers = self.postings = self.board = None
            self._writing = False

    def step(self) -> None:
        """Build when there is nothing, else catch up; once a minute check and tell; once an hour forget."""
        if self.workers is None or self._writing or self._reweighed():
            self.build()
        try:
            self.catch_up()
        except watching.FellBehind:
            self.build()
            self.catch_up()
        if time.monotonic() - self._checked_at >= CHECK_S:
            self.check()
            self._tell()
        if time.monotonic() - self._forgot_at >= FORGET_S:
            self._forgot_at = time.monotonic()
            with self._lock:
                self.workers.forget(columns.quarter(now()) - WEEK_QUARTERS)

    def _reweighed(self) -> bool:
        """Other weights came into force, or a trigger fell: both are looked for once a minute."""
        if time.monotonic() - self._checked_at < CHECK_S:
            return False
        weights, of = weighing.of_the_index(now())
        return weights != self.weights or of != self.weights_of or not watching.installed()

    def _tell(self) -> None:
        said = self.last_check
        if self.report is None or said is None:
            return
        self.report(
            process=f"{socket.gethostname()}:{os.getpid()}", built_at=self.built_at, workers=said.workers,
            postings=said.postings, behind_ms=int(self.behind_s() * 1000), checked=said.checked, drift=said.drift,
        )  # fmt: skip

    def _writing_broke(self) -> bool:
        """A writer that died half way leaves its mark; one that is at work holds the lock and is waited for."""
        return self._writing and not self._lock.locked()

    # --- on its own ------------------------------------------------------------------------------------------

    def keep_running(self) -> None:
        """See to it that a thread keeps this in step; one that died is replaced."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="live-index", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread; for tests and for a process that goes down in order."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._stop.wait(self._stepped())
        finally:  # also when the thread is killed: the mark of a broken write stays, the connection does not
            connection.close()

    def _stepped(self) -> float:
        """One step, whatever comes of it; says how long to wait for the next."""
        try:
            close_old_connections()
            self.step()
        except Exception:  # whatever it was: an index in doubt answers nobody
            logger.exception("the live index is dropped and built anew; the database answers meanwhile")
            self.drop()
            return AGAIN_S
        return LOOK_S
