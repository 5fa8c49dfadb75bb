/** One way to write our values as JSON, for the store, the API and the CLI. */
@NullMarked
package dev.vmctl.json;

import org.jspecify.annotations.NullMarked;
