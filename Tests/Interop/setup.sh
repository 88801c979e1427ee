#!/usr/bin/env bash
# Installs the programs that exchange models with Weft into a folder of their own.
set -euo pipefail

folder=${1:?'usage: Tests/Interop/setup.sh FOLDER'}
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -x "$folder/bin/python" ]; then python3 -m venv "$folder"; fi
"$folder/bin/python" -m pip install --quiet --requirement "$here/requirements.txt"
