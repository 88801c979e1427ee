"""How far a run is, from what the program prints, on a progress bar."""

from __future__ import annotations

import json
import re
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

from ._program import has_option, lines_of

Event: TypeAlias = dict[str, Any]


def event_arguments() -> list[str]:
    """What the program is called with to tell events."""
    return ["--json"] if has_option("train", "--json") else []


class EventReader:
    """The events of a run until it ends; an iterator.

    Attributes:
        told: The lines on standard error so far.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Read what a program prints, with pipes for its output and its errors."""
        assert process.stdout is not None
        assert process.stderr is not None
        self.told: list[str] = []
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        # Both pipes are emptied whatever this process does, so that the program never waits for it.
        self._threads = [
            Thread(target=self._read_output, args=(process.stdout,), daemon=True),
            Thread(target=self._read_errors, args=(process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[Event]:
        for _ in self._threads:
            while (event := self._queue.get()) is not None:
                yield event

    def notes(self) -> list[str]:
        """What was told beside the progress."""
        return [line for line in self.told if line.strip() and _event(line) is None]

    def close(self) -> None:
        """Wait until everything is read, after the program has ended."""
        for thread in self._threads:
            thread.join()

    def _read_output(self, stream: IO[bytes]) -> None:
        for line in lines_of(stream):
            if line.startswith("{"):
                self._queue.put(json.loads(line))
        self._queue.put(None)

    def _read_errors(self, stream: IO[bytes]) -> None:
        for line in lines_of(stream):
            self.told.append(line)
            event = _event(line)
            if event:
                self._queue.put(event)
        self._queue.put(None)


def _event(line: str) -> Event | None:
    """What a progress line tells; a program with ``--json`` prints none."""
    match = re.match(r"step (\d+)/(\d+)\b.*?  loss (\S+)(?:  validation (\S+))?", line)
    if match is None:
        return None
    event: Event = {"event": "step", "step": int(match[1]), "steps": int(match[2]), "loss": float(match[3])}
    if match[4]:
        event["validation"] = {"loss": float(match[4])}
    return event


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
        if event.get("steps"):
            self._bar.total = event["steps"]
        if event.get("loss") is not None:
            self._shown["loss"] = f"{event['loss']:.4g}"
        for name, value in (event.get("validation") or {}).items():
            if isinstance(value, (int, float)):
                self._shown[f"validation {name}"] = f"{value:.4g}"
        self._bar.set_postfix(self._shown, refresh=False)
        if event.get("step") is not None:
            self._bar.n = event["step"]
        self._bar.refresh()

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
