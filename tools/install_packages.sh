#!/usr/bin/env bash
# Installs the packages of the given lists (tools/packages.txt when none) that are missing, on Debian 12 and
# Ubuntu 22.04 or 24.04; elsewhere it says what is needed. Asks no question and is quick when nothing is missing.
# "a|b" in a list: either will do, and the first that the system knows is installed.
#   tools/install_packages.sh [LIST...]
# Called by quickstart.sh and test.sh.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lists=("$@")
[ ${#lists[@]} -gt 0 ] || lists=("$root/tools/packages.txt")
mapfile -t wanted < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "${lists[@]}")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "This system has no apt-get. Install what these Debian packages hold with its own package manager:"
  say "  ${wanted[*]}"
  exit 0 # what is really missing, CMake will name
fi

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
missing=() # lines; "a|b" is satisfied by either
for line in "${wanted[@]}"; do
  found=no
  for package in ${line//|/ }; do
    if installed "$package"; then found=yes; fi
  done
  [ $found = yes ] || missing+=("$line")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    say "Missing packages, and neither root nor sudo to install them. Ask an administrator for:"
    say "  apt-get install ${missing[*]}"
    exit 1
  fi
  as_root=(sudo)
  [ -t 0 ] || as_root=(sudo -n) # no terminal, nobody to type a password
  if ! "${as_root[@]}" true; then
    say "sudo was refused. Missing packages: apt-get install ${missing[*]}"
    exit 1
  fi
fi

say "installing packages: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
quietly "$deps/apt-update.log" "${apt[@]}" update </dev/null
choice=()
for line in "${missing[@]}"; do
  IFS='|' read -r -a names <<<"$line"
  for package in "${names[@]}"; do
    if [ ${#names[@]} -eq 1 ] || apt-cache show "$package" >/dev/null 2>&1; then
      choice+=("$package")
      break
    fi
  done
done
quietly "$deps/apt-install.log" "${apt[@]}" install --no-install-recommends "${choice[@]}" </dev/null
