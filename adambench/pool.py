"""Worker threads that can be abandoned."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Pool:
    """Up to `jobs` threads at a time. They are daemons: once `stopping` is set they end with their current chunk,
    and the process need not wait for them."""

    jobs: int
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, tasks: list[Callable[[], Any]]) -> Iterator[tuple[int, Any]]:
        """(index, result) of each task as it ends; (-1, None) now and then meanwhile. A task's error is raised here."""
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        ended: queue.SimpleQueue[tuple[int, Any, BaseException | None]] = queue.SimpleQueue()
        for index in range(len(tasks)):
            waiting.put(index)

        def work() -> None:
            while not self.stopping.is_set():
                try:
                    index = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    ended.put((index, tasks[index](), None))
                except BaseException as error:
                    ended.put((index, None, error))

        for _ in range(min(self.jobs, len(tasks))):
            threading.Thread(target=work, daemon=True).start()
        left = len(tasks)
        while left:
            try:
                index, result, error = ended.get(timeout=0.05)
            except queue.Empty:
                yield -1, None
                continue
            if error is not None:
                raise error
            left -= 1
            yield index, result


def aside(task: Callable[[], Any]) -> Any:
    """What the task returns, from a worker thread: the main thread only waits, so that Ctrl-C is heard meanwhile."""
    return next(result for index, result in Pool(1).run([task]) if index == 0)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
