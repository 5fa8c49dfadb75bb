package dev.vmctl.api;

import org.jspecify.annotations.Nullable;

/**
 * A program that was started in a guest.
 *
 * @param id its process id in the guest
 * @param end null while it runs
 */
public record ProgramView(long id, @Nullable End end) {
  /**
   * How it has ended.
   *
   * @param exitCode of a program that a signal has ended 128 and its number, as shells have it
   * @param cut whether less than all of its output is here: there are 16 MiB of each at most
   */
  @SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
  public record End(int exitCode, byte[] out, byte[] err, boolean cut) {}
}
