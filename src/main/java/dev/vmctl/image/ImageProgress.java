package dev.vmctl.image;

/**
 * How far an import is.
 *
 * @param phase one word: waiting (for another process that imports the same), downloading, copying,
 *     verifying
 * @param doneBytes bytes so far
 * @param totalBytes bytes in all; -1 when not known
 */
public record ImageProgress(String phase, long doneBytes, long totalBytes) {}
