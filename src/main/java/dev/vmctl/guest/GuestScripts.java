package dev.vmctl.guest;

/**
 * The shell texts that receive a step's file on their standard input, in one command and one round
 * trip, and act on it. They count what arrives instead of reading to the end, so that a connection
 * that breaks half-way never runs half a script.
 *
 * <p>They are POSIX shell on one line, without single quotes and backslashes: the user's login
 * shell, whichever it is, hands them to /bin/sh in single quotes. What a user wrote never becomes
 * part of them.
 */
final class GuestScripts {
  /** Their own exit code, when the guest could not even take the file. */
  static final int NOT_RECEIVED = 125;

  private static final String PREAMBLE =
      "fail() { printf %s \"vmctl: $*\" >&2; echo >&2; exit 125; }; "
          + "f=; clean() { if [ -n \"$f\" ]; then rm -rf \"$f\"; fi; }; trap clean EXIT; "
          + "trap \"exit 129\" HUP; trap \"exit 143\" TERM; ";

  /**
   * Takes variables and a script into a private directory, runs it with an empty input, and removes
   * it. The script is a background job, in a group of its own where there is setsid, so that the
   * end of the connection (its input, which stays open until then) or a signal ends it at once: a
   * step that is tried again must not meet its own earlier self.
   */
  private static final String RUN =
      "for b in \"${TMPDIR:-/tmp}\" \"$HOME\"; do "
          + "f=$(umask 077; mktemp -d \"$b/.vmctl.XXXXXXXXXX\" 2>/dev/null) || { f=; continue; }; "
          + ": >\"$f/step\"; chmod 700 \"$f/step\"; "
          + "if [ -x \"$f/step\" ]; then break; fi; rm -rf \"$f\"; f=; done; " // mounted noexec
          + "[ -n \"$f\" ] || fail no directory to put the script into; "
          + "head -c @SIZE@ >\"$f/in\" || fail cannot write the script; "
          + "[ \"$(wc -c <\"$f/in\")\" -eq @SIZE@ ] || fail the script arrived incomplete; "
          // One program reads what arrives: some read on beyond what they were asked for.
          + "head -c @ENV@ \"$f/in\" >\"$f/env\"; tail -c +@FROM@ \"$f/in\" >\"$f/step\"; "
          + "rm -f \"$f/in\"; exec 3<&0; "
          // Nothing by a name that the variables could take: they may be called anything.
          + "set -- \"$f\" \"$(command -v rm)\" \"$(command -v setsid)\"; "
          + "(set -a; . \"$1/env\"; set +a; \"$2\" -f \"$1/env\"; "
          + "exec ${3:+\"$3\"} @INTERPRETER@ \"$1/step\") </dev/null 3<&- & p=$!; "
          + "end() { kill -TERM -$p 2>/dev/null || kill -TERM $p 2>/dev/null; }; "
          + "(cat <&3; end) >/dev/null 2>&1 & w=$!; "
          // Nobody may be left to read what the shell says of its jobs, and that would end it here.
          + "exec 3<&- </dev/null >/dev/null 2>&1; trap end HUP TERM; "
          + "wait $p; s=$?; while kill -0 $p 2>/dev/null; do wait $p; s=$?; done; "
          + "kill $w 2>/dev/null; exit $s";

  /**
   * Takes two lines, destination and file name, then a file, and puts it in place: as the user, or
   * else by sudo or doas. An existing file keeps its owner, a link its target.
   */
  private static final String PLACE =
      "trap \"\" PIPE; IFS= read -r to; IFS= read -r name; "
          + "case \"$to\" in \"~/\"*) to=$HOME/${to#??};; esac; "
          + "f=$(umask 077; mktemp \"${TMPDIR:-/tmp}/.vmctl.XXXXXXXXXX\") || fail no temporary file; "
          + "head -c @SIZE@ >\"$f\" || fail cannot write a temporary file; "
          + "[ \"$(wc -c <\"$f\")\" -eq @SIZE@ ] || fail the file arrived incomplete; "
          + "chmod @MODE@ \"$f\"; "
          + "place() { o=$to; if $s test -d \"$o\"; then o=${o%/}/$name; fi; "
          + "d=$(dirname \"$o\"); "
          + "$s test -d \"$d\" || { echo \"the directory $d does not exist in the guest\"; return 1; }; "
          + "$s cp -f \"$f\" \"$o\" && $s chmod @MODE@ \"$o\"; }; "
          + "s=; if m=$(place 2>&1); then exit 0; fi; "
          + "for s in \"sudo -n\" \"doas -n\"; do "
          + "command -v \"${s% *}\" >/dev/null 2>&1 || continue; "
          + "if r=$($s true 2>&1); then if m=$(place 2>&1); then exit 0; fi; else m=\"$m; $r\"; fi; "
          + "break; done; "
          + "printf %s \"vmctl: cannot write $to: $m\" >&2; echo >&2; exit 1";

  private GuestScripts() {}

  /**
   * @param environment size in bytes of the assignments that come before the script
   * @param size of the script, in bytes
   * @param hasInterpreter whether it names one in its first line; /bin/sh otherwise
   */
  static String run(long environment, long size, boolean hasInterpreter) {
    String text = RUN.replace("@INTERPRETER@ ", hasInterpreter ? "" : "/bin/sh ");
    return inShell(
        text.replace("@SIZE@", Long.toString(environment + size))
            .replace("@ENV@", Long.toString(environment))
            .replace("@FROM@", Long.toString(environment + 1)));
  }

  /**
   * @param size of the file, in bytes
   * @param mode its permissions, such as 0644
   */
  static String place(long size, int mode) {
    String text = PLACE.replace("@MODE@", "0" + Integer.toOctalString(mode));
    return inShell(text.replace("@SIZE@", Long.toString(size)));
  }

  private static String inShell(String text) {
    return "exec /bin/sh -c '" + PREAMBLE + text + "'";
  }
}
