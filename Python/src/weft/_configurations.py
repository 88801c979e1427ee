"""Configurations as mappings and as files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from .errors import UsageError


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """A configuration file as a mapping.

    Raises:
        UsageError: It cannot be read, or is not a mapping.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text") from None
    return parsed(text, str(path))


def parsed(text: str, place: str) -> dict[str, Any]:
    """The text of a configuration as a mapping; ``place`` is where it is from.

    Raises:
        UsageError: It is not a mapping.
    """
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{place}: is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{place}: is not a configuration")
    return found


def write(configuration: Mapping[str, Any], path: Path) -> None:
    """Write a mapping as a configuration file."""
    path.write_text(yaml.safe_dump(plain(configuration), sort_keys=False, allow_unicode=True), encoding="utf-8")


def plain(value: Any) -> Any:
    """A value with Python's own mappings, lists and numbers alone.

    Raises:
        UsageError: A value is none that a configuration holds.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (str, bool, int, float)):
        return value
    raise UsageError(f"configuration: {value!r} is neither a text, a number, a Boolean, a list nor a mapping")


def merged(configuration: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with further keys, which replace those of the same names."""
    result = dict(configuration)
    for key, value in further.items():
        below = result.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result


def with_keys(configuration: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with values for keys such as ``training.epochs``."""
    result = dict(configuration)
    for path, value in keys.items():
        for name in reversed(path.split(".")):
            value = {name: value}
        result = merged(result, value)
    return result


def flat(keys: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """Values by keys such as ``training.epochs``, of a mapping that may have them or sections."""
    result: dict[str, Any] = {}
    for key, value in keys.items():
        name = f"{place}{key}"
        result.update(flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value})
    return result


def assignment(key: str, value: Any) -> str:
    """A key and its value as the program's ``--set`` takes them."""
    return f"{key}={json.dumps(plain(value), ensure_ascii=False)}"


def with_absolute_paths(configuration: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A configuration whose data files do not depend on the folder that it lies in."""
    result = plain(configuration)
    data = result.get("data")
    if isinstance(data, dict):
        for key in ("file", "files"):
            named = data.get(key)
            if isinstance(named, str) and named:
                data[key] = str(folder / named)
            elif isinstance(named, list):
                data[key] = [str(folder / str(name)) for name in named]
    return dict(result)
