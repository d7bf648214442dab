# shellcheck shell=bash
# Read by the tests of scripts: a folder $work that goes at the end, and programs in $work/bin that
# only pretend. With PATH=$work/bin a script sees those and nothing else of the machine.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for tool in bash env dirname head tr cat; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

program() {  # program NAME: an executable whose text is read from standard input
  cat >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
# cmake writes down what it is asked for.
# shellcheck disable=SC2016  # expanded when the program runs
program cmake <<<'#!/usr/bin/env bash
echo "$@" >>"$ARGUMENTS"'

# pretend SCRIPT [ARGUMENT]...: what it says is in $work/said, what it asks of cmake in $work/arguments
pretend() {
  : >"$work/arguments"
  PATH=$work/bin ARGUMENTS=$work/arguments bash "$@" >"$work/said" 2>&1
}
fail() {
  cat "$work/said" "$work/arguments"
  echo "FAILED: $1"
  exit 1
}
