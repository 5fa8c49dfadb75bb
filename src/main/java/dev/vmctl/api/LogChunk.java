package dev.vmctl.api;

/**
 * A piece of a log.
 *
 * @param next offset of the byte after it
 * @param data at most 64 KiB of raw bytes; guests may write anything
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Only carried from the file to the reader, never compared.
public record LogChunk(long next, byte[] data) {}
