"""What a model writes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ._checkpoint import TrainedModel
from ._program import call, call_json_lines
from .errors import UsageError


class Texts(TrainedModel):
    """A model that writes texts."""

    def generate(
        self,
        prompt: str = "",
        *,
        length: int = 400,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 1,
        beam: int | None = None,
        stop: str | Sequence[str] = (),
    ) -> str:
        """Text by a language model, beginning with the prompt.

        Args:
            prompt: What the text begins with.
            length: Tokens to generate.
            temperature: Below 1 favors probable tokens; 0 is greedy.
            top_k: Sample from this many tokens only.
            top_p: Sample from the most probable tokens whose total probability reaches this.
            seed: The same seed gives the same text.
            beam: Search for the most probable text with this many candidates, instead of sampling.
            stop: End before this text, or before the first of these.
        """
        arguments = ["generate", str(self.path), "--length", str(length)]
        arguments += [f"--prompt={prompt}"] if prompt else []
        arguments += [f"--stop={text}" for text in ([stop] if isinstance(stop, str) else stop)]
        if beam is not None:
            arguments += ["--beam", str(beam)]
        else:
            arguments += ["--temperature", str(temperature), "--seed", str(seed)]
            arguments += [] if top_k is None else ["--top-k", str(top_k)]
            arguments += [] if top_p is None else ["--top-p", str(top_p)]
        return call(arguments).removesuffix("\n")

    def score(self, text: str) -> dict[str, float]:
        """How probable a text is to a language model.

        Returns:
            ``log_probability`` (natural logarithm), ``tokens``, ``perplexity`` per token and ``bits_per_character``.
        """
        with tempfile.TemporaryDirectory(prefix="weft-") as folder:
            path = Path(folder) / "text.txt"
            path.write_text(text, encoding="utf-8")
            total: dict[str, float] = call_json_lines(["score", str(self.path), str(path)])[-1]
        return total

    def translate(self, *texts: str, **options: float) -> list[str]:
        """Translate texts.

        Args:
            texts: Texts of one line each.
            options: ``beam``, ``length_penalty`` and ``maximum_length``.
        """
        for line in texts:
            if "\n" in line or "\r" in line:
                raise UsageError("texts: one has line breaks; translate each line by itself")
        arguments = ["translate", str(self.path), *_options(options)]
        lines = call(arguments, "".join(line + "\n" for line in texts)).removesuffix("\n").split("\n")
        return lines[: len(texts)]

    def caption(self, *images: str | os.PathLike[str], **options: float) -> list[str]:
        """A caption for each image, PNG or JPEG; options as those of ``translate``."""
        lines = [call(["caption", str(self.path), os.fspath(image), *_options(options)]) for image in images]
        return [line.removesuffix("\n") for line in lines]

    def transcribe(self, *files: str | os.PathLike[str], beam: int | None = None) -> list[dict[str, Any]]:
        """The transcript of each audio file, as the program's ``transcribe --json`` describes it."""
        options = [] if beam is None else ["--beam", str(beam)]
        return call_json_lines(["transcribe", str(self.path), *(os.fspath(file) for file in files), *options])


def _options(options: Mapping[str, float]) -> list[str]:
    unknown = set(options) - {"beam", "length_penalty", "maximum_length", "threads"}
    if unknown:
        raise TypeError(f"unknown option {min(unknown)!r}")
    return [part for name, value in options.items() for part in ("--" + name.replace("_", "-"), str(value))]
