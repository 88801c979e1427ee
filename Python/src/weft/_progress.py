"""How far a run is, from the events that the program prints, on a progress bar."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, TypeAlias

with warnings.catch_warnings():
    # Without ipywidgets, notebooks have bars of text.
    warnings.simplefilter("ignore")
    from tqdm.auto import tqdm

from ._program import lines_of

Event: TypeAlias = dict[str, Any]

#: What of an evaluation is no metric.
_PLACES = ("event", "step", "epoch", "split")


class EventReader:
    """The events of a run of ``weft train --json`` until it ends; an iterator.

    Attributes:
        told: The lines on standard error so far.
        notes: What the program noted so far.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Read what a program prints, with pipes for its output and its errors."""
        assert process.stdout is not None
        assert process.stderr is not None
        self.told: list[str] = []
        self.notes: list[str] = []
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        # Both pipes are emptied whatever this process does, so that the program never waits for it.
        self._threads = [
            Thread(target=self._read_events, args=(process.stdout,), daemon=True),
            Thread(target=lambda stream: self.told.extend(lines_of(stream)), args=(process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[Event]:
        while (event := self._queue.get()) is not None:
            yield event

    def close(self) -> None:
        """Wait until everything is read, after the program has ended."""
        for thread in self._threads:
            thread.join()

    def _read_events(self, stream: IO[bytes]) -> None:
        for line in lines_of(stream):
            if not line.startswith("{"):
                continue
            event: Event = json.loads(line)
            if event["event"] == "note":
                self.notes.append(event["text"])
            self._queue.put(event)
        self._queue.put(None)


def _is_notebook() -> bool:
    """Whether a notebook's kernel runs this process."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


class ProgressBar:
    """A progress bar in a notebook or a terminal, and a function that is told of each event."""

    def __init__(self, is_shown: bool | None, on_event: Callable[[Event], None] | None) -> None:
        hidden = not (sys.stderr.isatty() or _is_notebook()) if is_shown is None else not is_shown
        self._bar = tqdm(unit="step", disable=hidden, dynamic_ncols=True)
        self._on_event = on_event
        self._shown: dict[str, str] = {}

    def update(self, event: Event) -> None:
        """Show an event."""
        if self._on_event is not None:
            self._on_event(event)
        if self._bar.disable:
            return
        if event["event"] == "start":
            self._bar.total = event["steps"]
            # A run that goes on has its speed from here.
            self._bar.initial = event["step"]
        elif event["event"] == "step":
            self._show("loss", event["loss"])
        elif event["event"] == "evaluation":
            for name, value in event.items():
                if name not in _PLACES:
                    self._show(f"{event['split']} {name}", value)
        if event.get("step") is not None:
            self._bar.n = event["step"]
        self._bar.set_postfix(self._shown, refresh=False)
        self._bar.refresh()

    def _show(self, name: str, value: object) -> None:
        # A line has room for the loss, and two metrics of the task.
        if isinstance(value, (int, float)) and (name in self._shown or len(self._shown) < 4):
            self._shown[name] = f"{value:.4g}"

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
