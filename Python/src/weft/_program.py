"""The program: where it is, and a call of it."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from .errors import Error, Note, ProgramNotFoundError, UsageError

_BUNDLED = Path(__file__).parent / "bin" / "weft"


def program_path() -> str:
    """The program's path: ``WEFT_PROGRAM``, the one in the package, or ``weft`` on ``PATH``.

    Raises:
        ProgramNotFoundError: There is none.
    """
    named = os.environ.get("WEFT_PROGRAM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise ProgramNotFoundError(f"WEFT_PROGRAM: {named}: is not a program that can be started")
        return found
    if os.access(_BUNDLED, os.X_OK):
        return str(_BUNDLED)
    for folder in os.get_exec_path():
        candidate = os.path.join(folder, "weft")
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK) and not _is_launcher(candidate):
            return candidate
    raise ProgramNotFoundError(
        "the program weft is neither in the package nor on PATH: install a wheel that carries it, "
        "or set WEFT_PROGRAM to its path"
    )


def _is_launcher(path: str) -> bool:
    """Whether a file is the script of this package, in this environment or another, that calls ``main``."""
    with open(path, "rb") as file:
        head = file.read(4096)
    return head.startswith(b"#!") and b"weft._program" in head


def program_version() -> str:
    """The version of the program that is found."""
    return call(["--version"]).strip()


def main() -> NoReturn:
    """Become the program: what the command ``weft`` of an environment does."""
    try:
        program = program_path()
        os.execv(program, ["weft", *sys.argv[1:]])
    except (OSError, ProgramNotFoundError) as error:
        sys.exit(f"weft: error: {error}")


def start(arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start the program.

    Args:
        arguments: The subcommand and its arguments.
        options: What ``subprocess.Popen`` takes.

    Raises:
        ProgramNotFoundError: It cannot be started.
    """
    program = program_path()
    try:
        return subprocess.Popen([program, *arguments], **options)
    except OSError as error:
        raise ProgramNotFoundError(f"{program}: cannot be started: {error.strerror}") from None


def call(arguments: Sequence[str], text: str | None = None) -> str:
    """Run the program to its end.

    Args:
        arguments: The subcommand and its arguments.
        text: What it reads from standard input.

    Returns:
        What it printed on standard output.

    Raises:
        Error: It failed; a ``UsageError`` if it was called wrongly.
    """
    standard_input = subprocess.DEVNULL if text is None else subprocess.PIPE
    process = start(arguments, stdin=standard_input, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        output, errors = process.communicate(None if text is None else text.encode())
    told = errors.decode(errors="replace").splitlines()
    # Other lines are progress.
    warn_of_notes(line for line in told if re.match("weft: (note|warning): ", line))
    check(process.returncode, told, arguments)
    return output.decode()


def call_json(arguments: Sequence[str]) -> Any:
    """Run the program with ``--json`` and read the object that it prints."""
    return json.loads(call([*arguments, "--json"]))


def call_json_lines(arguments: Sequence[str]) -> list[dict[str, Any]]:
    """Run the program with ``--json`` and read the objects that it prints, one a line."""
    return [json.loads(line) for line in call([*arguments, "--json"]).splitlines()]


def check(status: int, told: Sequence[str], command: Sequence[str]) -> None:
    """Raise what an exit status means.

    Args:
        status: The exit status; negative for a signal.
        told: The lines on standard error.
        command: The arguments that the program was called with.
    """
    if status == 0:
        return
    message = next((line for line in reversed(told) if line.startswith("weft: error: ")), None)
    if message is not None:
        message = message.removeprefix("weft: error: ")
    elif status < 0:
        message = f"the program was ended by signal {-status}"
    else:
        message = next((line for line in reversed(told) if line.strip()), f"the program ended with {status}")
    raise (UsageError if status == 2 else Error)(message, status, command)


def warn_of_notes(told: Iterable[str]) -> None:
    """Warn of the lines on standard error that are no error."""
    for line in told:
        if line.strip() and not line.startswith("weft: error: "):
            warnings.warn(re.sub("^weft: (note|warning): ", "", line), Note, stacklevel=3)


@functools.cache
def _help(program: str, subcommand: str) -> str:
    result = subprocess.run([program, *subcommand.split(), "--help"], capture_output=True, check=False)
    return result.stdout.decode(errors="replace") if result.returncode == 0 else ""


def has_option(subcommand: str, option: str = "") -> bool:
    """Whether the program has a subcommand, and the subcommand an option."""
    text = _help(program_path(), subcommand)
    return f"weft {subcommand} " in text and option in text


def lines_of(stream: IO[bytes]) -> Iterable[str]:
    """The lines of a stream of bytes, as texts."""
    return (line.decode(errors="replace").rstrip("\n") for line in stream)
