# shellcheck shell=bash
# Sourced by mvnw, bin/vmctl and bin/check: where is a JDK >= 25?

jdk_required=25
# What it must hold: a build needs the compiler, an installed vmctl does not.
jdk_need=javac

# Prints the home of a JDK that is new enough: JAVA_HOME first, then java on the PATH, then the usual folders, newest first.
# Reads the "release" file instead of starting each java: 1 ms instead of 40.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" "$(_jdk_of_path)" $(_jdk_usual_homes); do
    if [ -n "$home" ] && [ -x "$home/bin/java" ] && _jdk_new_enough "$home"; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  {
    echo "vmctl: no JDK $jdk_required or newer found (looked at JAVA_HOME, PATH, /usr/lib/jvm, /usr/local, /usr/jdk, /opt, ~/.sdkman, ~/.jdks)"
    echo "  help: Debian 13/Ubuntu 26.04 and newer: apt-get install openjdk-25-jdk-headless"
    echo "  help: FreeBSD: pkg install openjdk$jdk_required"
    echo "  help: otherwise install Temurin $jdk_required (package temurin-25-jdk of the Adoptium repository), or set JAVA_HOME to one you have"
  } >&2
  return 1
}

_jdk_of_path() {
  local java
  java=$(command -v java 2>/dev/null) || return 0
  java=$(readlink -f "$java")
  printf '%s\n' "${java%/bin/java}"
}

_jdk_usual_homes() {
  local home
  for home in /usr/lib/jvm/* /usr/local/openjdk* /usr/jdk/instances/* /opt/ooce/openjdk* /opt/*jdk* /opt/java/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -r "$home/release" ] && [ ! -L "$home" ] && printf '%s %s\n' "$(_jdk_version "$home")" "$home"
  done | sort -rn | cut -d' ' -f2-
}

_jdk_version() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

_jdk_new_enough() {
  local version
  version=$(_jdk_version "$1")
  [ -n "$version" ] && [ "$version" -ge "$jdk_required" ] && [ -x "$1/bin/$jdk_need" ]
}
