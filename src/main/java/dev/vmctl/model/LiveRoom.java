package dev.vmctl.model;

/**
 * What a guest was started with room for, and can be given while it runs.
 *
 * @param maxVcpus most processors
 * @param maxMemoryMb most memory, MiB
 * @param plugs whether there are places for further disks and cards
 */
public record LiveRoom(int maxVcpus, long maxMemoryMb, boolean plugs) {}
