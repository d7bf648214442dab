#!/usr/bin/env bash
# scripts/test compiles the kernels for the GPU that is there, and for Hopper where none is that they
# run on. Argument: the root of the project.
set -euo pipefail
root=$1
# shellcheck source=tests/scripts/support/pretend.bash
source "$root/tests/scripts/support/pretend.bash"
program ctest <<<'#!/usr/bin/env bash'

expect() {  # expect ARCHITECTURE CASE
  pretend "$root/scripts/test" || fail "$2: scripts/test ends with an error"
  [[ $(<"$work/arguments") == *"-DCMAKE_CUDA_ARCHITECTURES=$1"[[:space:]]* ]] ||
    fail "$2: not compiled for $1"
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
