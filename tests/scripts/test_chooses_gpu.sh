#!/usr/bin/env bash
# scripts/test compiles the kernels for the GPU that is there, and for Hopper where none is: run here
# with a cmake that only writes down its arguments, on a PATH that hides the real driver.
# Argument: the root of the project.
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for tool in bash env dirname head tr cat; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

program() {  # program NAME: an executable whose text is read from standard input
  cat >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
# shellcheck disable=SC2016  # expanded when the program runs
program cmake <<<'#!/usr/bin/env bash
echo "$@" >>"$ARGUMENTS"'
program ctest <<<'#!/usr/bin/env bash'

expect() {  # expect ARCHITECTURE CASE
  : >"$work/arguments"
  if ! PATH=$work/bin ARGUMENTS=$work/arguments bash "$root/scripts/test" >"$work/said" 2>&1; then
    cat "$work/said"
    echo "FAILED: $2: scripts/test ends with an error"
    exit 1
  fi
  if [[ $(<"$work/arguments") != *"-DCMAKE_CUDA_ARCHITECTURES=$1"[[:space:]]* ]]; then
    cat "$work/arguments"
    echo "FAILED: $2: not compiled for $1"
    exit 1
  fi
}

expect 90 'no nvidia-smi'
program nvidia-smi <<<'#!/usr/bin/env bash
echo "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver."
exit 9'
expect 90 'no driver'
program nvidia-smi <<<'#!/usr/bin/env bash
echo 7.5'
expect 90 'too old a device'
program nvidia-smi <<<'#!/usr/bin/env bash
echo 8.0
echo 9.0'
expect 80 'two devices'
