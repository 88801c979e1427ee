"""The programs of the documentation run, in their order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import needs_predict

PAGE = Path(__file__).parents[2] / "docs/python.md"


@needs_predict
@pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not beside the package")
def test_the_programs_run(tmp_path, monkeypatch):
    for library in ("torch", "safetensors", "sklearn"):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(programs) >= 6
    for program in programs:
        exec(program, names)
    assert names["run"].evaluate()["accuracy"] > 0.7  # type: ignore[attr-defined]
    assert (tmp_path / "a.onnx").exists()
