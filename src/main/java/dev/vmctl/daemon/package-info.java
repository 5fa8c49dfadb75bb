/**
 * The Quarkus edge: one engine, served as HTTP on a unix socket to its owner, and as metrics and
 * health on loopback.
 *
 * <pre>
 *   main ── settings ──▶ Quarkus boots ──▶ engine opens ──▶ socket binds (0600) ──▶ serving
 *                             │                 │                │                     │
 *                             ╰────── a failure: error on stderr, exit 1 ◀╯       SIGTERM, SIGINT
 *                                                                                      ▼
 *   exit 0 ◀── engine closes (the VMs run on) ◀── socket file removed ◀── no more requests
 * </pre>
 *
 * <p>The engine's lock is the truth about who serves a data directory; the socket is only an
 * address. So the engine opens first, and whoever holds its lock may replace a socket file that a
 * dead daemon left.
 *
 * <p>Quarkus' server listens on the socket alone. On TCP, if that is asked for, {@code TcpServer}
 * stands before the same routes, and lets in who has the token, or a session of the page. Metrics
 * and health have a server of their own, Quarkus' management interface.
 */
@NullMarked
package dev.vmctl.daemon;

import org.jspecify.annotations.NullMarked;
