#!/usr/bin/env bash
# Installs the programs that exchange models with Weft into a folder of their own.
#
# PyTorch: the CPU-only build where the package index offers one, otherwise the plain build.
set -euo pipefail

PYTORCH=2.15.0
folder=${1:?'usage: Tests/Interop/setup.sh FOLDER'}
here=$(cd "$(dirname "$0")" && pwd)
if cmp --silent "$here/requirements.txt" "$folder/requirements.txt"; then exit 0; fi

python3 -m venv --clear "$folder"
pip() { "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
pip "torch==$PYTORCH+cpu" 2>/dev/null || pip "torch==$PYTORCH"
pip --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$folder/requirements.txt"
