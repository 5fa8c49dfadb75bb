# shellcheck shell=bash
# Sourced, after jdk.sh, by bin/check and the quickstart: what must be installed, and how to get it.
# One line per need: what to look for (a program, or a file with a slash), and the Debian package it comes in.

packages_to_run='
qemu-system-x86_64 qemu-system-x86
qemu-img qemu-utils
ssh openssh-client
cpio cpio
mke2fs e2fsprogs
mvn maven
'
packages_to_check="$packages_to_run"'
shellcheck shellcheck
git git
genisoimage genisoimage
ip iproute2
dnsmasq dnsmasq-base
/usr/share/OVMF/OVMF_CODE_4M.fd ovmf
swtpm swtpm
blkid util-linux
mkfs.xfs xfsprogs
sshd openssh-server
promtool prometheus
systemd-analyze systemd
docker-registry docker-registry
zstd zstd
xz xz-utils
bzip2 bzip2
mmdebstrap mmdebstrap
sfdisk fdisk
mkfs.vfat dosfstools
mcopy mtools
ps procps
strace strace
python3 python3-minimal
groff groff-base
zsh zsh
fish fish
scp openssh-client
bwrap bubblewrap
chromium chromium
openssl openssl
curl curl
sshfs sshfs
/usr/lib/openssh/sftp-server openssh-sftp-server
qemu-ga qemu-guest-agent
tmux tmux
gpg gnupg
'

# ensure_packages run|check [--yes]: installs what is missing. Asks first when there is a terminal to ask on and no --yes.
# Without apt it says what is missing and returns 1. Costs a few milliseconds when all is there.
# shellcheck disable=SC2154 # jdk_required comes from jdk.sh
ensure_packages() {
  local needs=$packages_to_run yes=${2:-} need package jdk=present missing=() packages=()
  [ "$1" = run ] || needs=$packages_to_check
  while read -r need package; do
    [ -n "$need" ] || continue
    _packages_has "$need" || {
      missing+=("$need")
      packages+=("$package")
    }
  done <<<"$needs"
  if ! find_jdk >/dev/null 2>&1; then
    if _packages_apt && [ -n "$(apt-cache show "openjdk-$jdk_required-jdk-headless" 2>/dev/null)" ]; then
      packages+=("openjdk-$jdk_required-jdk-headless")
    else
      jdk=missing
      find_jdk || true # says where to get one
    fi
  fi
  if [ ${#packages[@]} = 0 ]; then
    [ $jdk = present ]
    return
  fi
  if ! _packages_apt; then
    {
      echo "vmctl: missing here: $(_packages_join "${missing[@]}")"
      echo "  help: install them with this system's package manager; in Debian the packages are: ${packages[*]}"
    } >&2
    return 1
  fi
  _packages_ask "$yes" "${packages[@]}" && _packages_install "${packages[@]}" && [ $jdk = present ]
}

_packages_apt() {
  command -v apt-get >/dev/null 2>&1
}

_packages_has() {
  case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] ;;
  esac
}

_packages_join() {
  local result
  printf -v result '%s, ' "$@"
  printf '%s\n' "${result%, }"
}

_packages_ask() { # YES PACKAGE...
  local yes=$1 answer
  shift
  if [ "$yes" = --yes ] || [ ! -t 0 ]; then
    return 0
  fi
  read -r -p "vmctl: install with apt: $*? [Y/n] " answer
  case $answer in
    '' | [Yy]*) return 0 ;;
  esac
  echo "vmctl: nothing installed; without these packages this cannot go on" >&2
  return 1
}

_packages_install() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
      echo "vmctl: installing needs root, and there is no sudo" >&2
      echo "  help: as root: apt-get install --no-install-recommends $*" >&2
      return 1
    }
    as_root=(sudo)
  fi
  echo "vmctl: installing $*" >&2
  # With the lists that are there first: refreshing them is the slow part, and needed only when they do not fit any more.
  _packages_apt_install "$@" >/dev/null 2>&1 || {
    "${as_root[@]}" apt-get -q update >&2 && _packages_apt_install "$@" >&2
  } || {
    echo "vmctl: apt could not install $*" >&2
    echo "  help: the lines above say why; when the network is missing, try again with it" >&2
    return 1
  }
}

_packages_apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"
}
