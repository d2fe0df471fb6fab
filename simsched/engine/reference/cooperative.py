"""The cooperative server: an asyncio event loop per worker."""

from __future__ import annotations

from functools import partial
from itertools import chain

from simsched.engine import off_loads
from simsched.engine.reference.cores import OwnCore
from simsched.engine.reference.cpu import Cpu
from simsched.engine.reference.interpreter_lock import InterpreterLock
from simsched.engine.reference.model import Model
from simsched.engine.reference.phases import Process
from simsched.engine.reference.queues import Taker
from simsched.engine.reference.resources import Resource
from simsched.engine.reference.tasks import Task
from simsched.scenario.model.servers import CooperativeServer
from simsched.workload.steps import Where


class Cooperative(Model[CooperativeServer]):
    """Each worker is one loop, which runs what is ready while others wait for I/O.

    CPU phases run without pre-emption. Starting I/O frees the loop, unless the I/O blocks; when it
    ends, the request joins the loop's ready queue. A request whose last phase is I/O is answered
    when that ends.

    What is done in a thread of the worker's pool computes under the interpreter lock, for which it
    contends with the loop; a process computes on a core of its own.
    """

    def open(self) -> None:
        """Set each loop to run what is ready."""
        workers = range(self.server.workers)
        self._cpus = [self._cpu() for _ in workers]
        self._pools = {
            where: Resource(self.calendar, pool, len(workers)).pools
            for where, pool in off_loads.executors(self.used, self.server).items()
        }
        self.executors = list(chain.from_iterable(self._pools.values()))
        self.ready_queues = [self.new_queue() for _ in range(self.server.workers)]
        for worker, ready_queue in enumerate(self.ready_queues):
            taker = self.new_taker(worker, ready_queue)
            self.workers.employ(worker, partial(self._loop, taker))

    def off_load(self, child: Task, where: Where) -> None:
        """Let *child* be done in a thread or process of its worker's pool, when one is free."""
        worker = child.job.worker
        pool = self._pools[where][worker]
        cpu = self._cpus[worker] if where == "thread" else OwnCore(self.calendar)
        granted = pool.ask(child)
        if granted is None:
            self._launch(child, cpu, 0)
        else:
            granted.callbacks.append(
                lambda _: None if child.stopped else self._launch(child, cpu, 0)
            )

    def _cpu(self) -> Cpu:
        """Return what a loop and the threads of its worker compute on."""
        interval = off_loads.lock_interval(self.used, self.server)
        if interval is None:
            return self.host
        return InterpreterLock(self.calendar, self.host, interval, switch=0)

    def _loop(self, taker: Taker) -> Process:
        while True:
            task = yield taker.next_task()
            yield from self._run(task)

    def _run(self, task: Task) -> Process:
        overhead = self.server.overhead
        again, cpu = task.has_started, self._cpus[task.job.worker]
        yield from self.compute(task, cpu, overhead.switch if again else overhead.request)
        while task.wanted:
            blocking = task.step.blocking
            pending = self.begin(task, self._make_ready)
            if pending is not None and not blocking:
                pending.callbacks.append(lambda _: self._resume(task))
                return
            if pending is not None:
                yield pending
            if task.wanted:
                yield from self.compute(task, cpu, overhead=0)
        self.finish(task)

    def _resume(self, task: Task) -> None:
        if task.stopped:
            return
        if task.wanted:
            self._make_ready(task)
        else:
            self.finish(task)

    def _make_ready(self, task: Task) -> None:
        task.wait_for_cpu(self.calendar.now)
        self.join(self.ready_queues[task.job.worker], task)
