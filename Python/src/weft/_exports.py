"""Trained models as those of other libraries."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from ._checkpoint import TrainedModel
from ._program import call


class Exports(TrainedModel):
    """A model that other libraries load."""

    def export(
        self,
        path: str | os.PathLike[str],
        to: str,
        *,
        module: str | os.PathLike[str] | None = None,
        ragged: bool = False,
        probabilities: bool = False,
        raw_inputs: bool = False,
        streaming: bool = False,
        overwrite: bool = False,
    ) -> Path:
        """Write the model to a file of another library.

        Args:
            path: The file.
            to: ``keras``, ``keras-weights``, ``pytorch``, ``safetensors`` or ``onnx``.
            module: Also write a program that defines the PyTorch module, in the folder of the file.
            ragged: Support sequences of different lengths in one batch.
            probabilities: Give probabilities; Keras and ONNX only.
            raw_inputs: Take inputs and give predictions in the units of the data; ONNX only.
            streaming: Take one step and the states, and give the states for the next step; ONNX only.
            overwrite: Replace the file if it exists.
        """
        flags = {
            "ragged": ragged,
            "probabilities": probabilities,
            "raw-inputs": raw_inputs,
            "streaming": streaming,
            "overwrite": overwrite,
        }
        arguments = ["export", str(self.path), os.fspath(path), "--to", to]
        arguments += [f"--{name}" for name, is_set in flags.items() if is_set]
        if module is not None:
            arguments += ["--module", os.fspath(module)]
        call(arguments)
        return Path(path)

    def to_torch(self) -> Any:
        """The model as a ``torch.nn.Module`` with its weights, called with inputs and optionally lengths."""
        _need("torch", "torch")
        _need("safetensors", "torch")
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            program = Path(folder) / "model.py"
            self.export(Path(folder) / "model.safetensors", "safetensors", module=program)
            # A name of its own: several models may be open at once, and classes find their module by its name.
            name = f"weft_model_{uuid.uuid4().hex}"
            description = importlib.util.spec_from_file_location(name, program)
            assert description is not None
            assert description.loader is not None
            module = importlib.util.module_from_spec(description)
            sys.modules[name] = module
            description.loader.exec_module(module)
            return module.load()

    def to_keras(self, *, ragged: bool = False, probabilities: bool = False) -> Any:
        """The model as a ``keras.Model`` with its weights."""
        keras = _need("keras", "keras")
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            path = Path(folder) / "model.h5"
            self.export(path, "keras", ragged=ragged, probabilities=probabilities)
            return keras.models.load_model(path, compile=False)

    def to_onnx(
        self,
        *,
        ragged: bool = False,
        probabilities: bool = False,
        raw_inputs: bool = False,
        streaming: bool = False,
    ) -> Any:
        """The model as an ``onnx.ModelProto``; ``export`` writes it to a file and needs no further library."""
        onnx = _need("onnx", "onnx")
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            path = Path(folder) / "model.onnx"
            self.export(
                path, "onnx", ragged=ragged, probabilities=probabilities, raw_inputs=raw_inputs, streaming=streaming
            )
            return onnx.load(path)


def _need(name: str, extra: str) -> Any:
    """A library that the package does not depend on."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A library that is there may itself lack something, and says so.
        if error.name != name:
            raise
        raise ImportError(f"{name} is needed: pip install 'weft[{extra}]'") from error
