package dev.vmctl.api;

import org.jspecify.annotations.Nullable;

/**
 * How far an {@link ImageRequest} is.
 *
 * @param id to ask for it again
 * @param version rises with each change
 * @param activity what is being done, in words, with how much, how fast and how long still
 * @param doneBytes so far
 * @param totalBytes in all; -1 when not known
 * @param ended whether it has ended
 * @param image what came of it; null until then, and when it failed
 * @param failure why it failed
 */
public record ImageTask(
    String id,
    long version,
    String activity,
    long doneBytes,
    long totalBytes,
    boolean ended,
    @Nullable ImageView image,
    VmStatus.@Nullable Failure failure) {}
