"""The loop of the broker: which run goes to which slot, what is read from it, and what is over its limits.

One thread, nothing that blocks. A task waits until a slot of its kind is idle; a slot takes one task at a time and all
its runs. Two tasks that talk wait for two slots, and take both at once: none is held while its partner waits, so that
pairs cannot wait for each other; for the second a slot is made beyond the number. A slot that fails, dies or does not
end what it should end is replaced, and its run is started once more in a new one; what fails twice is trouble.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable

from tracemill.sandbox.broker.control_groups import Groups
from tracemill.sandbox.broker.settings import BrokerSettings
from tracemill.sandbox.broker.slot import Slot
from tracemill.sandbox.broker.task import QueuedJob, unexplained
from tracemill.sandbox.cage.messages import receive
from tracemill.sandbox.jobs import How

LOOK_SECONDS = 0.025
"""How often the processes of a run are looked at."""
_START_SECONDS = 60.0
_END_SECONDS = 10.0
"""For a slot to end a run once it is to."""
_MOST_FAILURES = 3


class Engine:
    """Submit tasks, then `step` until their sinks say that they are done."""

    def __init__(self, settings: BrokerSettings, defences: frozenset[str], groups: Groups | None) -> None:
        self.settings, self.defences, self.groups = settings, defences, groups
        self.slots: dict[int, Slot] = {}
        self._waiting: deque[QueuedJob] = deque()
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[int], None]] = {}
        self._started_at: dict[int, float] = {}
        self._failures = 0
        self._failure = ""
        self._next_look = 0.0

    def register(self, descriptor: int, handler: Callable[[int], None], events: int = select.POLLIN) -> None:
        """`handler` is called with the events of the descriptor."""
        self._handlers[descriptor] = handler
        self._poll.register(descriptor, events)

    def unregister(self, descriptor: int) -> None:
        if self._handlers.pop(descriptor, None):
            self._poll.unregister(descriptor)

    def submit(self, task: QueuedJob) -> None:
        if task.finished:
            task.close()
            task.sink.done()
            return
        self._waiting.append(task)
        self._assign()

    def submit_again(self, task: QueuedJob) -> None:
        """Next in turn, from the next step on: this may be called in the midst of one."""
        self._waiting.appendleft(task)

    def withdraw(self, task: QueuedJob) -> None:
        """Nobody waits for it any more. Of two that talk, this is asked for each."""
        if task in self._waiting:
            self._waiting.remove(task)
            for one in task.together:
                one.close()
            return
        task.due = task.last
        for slot in self.slots.values():
            if slot.task is task:
                slot.kill()

    def step(self, seconds: float) -> None:
        """Waits for something to happen, at most so long, and does what follows from it."""
        active = any(slot.task or not slot.ready for slot in self.slots.values())
        for descriptor, events in self._poll.poll(min(seconds, LOOK_SECONDS if active else seconds) * 1000):
            handler = self._handlers.get(descriptor)
            if handler:
                handler(events)
        if active and time.monotonic() >= self._next_look:
            self._look()
            self._next_look = time.monotonic() + LOOK_SECONDS
        self._give_up()
        self._assign()

    def close(self) -> None:
        for slot in list(self.slots.values()):
            self._drop(slot)
        if self.groups:
            self.groups.remove()

    @property
    def busy(self) -> bool:
        return bool(self._waiting) or any(slot.task for slot in self.slots.values())

    def _assign(self) -> None:
        """Gives tasks to idle slots, the first come first, and makes slots that are missing."""
        running = sum(slot.task is not None for slot in self.slots.values())
        # Those that are being made are meant for the first in turn, too.
        free = sorted((slot for slot in self.slots.values() if slot.task is None), key=lambda slot: not slot.ready)
        for task in list(self._waiting):
            if running >= self.settings.slots:
                return
            if task.sink.full():
                continue
            most = self.settings.slots + len(task.together) - 1
            try:
                found = [self._slot_for(one, free, most) for one in task.together]
            except OSError as exc:
                self._count_failure(str(exc))
                return
            chosen = [slot for slot in found if slot and slot.idle]
            if len(chosen) == len(found):
                self._waiting.remove(task)
                self._start_together(chosen, task)
                running += len(chosen)

    def _slot_for(self, task: QueuedJob, free: list[Slot], most: int) -> Slot | None:
        """Takes one from those that are free, or makes one where there are fewer than `most` of its kind."""
        for slot in free:
            if slot.kind == task.kind:
                free.remove(slot)
                return slot
        if sum(slot.kind == task.kind for slot in self.slots.values()) < most:
            return self._make(task.kind)
        return None

    def _start_together(self, slots: list[Slot], task: QueuedJob) -> None:
        if not task.partner:
            self._start(slots[0], task)
            return
        ends = socket.socketpair()
        for slot, one, end in zip(slots, task.together, ends, strict=True):
            if one.finished:
                # The other one could not be started.
                self._finish(one)
            else:
                self._start(slot, one, end.fileno())
            end.close()
        first, second = (slot.watch for slot in slots)
        if first and second:
            first.partner, second.partner = second, first

    def _make(self, kind: str) -> Slot:
        number = next(number for number in range(10_000) if number not in self.slots)
        group = self.groups.make(f"slot-{number}") if self.groups and "cgroup" in self.defences else None
        try:
            slot = Slot(self.settings, self.defences, kind, number, group)
        except OSError:
            if group:
                group.remove()
            raise
        self.slots[number] = slot
        self._started_at[number] = time.monotonic()
        self.register(slot.control.fileno(), lambda _: self._hear(slot))
        return slot

    def _start(self, slot: Slot, task: QueuedJob, link: int | None = None) -> None:
        try:
            slot.start(task, task.batch_end(alone="pid" in self.defences and self.settings.way == "warm"), link)
        except OSError as exc:
            self._replace(slot, f"a slot could not be given a run: {exc}")
            return
        watch = slot.watch
        assert watch
        for end in watch.ends:
            self.register(end, lambda _, end=end: self._read(slot, end))  # type: ignore[misc]

    def _read(self, slot: Slot, end: int) -> None:
        watch = slot.watch
        if not watch:
            return
        watch.read(end)
        if end not in watch.ends:
            self.unregister(end)
        self._deliver(slot)
        if watch.broke or (slot.task and slot.task.finished and watch.due < watch.last):
            # What it still writes is read when it is over.
            for other in watch.ends:
                self.unregister(other)
            slot.kill()

    def _deliver(self, slot: Slot) -> None:
        """Gives the ended runs to who waits for them; what was a kill of unknown cause is kept back."""
        task, watch = slot.task, slot.watch
        assert task and watch
        while watch.taken < len(watch.ended):
            ended = watch.ended[watch.taken]
            if unexplained(ended) and not task.again:
                return
            watch.taken += 1
            task.again = False
            if task.due < task.last:
                task.due += 1
                task.sink.ended(ended)
                if task.until_broken and ended.broke_limit:
                    task.last = task.due

    def _hear(self, slot: Slot) -> None:
        try:
            message, _ = receive(slot.control)
        except (EOFError, OSError):
            self._died(slot)
            return
        if "ready" in message:
            slot.settle(message["zygote"])
            self._failures = 0
        elif "failed" in message:
            self._replace(slot, message["failed"])
        else:
            self._over(slot, message["status"], message["cpu"])

    def _died(self, slot: Slot) -> None:
        """The keeper is gone. That is the run's doing only where it broke a limit."""
        if slot.watch:
            broke = slot.broken() or slot.watch.broke
            if broke:
                slot.ready = False
                self._over(slot, signal.SIGKILL, 0.0, broke)
                self._drop(slot)
                return
        self._replace(slot, "a slot died")

    def _over(self, slot: Slot, status: int, cpu_seconds: float, broke: How | None = None) -> None:
        """Everything of the run is gone: what became of it, and then the task's next run or the next task."""
        task, watch = slot.task, slot.watch
        assert task and watch
        for end in list(watch.ends):
            self.unregister(end)
        counted, limit = (0.0, broke) if broke else slot.over()
        watch.end(status, max(counted, cpu_seconds), limit)
        slot.free()
        if watch.starved:
            self._finish(task, "the machine gave a program no CPU time")
            return
        slot.task, slot.watch = task, watch
        self._deliver(slot)
        slot.free()
        if watch.taken < len(watch.ended):
            task.again = True
        if watch.files:
            task.sink.left(watch.files)
        if task.finished:
            self._finish(task)
        elif slot.ready and not task.sink.full():
            self._start(slot, task)
        else:
            self._waiting.appendleft(task)

    def _finish(self, task: QueuedJob, trouble: str | None = None) -> None:
        task.close()
        if trouble:
            task.sink.trouble(trouble)
        else:
            task.sink.done()

    def _look(self) -> None:
        now = time.monotonic()
        for slot in list(self.slots.values()):
            watch = slot.watch
            if not slot.ready and now - self._started_at[slot.number] > _START_SECONDS:
                self._replace(slot, "a slot did not start")
            elif slot.kill_sent and slot.task and now - slot.kill_sent > _END_SECONDS:
                slot.end_keeper()
            elif watch and not slot.kill_sent:
                watch.look(slot.look())
                watch.broke = watch.broke or slot.broken()
                if watch.broke or watch.starved:
                    slot.kill()

    def _replace(self, slot: Slot, why: str) -> None:
        """Ends a slot that failed. Its task goes on in another one, once."""
        task, watch, ready = slot.task, slot.watch, slot.ready
        if watch:
            for end in list(watch.ends):
                self.unregister(end)
            watch.close()
        slot.free()
        self._drop(slot)
        if task and watch:
            if task.finished:
                self._finish(task)
            elif task.again:
                self._finish(task, f"the sandbox failed twice at a run: {why}")
            else:
                task.again = True
                self._waiting.appendleft(task)
        elif not ready:
            self._count_failure(why)

    def _count_failure(self, why: str) -> None:
        """Of a slot that could not be made. After some, and no slot in between, nothing waits any longer."""
        self._failures += 1
        self._failure = why

    def _give_up(self) -> None:
        if self._failures < _MOST_FAILURES:
            return
        self._failures = 0
        waiting = [one for task in self._waiting for one in task.together]
        self._waiting.clear()
        for one in waiting:
            self._finish(one, f"no slot could be made: {self._failure}")

    def _drop(self, slot: Slot) -> None:
        if self.slots.pop(slot.number, None):
            self.unregister(slot.control.fileno())
            slot.end()
