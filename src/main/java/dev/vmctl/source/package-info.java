/**
 * Where desired state comes from. Sources are stateless: each look yields an immutable snapshot
 * that says how far it can be trusted.
 */
@NullMarked
package dev.vmctl.source;

import org.jspecify.annotations.NullMarked;
