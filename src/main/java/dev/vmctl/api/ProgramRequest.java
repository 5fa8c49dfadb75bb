package dev.vmctl.api;

import java.util.List;

/**
 * A program to be run in a guest by its QEMU guest agent, with the agent's rights: as root, mostly.
 *
 * @param command the program, looked for in the agent's PATH, and its arguments; not empty
 * @param input all that it reads, at most {@value #MOST_INPUT} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
public record ProgramRequest(List<String> command, byte[] input) {
  public static final int MOST_INPUT = 8 << 20;

  public ProgramRequest {
    command = List.copyOf(command);
    if (command.isEmpty() || input.length > MOST_INPUT) {
      throw new IllegalArgumentException("no program, or more than 8 MiB for it to read");
    }
  }
}
