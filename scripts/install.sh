#!/usr/bin/env bash
# Installs what lineament needs to build and test on Debian 12. Asks for root once; skips what is there.
set -euo pipefail

packages=(
  build-essential cmake ninja-build pkg-config git ca-certificates  # the toolchain
  libeigen3-dev                                          # matrix products on the CPU
  libstb-dev                                             # reading and writing pictures
  libjpeg62-turbo-dev                                    # reading jpg, coarser where that will do
  libpugixml-dev                                         # dlib's imglab files
  doctest-dev                                            # tests
  libcli11-dev                                           # the command line
  nlohmann-json3-dev                                     # config.json, metrics.json, checkpoint headers
  libtomlplusplus-dev                                    # recipes
  libzip-dev                                             # training.zip
  libhdf5-dev                                            # Keras's .h5 weights
  libfmt-dev                                             # messages
  locales                                                # a test makes a locale with decimal commas
  libgnuplot-iostream-dev libboost-dev libboost-iostreams-dev libboost-system-dev libboost-filesystem-dev gnuplot-nox # plots
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install.sh: needs root (and there is no sudo) for: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
