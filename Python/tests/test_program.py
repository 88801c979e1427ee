"""Finding and calling the program."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import weft
from weft import _program


def test_the_program_named_by_the_environment_is_taken(stand_in):
    path = stand_in("echo 1.2.3")
    assert weft.program_path() == str(path)
    assert weft.program_version() == "1.2.3"


def test_a_program_that_is_named_but_missing_is_an_error(monkeypatch):
    monkeypatch.setenv("WEFT_PROGRAM", "/nowhere/weft")
    with pytest.raises(weft.ProgramNotFoundError, match="/nowhere/weft"):
        weft.train({}, {"inputs": [[1.0, 2.0]]})


def test_the_bundled_program_comes_before_that_on_the_path(stand_in, monkeypatch, tmp_path):
    bundled = stand_in("echo bundled")
    monkeypatch.delenv("WEFT_PROGRAM")
    (tmp_path / "weft").write_text("#!/bin/sh\n")
    (tmp_path / "weft").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_program, "_BUNDLED", bundled)
    assert weft.program_path() == str(bundled)
    monkeypatch.setattr(_program, "_BUNDLED", tmp_path / "nothing")
    assert weft.program_path() == str(tmp_path / "weft")


def test_the_package_s_own_command_is_not_taken_for_the_program(monkeypatch, tmp_path):
    monkeypatch.delenv("WEFT_PROGRAM", raising=False)
    monkeypatch.setattr(_program, "_BUNDLED", tmp_path / "nothing")
    launcher = tmp_path / "weft"
    launcher.write_text(f"#!{sys.executable}\nfrom weft._program import main\nmain()\n")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(weft.ProgramNotFoundError, match="WEFT_PROGRAM"):
        weft.program_path()


def test_the_command_of_the_environment_is_the_program():
    command = Path(sys.executable).parent / "weft"
    if not command.exists():
        pytest.skip("the package is not installed in this environment")
    result = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, weft.program_version())


def test_a_failure_is_the_program_s_one_line(tmp_path):
    with pytest.raises(weft.Error) as raised:
        weft.train({"model": {"cell": "lstm", "hidden": 4}}, tmp_path / "missing.h5", tmp_path / "run")
    assert not isinstance(raised.value, weft.UsageError)
    assert raised.value.status == 1
    assert "missing.h5" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "weft: error" not in str(raised.value)


def test_a_wrong_call_is_a_usage_error(classifier):
    with pytest.raises(weft.UsageError) as raised:
        classifier.classify(split="train", threads=-1)
    assert raised.value.status == 2


def test_an_error_survives_pickling():
    error = pickle.loads(pickle.dumps(weft.UsageError("wrong", 2, ["train"])))
    assert (str(error), error.status, error.command) == ("wrong", 2, ("train",))
    assert isinstance(error, weft.UsageError)


def test_a_signal_is_told(stand_in):
    stand_in("kill -9 $$")
    with pytest.raises(weft.Error, match="signal 9"):
        weft.program_version()


def test_notes_are_warnings(stand_in):
    stand_in("echo 'weft: note: seen' >&2; echo 1")
    with pytest.warns(weft.Note, match="seen"):
        weft.program_version()


def test_a_program_that_cannot_be_started_is_told(tmp_path, monkeypatch):
    path = tmp_path / "weft"
    shutil.copy("/bin/true", path)
    path.write_bytes(b"\x7fELF nonsense")
    path.chmod(0o755)
    monkeypatch.setenv("WEFT_PROGRAM", str(path))
    with pytest.raises(weft.ProgramNotFoundError, match="cannot be started"):
        weft.program_version()
