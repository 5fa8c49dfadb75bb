package dev.vmctl.cli;

/** What a command ends with; listed in {@code vmctl --help}, and never changed. */
final class ExitCode {
  /** What was asked for is so. */
  static final int DONE = 0;

  /** It failed; the standard error says why. */
  static final int FAILED = 1;

  /** {@code plan --detailed-exitcode}: something would be done. */
  static final int CHANGES = 2;

  /** The command line is wrong (EX_USAGE of sysexits). */
  static final int USAGE = 64;

  /** {@code ssh}, {@code exec}: we, and not the guest's command, failed; as OpenSSH has it. */
  static final int SSH_FAILED = 255;

  private ExitCode() {}
}
