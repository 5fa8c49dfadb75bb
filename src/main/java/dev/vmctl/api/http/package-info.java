/**
 * The library's door over HTTP/1.1 on the daemon's unix socket: the client, and the words both ends
 * share. The messages are the records of {@code api}, written by {@code json}.
 */
@NullMarked
package dev.vmctl.api.http;

import org.jspecify.annotations.NullMarked;
