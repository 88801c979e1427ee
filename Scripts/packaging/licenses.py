"""The licenses of everything that an archive contains."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def package_of(library):
    """The Debian package of a library and its version; None for others."""
    for path in (library.resolve(), Path("/usr") / str(library.resolve()).lstrip("/"), library):
        found = subprocess.run(["dpkg-query", "--search", path], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            name = found.stdout.split(":")[0]
            version = subprocess.run(
                ["dpkg-query", "--show", "--showformat=${source:Package} ${source:Version}", name],
                capture_output=True, text=True, check=True)
            return name, version.stdout
    return None


def write_licenses(libraries, checkouts, folder):
    """Write the licenses of Weft, of the Swift packages in it, of libraries, and of the page's programs.

    Args:
        libraries: Paths of the libraries, of Debian's packages or of a Swift toolchain.
        checkouts: The folder with the Swift packages.
        folder: Receives a file for each part, and README.txt, which lists them.
    """
    folder.mkdir(parents=True)
    lines = ["Weft contains these parts; the file beside each name is its license.", ""]
    shutil.copyfile(ROOT / "LICENSE", folder / "weft.txt")
    lines.append("weft.txt  Weft")
    for license_file in sorted(ROOT.glob("Sources/**/*.LICENSE.txt")):
        shutil.copyfile(license_file, folder / license_file.name)
        lines.append(f"{license_file.name}  {license_file.name.partition('.')[0]}, in pages of `weft report`")
    packages = sorted(checkouts.glob("*/LICENSE*"))
    if not packages:
        sys.exit(f"licenses: {checkouts}: has no Swift packages; build the program first")
    for license_file in packages:
        name = f"{license_file.parent.name}.txt"
        shutil.copyfile(license_file, folder / name)
        lines.append(f"{name}  the Swift package {license_file.parent.name}")
    # Yams has its sources, but not its license.
    shutil.copyfile(Path(__file__).with_name("libyaml-license.txt"), folder / "libyaml.txt")
    lines.append("libyaml.txt  LibYAML, in the Swift package Yams")

    common = set()
    parts = {}
    for library in libraries:
        package = package_of(library)
        parts.setdefault(package or _toolchain(library), []).append(library.name)
    for part, names in sorted(parts.items(), key=lambda item: str(item[0])):
        contents = ", ".join(sorted(names))
        if isinstance(part, Path):
            shutil.copyfile(part, folder / "swift.txt")
            shutil.copyfile(Path(__file__).with_name("icu-license.txt"), folder / "icu.txt")
            lines.append(f"swift.txt, icu.txt for ICU  Swift's runtime libraries: {contents}")
            continue
        name, source = part
        text = Path(f"/usr/share/doc/{name}/copyright").read_text(errors="replace")
        (folder / f"{name}.txt").write_text(text)
        common.update(re.findall(r"/usr/share/common-licenses/([\w.-]*[\w])", text))
        lines.append(f"{name}.txt  {contents}, of Debian's source package {source}")
    for name in sorted(common):
        place = Path("/usr/share/common-licenses") / name
        if place.exists():
            shutil.copyfile(place, folder / f"{name}.txt")
    lines += ["", "Files named after licenses, such as GPL-2.txt, are those that others refer to.",
              "Debian's sources are at https://snapshot.debian.org. Libraries differ from Debian's in that symbols",
              "for debuggers are left out and others are looked for beside them. Those in lib/weft may be replaced."]
    (folder / "README.txt").write_text("\n".join(lines) + "\n")


def _toolchain(library):
    """The license of the Swift toolchain that a library is of."""
    for folder in library.resolve().parents:
        license_file = folder / "share/swift/LICENSE.txt"
        if license_file.exists():
            return license_file
    sys.exit(f"licenses: {library}: is of no Debian package and no Swift toolchain, so its license is not known")
