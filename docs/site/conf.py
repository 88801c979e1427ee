"""How Sphinx builds the site: the pages stay plain Markdown, and docs/README.md gives the navigation.

A link from one page to another works on GitHub and on the site. A page that docs/README.md does not name is a warning,
and with it an error.
"""

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

project = "Weft"
author = "the authors of Weft"
version = re.search(r'weftVersion = "(.*)"', (ROOT / "Sources/WeftBase/Version.swift").read_text())[1]
release = version
html_title = f"Weft {version}"

extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/**.md", "datasets/*/README.md", "Python/README.md"]
exclude_patterns = [".*", "**/.*", "Benchmarks", "Examples", "Packaging", "Scripts", "Sources", "Tests", "docs/site", "runs"]
myst_heading_anchors = 4
smartquotes = False
pygments_style = "friendly"
pygments_dark_style = "native"
# Sessions of a terminal are shown with errors that no lexer knows.
suppress_warnings = ["misc.highlighting_failure"]

highlight_language = "text"
html_theme = "furo"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_extra_path = ["index.html"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True}

INDEX = "docs/README.md"


def sections(text):
    """The headings of a list of pages, in bold, with the pages linked below each."""
    parts = re.split(r"^\*\*(.+)\*\*$", text, flags=re.M)
    return [("", parts[0]), *zip(parts[1::2], parts[2::2])]


def pages(text, folder):
    """The pages that a text links to, without duplicates, as names from the root."""
    links = re.findall(r"\]\(([^)#:\s]+\.md)\)", text)
    return list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, link)) for link in links))


def toctree(names, caption=""):
    title = f":caption: {caption}\n" if caption else ""
    return "\n".join(["\n\n```{toctree}", ":hidden:", f"{title}", *(f"/{name}" for name in names), "```\n"])


def add_navigation(app, name, source):
    """Adds to the first page the sections of the list of pages, and to the list of tasks their pages."""
    if name == root_doc:
        source[0] += toctree([INDEX])
        for caption, text in sections((ROOT / INDEX).read_text()):
            if names := pages(text, "docs"):
                source[0] += toctree(names, caption)
    elif name == "docs/tasks/README":
        source[0] += toctree([page for page in pages(source[0], "docs/tasks") if page.startswith("docs/tasks/")])
    elif name == "docs/swift" and app.tags.has("swift"):
        source[0] += '\n<p><a href="../swift/documentation/weft/">Reference of all public symbols</a></p>\n'


def unlink_folders(app, name, source):
    """A link to a folder, which GitHub lists, is its name on the site."""
    folder = ROOT / posixpath.dirname(name)

    def replaced(match):
        target = folder / match[2]
        return match[1] if target.is_dir() else match[0]

    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\(([^)#:\s]+)\)", replaced, source[0])


def setup(app):
    app.connect("source-read", unlink_folders)
    app.connect("source-read", add_navigation)
