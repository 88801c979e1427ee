"""The report of runs, as notebooks show it."""

from __future__ import annotations

import html
import os
import webbrowser
from pathlib import Path


class Report:
    """A page about runs: curves, gradient flow, configuration, samples.

    Attributes:
        html: The page, which is complete in itself.
    """

    def __init__(self, page: str) -> None:
        self.html = page

    def _repr_html_(self, height: int = 800) -> str:
        # A frame keeps the page's style and programs apart from those of the notebook.
        page = html.escape(self.html, quote=True)
        return (
            f'<iframe srcdoc="{page}" title="Report" loading="lazy" '
            f'style="width: 100%; height: {height}px; border: 0"></iframe>'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file."""
        path = Path(path)
        path.write_text(self.html, encoding="utf-8")
        return path

    def open(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file and show it in the web browser."""
        webbrowser.open(self.save(path).absolute().as_uri())

    def __repr__(self) -> str:
        return f"<Report of {len(self.html):,} characters; shown in a notebook, or by open(path)>"
