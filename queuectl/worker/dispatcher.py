"""A pool's dispatcher: hands jobs to workers, settles what has ended, and alone talks to the store."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from queuectl.core.job import State
from queuectl.core.pool import PoolRecord
from queuectl.core.turn import Look, Turned
from queuectl.errors import QueuectlError
from queuectl.worker import descriptors
from queuectl.worker.brakes import Brakes
from queuectl.worker.channel import Channel
from queuectl.worker.clerk import Clerk, may_pass
from queuectl.worker.clock import wall_ms
from queuectl.worker.crew import Crew, Given, Hand
from queuectl.worker.events import Events
from queuectl.worker.loop import Loop
from queuectl.worker.messages import Ended, Gone, Hired, Hung, Progress, Ready, Report, Retired, StopAsked, Wanted, Why
from queuectl.worker.outbox import Outbox
from queuectl.worker.plan import PoolPlan
from queuectl.worker.poolfile import PoolFile, alive
from queuectl.worker.pulse import Pulse
from queuectl.worker.salvor import Salvor
from queuectl.worker.standing import Standing
from queuectl.worker.turns import Turns

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore


class Dispatcher:
    """Decides in one thread; the store's own thread is the clerk's."""

    def __init__(self, plan: PoolPlan, file: PoolFile, keeper: Channel, record: PoolRecord, first: bool) -> None:
        """`first`: no dispatcher of this pool has worked before."""
        descriptors.take_all()
        self._drain, self._file, self._keeper, self._first = plan.drain, file, keeper, first
        self._standing = Standing(record)
        self._events = Events(file.name, bounded=plan.ready_fd is not None)
        self._loop = Loop()
        self._crew = Crew(file.name, self._loop, self._reported)
        self._outbox = Outbox()
        self._brakes = Brakes(self._in_trouble)
        store, self._ears = plan.open_store(file.name)
        self._clerk = Clerk(store, plan.place, file.name, plan.queues)
        self._turns = Turns(self._standing, file, self._crew, self._outbox, self._clerk, self._brakes, self._events)
        self._salvor = Salvor(self._clerk, file, record, self._outbox, self._events)
        self._pulse = Pulse(self._clerk, self._standing, self._salvor, self._looked)
        self._ready = self._beginning = self._listening = self._staff_changed = self._done = False
        self._owes_progress = self._work_left = True

    def run(self) -> None:
        """Work until the pool was told to stop and nothing is left to do, or the keeper is gone."""
        self._loop.watch(self._keeper.fileno(), self._hear_keeper)
        self._loop.watch(self._clerk.answered, self._clerk.deliver)
        self._clerk.begin(self._looked, lambda _: self._turns.expect_work(), self._tick, self._give_up)
        while not self._done:
            self._advance(time.monotonic())
            if not self._done:
                self._loop.turn(0 if self._gathered() else self._patience_s())
        self._events.flush()
        self._clerk.close()
        self._ears.close()
        if self._standing.stop is not None:  # else the keeper is gone
            self._keeper.send(self._standing.stop)

    def _give_up(self, error: BaseException) -> None:
        """End at once, so that the keeper begins anew with another dispatcher."""
        self._events.say(f"the dispatcher failed: {error!r}")
        os._exit(1)

    def _tick(self, store: PoolStore) -> bool:
        """With each look, in the store's thread."""
        self._salvor.tick(store)
        return self._pulse.tick(store)

    # --- the loop ---

    def _advance(self, now: float) -> None:
        for heard in self._outbox.release(now):
            self._turns.settle(heard)
        for hand in self._crew.overdue(now):
            self._keeper.send(Hung(hand.slot))
        self._trim()
        self._listen()
        self._use_store()
        self._finish_if_done()
        self._turns.say_begun()
        self._events.flush()

    def _use_store(self) -> None:
        if time.monotonic() < self._brakes.store_from:
            return
        if not self._ready:
            if not self._beginning and not self._failed:
                self._beginning = True
                self._clerk.ask(self._begin, self._begun)
            return
        if self._may_register:
            self._staff_changed = False
            self._pulse.register(self._crew.records(), self._registered)
        while self._turns.due() and time.monotonic() >= self._brakes.store_from:
            self._turns.take(self._turn_taken)

    def _patience_s(self) -> float | None:
        now = time.monotonic()
        ends = [self._outbox.next_release(), self._crew.next_overdue()]
        moments = [*ends, self._brakes.next_try(now)]
        soonest = min((moment for moment in moments if moment is not None), default=None)
        return None if soonest is None else max(0.0, soonest - now) + 0.001

    def _gathered(self) -> bool:
        """While all have more to do, or must wait, let reports come in: to be woken for each takes longer than that."""
        wait_s = self._turns.gather_s()
        if wait_s > 0:
            self._clerk.await_answer(wait_s)
        return wait_s > 0

    def _listen(self) -> None:
        """Pokes concern only a pool with a free worker."""
        wanted = self._standing.stop is None and bool(self._crew.free())
        if wanted and not self._listening:
            self._loop.watch(self._ears.fileno(), self._poked)
        elif self._listening and not wanted:
            self._loop.forget(self._ears.fileno())
        self._listening = wanted

    def _poked(self) -> None:
        """Somebody added work, or asked something of pools: work first, it is what people wait for."""
        more = self._ears.drain()
        self._turns.expect_work()
        self._use_store()
        if more:
            self._ask_look(always=False)

    def _finish_if_done(self) -> None:
        ended = self._standing.stop is not None and self._nothing_to_do and (self._ready or self._failed)
        if ended and not self._done:
            self._done = True
            if not self._failed:
                self._clerk.ask(lambda store: store.unregister(self._standing.record.name), lambda _: None)

    @property
    def _failed(self) -> bool:
        """Whether the pool ends because the store cannot be used any more."""
        return self._standing.stop is not None and bool(self._standing.stop.message)

    @property
    def _nothing_to_do(self) -> bool:
        return self._crew.idle and self._outbox.empty and not self._turns.under_way and not self._salvor.busy

    # --- what the store answers ---

    def _begin(self, store: PoolStore) -> Look | None:
        """Register, and take over what a dispatcher of this name left: the keeper saw its workers dead."""
        if before := self._pulse.look(store):
            self._salvor.take_in(before)  # what it gives back is judged by the settings of now
        self._salvor.take_over(store, self._standing.record, has_file=not self._first)
        store.register(self._standing.record, [])
        return self._pulse.look(store)

    def _begun(self, answer: object) -> None:
        self._beginning = False
        if isinstance(answer, Look):
            self._ready = True
            self._keeper.send(Ready())
            self._pulse.begin(answer.others)
            others = [pool.name for pool in answer.others if alive(self._clerk.place, pool.name)]
            if others:
                self._events.say(f"works beside {', '.join(others)}")
        self._looked(answer)

    def _turn_taken(self, answer: object) -> None:
        if not isinstance(answer, Turned):
            self._store_trouble(answer)
            return
        self._brakes.store_accepted()
        ended = any(job is not None and job.state is not State.PENDING for job in answer.settled)
        if ended and self._owes_progress:
            self._owes_progress = False
            self._keeper.send(Progress())
        if answer.settled and not answer.claimed and self._drain and self._nothing_to_do:
            self._ask_look(always=True)
        self._work_left |= bool(answer.settled or answer.claimed)
        self._end_if_drained()

    def _ask_look(self, always: bool) -> None:
        self._clerk.ask(lambda store: self._pulse.look(store, always), self._looked)

    @property
    def _may_register(self) -> bool:
        told = self._standing.stop_to_tell and not self._nothing_to_do
        return bool(self._staff_changed or told) and not self._failed

    def _registered(self, error: object) -> None:
        self._staff_changed |= isinstance(error, QueuectlError) and may_pass(error)
        self._store_trouble(error)

    def _store_trouble(self, error: object) -> None:
        """Wait if it may pass; else end what runs, for nothing of it can be stored, and say why."""
        if not isinstance(error, QueuectlError):
            return
        if may_pass(error) and not self._standing.out_of_patience:
            self._brakes.store_refused(error.message, time.monotonic())
            return
        self._outbox.clear()
        self._begin_stop(Ended(4, error.message, error.hint), force=True)

    def _in_trouble(self, reason: str) -> None:
        self._file.say(reason)
        self._events.say(reason or "works again")

    # --- looks: what others have asked for ---

    def _looked(self, answer: object) -> None:
        if not isinstance(answer, Look):
            self._store_trouble(answer)  # or None: nothing has changed
            return
        self._standing.settings = answer.settings
        self._salvor.take_in(answer)
        self._turns.mind_claims(answer, self._salvor.holds)
        if answer.pool is None:
            self._staff_changed = self._ready
        else:
            self._mind_wishes(answer.pool)
        self._turns.expect_work()
        self._work_left = answer.work_left
        self._end_if_drained()

    def _end_if_drained(self) -> None:
        if self._drain and not self._work_left and self._nothing_to_do:
            self._begin_stop(Ended(0), force=False)

    def _mind_wishes(self, pool: PoolRecord) -> None:
        record = self._standing.record
        if pool.wanted != record.wanted:
            self._standing.record = record._replace(wanted=pool.wanted)
            self._keeper.send(Wanted(pool.wanted))
        if pool.stop:
            self._begin_stop(Ended(0), force=pool.stop == "force")

    # --- the keeper's words ---

    def _hear_keeper(self) -> None:
        try:
            for message in self._keeper.receive():
                match message:
                    case Hired():
                        self._crew.hire(message, Channel.adopt(self._keeper.take_descriptor()), wall_ms())
                        self._staff_changed = True
                    case Gone():
                        self._gone(message)
                    case StopAsked(force):
                        self._begin_stop(Ended(130 if force else 0), force)
                        self._standing.stop_to_tell = "force" if force else "drain"
        except EOFError:
            self._done = True

    def _gone(self, gone: Gone) -> None:
        hand = self._crew.lose(gone.slot)
        self._staff_changed = self._owes_progress = True
        if hand is not None:
            self._turns.lost(hand, gone)

    def _reported(self, hand: Hand, given: Given, report: Report) -> None:
        if report.trouble:
            self._brakes.host_lacks(report.trouble, time.monotonic())
        elif report.result is not None:
            self._brakes.host_provides()
        self._turns.heard(hand, given, report)

    # --- fewer workers, and none ---

    def _trim(self) -> None:
        """Let free workers go that are more than wanted, the last ones first."""
        surplus = len(self._crew.hands) - self._standing.record.wanted
        if surplus <= 0 or not self._ready:
            return
        for hand in sorted(self._crew.free(), key=_slot, reverse=True)[:surplus]:
            self._keeper.send(Retired(hand.slot))
            self._crew.dismiss(hand)
            self._staff_changed = True

    def _begin_stop(self, ended: Ended, force: bool) -> None:
        """Claim nothing more; `force` ends what runs as well."""
        if self._standing.ask_stop(ended):
            self._events.say(ended.message or ("stopping" if force else "stopping once what runs has ended"))
            self._crew.recall()
        if force and self._standing.force_stop():
            for hand, job in self._crew.busy():
                self._crew.end(hand, job, Why.STOP, self._standing.settings.kill_grace_s)


def _slot(hand: Hand) -> int:
    return hand.slot
