"""Training a model."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import _configurations as configurations
from ._datasets import splits_of, text_dataset, write
from ._defaults import data_keys, length_keys
from ._program import check, start, warn_of_notes
from ._progress import Event, EventReader, ProgressBar
from ._splits import Layout, as_mapping, is_divided
from .errors import Error, UsageError
from .run import Run

Configuration = Mapping[str, Any] | str | os.PathLike[str]


def train(
    configuration: Configuration,
    data: Any = None,
    output: str | os.PathLike[str] | None = None,
    *,
    validation: float = 0,
    test: float = 0,
    seed: int = 1,
    overrides: Mapping[str, Any] | None = None,
    initial: Run | str | os.PathLike[str] | None = None,
    resume: bool = False,
    threads: int | None = None,
    progress: bool | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Run:
    """Train a model.

    Ctrl-C, and *Interrupt* in a notebook, save a checkpoint before ``KeyboardInterrupt`` is raised; with ``resume`` the
    run goes on from there, with the result of an uninterrupted one.

    Args:
        configuration: The configuration as a mapping of sections, or of keys such as ``model.cell``, or the path of
            its file. What it leaves open
            follows from arrays: ``model.output``, ``loss.kind`` and ``data.vocabulary_size``. Without
            ``training.epochs`` and ``training.steps``, training ends after 20 epochs.
        data: The path of a dataset, or a list of paths; or one split: a mapping of datasets such as ``inputs``,
            ``targets`` and ``lengths``, a pair of inputs and targets, inputs alone, or a mapping with ``text``; or a
            mapping of splits ``train``, ``validation``, ``test``. A dataset is an array of NumPy, PyTorch, pandas or
            h5py, or a list with an array for each sequence. Default: the file that the configuration names.
        output: The run's folder. Default: a temporary one, which is removed with the ``Run``.
        validation: The share of sequences, or of the end of a series, for validation, if ``data`` are one split.
        test: The same for the final evaluation.
        seed: What the division into splits is computed from.
        overrides: Values for keys such as ``training.epochs``, which replace those of the configuration.
        initial: A trained model whose weights training begins with, as far as names and shapes agree.
        resume: Go on from the newest checkpoint in the folder.
        threads: Threads; the result does not depend on it. Default: the available CPUs.
        progress: Show a progress bar. Default: in notebooks and terminals.
        on_event: Called with each event of the run, the mappings of ``weft train --json``: ``event`` is ``start``,
            ``step``, ``evaluation``, ``checkpoint``, ``note`` or ``end``.

    Returns:
        The trained run.

    Raises:
        UsageError: The configuration, the data or the folder do not allow training.
        Error: Training failed, for example since the loss is not finite.
        KeyboardInterrupt: It was interrupted, after a checkpoint has been saved.
    """
    if isinstance(configuration, Mapping):
        sections = configurations.with_keys({}, configurations.flat(configuration))
        base = configurations.with_absolute_paths(sections, Path.cwd())
    else:
        base = configurations.read(configuration)
    keys = dict(configurations.flat(overrides or {}))

    temporary = None
    if output is None:
        temporary = tempfile.TemporaryDirectory(prefix="weft-")
        output = temporary.name
    folder = Path(output).absolute()
    if not resume and any(folder.glob("checkpoint-*.h5")):
        raise UsageError(f"{folder}: contains a run; continue with resume=True, or name another output")
    settings = configurations.with_keys(base, keys)
    if data is not None:
        keys |= _data_keys(settings, data, folder, validation=validation, test=test, seed=seed)
    elif validation or test:
        raise UsageError("validation, test: no data are given that could be divided")
    keys |= length_keys(settings)

    with tempfile.TemporaryDirectory(prefix="weft-") as place:
        arguments = ["train"]
        if isinstance(configuration, Mapping):
            path = Path(place) / "configuration.yaml"
            configurations.write(configurations.with_keys(base, keys), path)
            arguments.append(str(path))
        else:
            arguments.append(os.fspath(configuration))
            arguments += [
                part for key, value in keys.items() for part in ("--set", configurations.assignment(key, value))
            ]
        arguments += ["--output", str(folder), *(["--resume"] if resume else [])]
        if initial is not None:
            arguments += ["--from", str(initial.path) if isinstance(initial, Run) else os.fspath(initial)]
        try:
            run_training(arguments, threads, progress, on_event)
        except Error as error:
            # A temporary file's name and lines tell nothing.
            message = re.sub(re.escape(place) + r"/configuration\.yaml(:\d+)?", "configuration", error.message)
            raise type(error)(message, error.status, error.command) from None
    return Run(folder, temporary)


def _data_keys(settings: dict[str, Any], data: Any, folder: Path, **division: Any) -> dict[str, Any]:
    """The configuration's keys for data, which are written into the run's folder unless they are files."""
    if isinstance(data, (str, os.PathLike)):
        return {"data.file": os.path.abspath(data)}
    if isinstance(data, Sequence) and data and all(isinstance(part, os.PathLike | str) for part in data):
        return {"data.files": [os.path.abspath(part) for part in data]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Error(f"{folder}: cannot be made: {error.strerror}") from None
    path = folder / "data.h5"
    if not is_divided(data) and set(as_mapping(data)) == {"text"}:
        shares = [1 - division["validation"] - division["test"], division["validation"], division["test"]]
        if shares[2] and not shares[1]:
            raise UsageError("test: a text is divided in order; give validation too")
        text_dataset(data["text"], path, split=[share for share in shares if share], overwrite=True)
        return {"data.file": str(path)}
    splits = splits_of(data, Layout.of(settings), **division)
    write(path, splits, settings)
    return {"data.file": str(path), **data_keys(settings, splits)}


def run_training(
    arguments: Sequence[str],
    threads: int | None = None,
    progress: bool | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> None:
    """Run the program's ``train`` to its end.

    Args:
        arguments: The subcommand and its arguments.
        threads: Threads. Default: the available CPUs.
        progress: Show a progress bar. Default: in notebooks and terminals.
        on_event: Called with each event.
    """
    arguments = [*arguments, "--json"]
    if threads is not None:
        arguments += ["--threads", str(threads)]
    # In a session of its own, so that a Ctrl-C in the terminal reaches it once, by way of this process.
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start(arguments, start_new_session=True, **pipes)
    reader = EventReader(process)
    bar = ProgressBar(progress, on_event)
    with process:
        try:
            for event in reader:
                bar.update(event)
            process.wait()
        except BaseException:
            # Whatever stops this function, the run saves a checkpoint before it ends.
            _end(process)
            raise
        finally:
            reader.close()
            bar.close()
    warn_of_notes([*reader.notes, *reader.told])
    if process.returncode == 128 + signal.SIGINT:
        raise KeyboardInterrupt
    check(process.returncode, reader.told, arguments)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the program and wait until it has saved a checkpoint; a second Ctrl-C ends it at once."""
    while True:
        try:
            process.send_signal(signal.SIGINT)
            process.wait()
            return
        except KeyboardInterrupt:
            continue
