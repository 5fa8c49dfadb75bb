package dev.vmctl.api;

import java.nio.file.Path;

/**
 * @param socket unix socket that carries the serial console's bytes both ways
 * @param log file with what the guest wrote so far
 */
public record ConsoleAccess(Path socket, Path log) {}
