"""What goes wrong, as exceptions."""

from __future__ import annotations

from collections.abc import Sequence


class Error(RuntimeError):
    """A failure of the program, with its one line that names the file, the field and the fix.

    Attributes:
        message: The line.
        status: The exit status of the program; None if it was not started.
        command: The arguments that the program was called with.
    """

    def __init__(self, message: str, status: int | None = None, command: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.command = tuple(command)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.status, self.command)


class UsageError(Error):
    """A wrong argument, option, configuration key or form of data."""


class ProgramNotFoundError(Error):
    """The program is not on this machine, or cannot be started."""


class Note(UserWarning):
    """What the program tells that does not end a command."""
