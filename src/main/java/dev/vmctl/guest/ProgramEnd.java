package dev.vmctl.guest;

/**
 * How a program in a guest has ended.
 *
 * @param exitCode of a program that a signal has ended 128 and its number, as shells have it
 * @param out what it wrote
 * @param err what it wrote to its standard error
 * @param cut whether the agent has kept less than all of that: it keeps 16 MiB of each
 */
@SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
public record ProgramEnd(int exitCode, byte[] out, byte[] err, boolean cut) {}
