#!/usr/bin/env bash
# scripts/quickstart builds the kernels for GPUs only for those who ask for one and have one.
# Argument: the root of the project.
set -euo pipefail
root=$1
# shellcheck source=tests/scripts/support/pretend.bash
source "$root/tests/scripts/support/pretend.bash"
# The script runs what it has built, so it runs in a folder of its own.
mkdir -p "$work/project/scripts" "$work/project/build/quickstart/examples"
cp "$root"/scripts/{quickstart,packages.sh} "$work/project/scripts/"
ln -s "$work/bin/experiment" "$work/project/build/quickstart/examples/experiment"
program experiment <<<'#!/usr/bin/env bash
echo "experiment $*"'

asked() { [[ $(<"$work/arguments") == *"-DTEPUI_CUDA=$1"[[:space:]]* ]]; }

pretend "$work/project/scripts/quickstart" --seed 2 || fail 'without a GPU it ends with an error'
asked OFF || fail 'kernels are built although nobody asks for a GPU'
[[ $(<"$work/said") == *'experiment --seed 2'* ]] || fail 'the arguments do not arrive'

if pretend "$work/project/scripts/quickstart" --gpu; then fail 'there is no GPU'; fi
[[ $(<"$work/said") == *'no NVIDIA driver'* && ! -s $work/arguments ]] ||
  fail 'it does not say before it builds that there is no GPU'

program nvidia-smi <<<'#!/usr/bin/env bash'
pretend "$work/project/scripts/quickstart" --gpu || fail 'with a GPU it ends with an error'
asked ON || fail 'kernels are not built'
[[ $(<"$work/said") == *'experiment --gpu'* ]] || fail 'the program is not asked for the GPU'
