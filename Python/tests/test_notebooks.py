"""The example notebooks run."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import needs_predict

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("matplotlib")

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the notebooks are not beside the tests")
@pytest.mark.parametrize("name", [pytest.param("classification", marks=needs_predict), "forecasting", "text"])
def test_a_notebook_runs(name):
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    errors = [output.text for output in shown if output.output_type == "stream" and output.name == "stderr"]
    # Of the streams, only progress is on standard error.
    assert all("%|" in text or "step" in text or not text.strip() for text in errors), errors
    assert any("image/png" in output.get("data", {}) for output in shown) or name == "text"
