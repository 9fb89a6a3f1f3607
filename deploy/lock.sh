#!/bin/sh
# Writes deploy/requirements.*.txt: what the images are made of, with hashes. `make lock` runs it, with the environment
# that the tests ran in: the images get the versions that were tested.
#
#   deploy/lock.sh [UV [PYTHON]]
set -eu

cd "$(dirname "$0")/.."
uv=${1:-uv}
python=${2:-.venv/bin/python}
tested=$(mktemp)
trap 'rm -f "$tested"' EXIT
"$uv" pip freeze --quiet --exclude-editable --python "$python" >"$tested"

lock() {
    "$uv" pip compile --quiet --generate-hashes --no-annotate --custom-compile-command 'make lock' \
        --python-version 3.12 --python-platform x86_64-manylinux_2_28 --constraint "$tested" "$@" >/dev/null
}

# What the images can do besides the dependencies.
extras='--extra c2pa --extra diffusion --extra otel --extra speech'
# shellcheck disable=SC2086
lock pyproject.toml $extras --output-file deploy/requirements.cuda.txt

# The same without CUDA. PyTorch's own index has builds for CPUs: requirements.torch-cpu.txt.
cuda=$(sed -n -E 's/^((nvidia|cuda)-[a-z0-9-]+|triton|torch|torchvision)==.*/--no-emit-package \1/p' \
    deploy/requirements.cuda.txt)
# shellcheck disable=SC2086
lock pyproject.toml $extras $cuda --output-file deploy/requirements.cpu.txt

{
    printf '# PyTorch for CPUs, from its own index, as make lock wrote it.\n'
    sed -n -E 's/^((torch|torchvision)==[^ ]+).*/\1+cpu/p' deploy/requirements.cuda.txt
} >deploy/requirements.torch-cpu.txt

# What our own wheel is built with.
sed -n -E 's/^requires = \["(.*)"\]$/\1/p' pyproject.toml | lock - --output-file deploy/requirements.build.txt
