/**
 * A keyed work queue: each key once, one worker a key, delays, capped backoff with jitter; and the
 * time line that it and the engine run on.
 */
@NullMarked
package dev.vmctl.workqueue;

import org.jspecify.annotations.NullMarked;
