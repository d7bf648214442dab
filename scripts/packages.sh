# shellcheck shell=bash
# Read by the other scripts: makes sure that the Debian 12 packages they need are there.

# need_packages <package[:program]>...
# A package counts as present if dpkg has it, or if the program it is needed for is on the PATH.
# What is missing is installed when root runs this; otherwise the command to do so is printed.
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This system has no dpkg; going on in the hope that these are there: ${*%%:*}"
    return
  fi
  local missing=() entry package program
  for entry in "$@"; do
    package=${entry%%:*}
    program=${entry#*:}
    if [[ $entry == *:* ]] && command -v "$program" >/dev/null; then continue; fi
    if dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
      continue
    fi
    missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then return; fi

  if ((EUID != 0)); then
    echo "Some packages are missing. Install them, then run this again:" >&2
    echo "  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# What everything needs: the compiler, the build tools and the libraries that the headers include.
base_packages=(
  g++:g++ cmake:cmake ninja-build:ninja
  libtbb-dev libboost-dev nlohmann-json3-dev zlib1g-dev
  libcli11-dev
)
