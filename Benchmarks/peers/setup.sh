#!/usr/bin/env bash
# Makes Benchmarks/.venv with the peers in pinned versions.
#
# PyTorch: the CPU-only build of PYTORCH where the package index offers one, otherwise the plain build without
# its own list of dependencies but with the CUDA libraries that its import loads. Both compute on processors with
# the same oneDNN, but those libraries add some 300 MiB to the plain build's memory; so Benchmarks/.venv-cpu
# receives the CPU-only build of PYTORCH_CPU, where that can be had, and memory is compared with it as well.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTORCH=2.15.0
PYTORCH_CPU=2.13.0
IMPORTED=(filelock==4.2.12 fsspec==2026.9.0 jinja2==3.1.6 networkx==3.6.1 sympy==1.14.0 typing_extensions==4.16.0)
CUDA=(
  "cuda-toolkit[cublas,cudart,cufft,cufile,cupti,cusolver,cusparse,nvjitlink,nvrtc,nvtx]==13.2.2"
  nvidia-cudnn-cu13==9.26.0.51 nvidia-cusparselt-cu13==0.8.1 nvidia-nccl-cu13==2.30.7
  nvidia-nvshmem-cu13==3.7.2
)

python3 -m venv .venv
pip() { .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"; }
if ! pip --no-deps "torch==$PYTORCH+cpu" 2>/dev/null; then
  echo "No CPU-only build of PyTorch $PYTORCH here: taking the plain one."
  pip --no-deps "torch==$PYTORCH"
  pip "${CUDA[@]}"
fi
pip "${IMPORTED[@]}"
pip -r requirements.txt
.venv/bin/python -c 'import torch; print("PyTorch", torch.__version__, torch.backends.cpu.get_cpu_capability())'

if ! .venv/bin/python -c 'import sys, torch; sys.exit("+cpu" not in torch.__version__)'; then
  python3 -m venv .venv-cpu
  if .venv-cpu/bin/python -m pip install --quiet --disable-pip-version-check --no-deps "torch==$PYTORCH_CPU+cpu" \
    2>/dev/null; then
    .venv-cpu/bin/python -m pip install --quiet --disable-pip-version-check "${IMPORTED[@]}" \
      "$(grep '^numpy' requirements.txt)" "$(grep '^h5py' requirements.txt)"
    echo "CPU-only PyTorch $PYTORCH_CPU in .venv-cpu, for the comparison of memory."
  else
    rm -rf .venv-cpu
    echo "No CPU-only PyTorch to compare memory with."
  fi
fi
