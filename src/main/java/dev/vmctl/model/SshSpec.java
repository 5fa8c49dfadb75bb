package dev.vmctl.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How to log in.
 *
 * @param user {@value #DEFAULT_USER} when absent
 * @param privateKey private key file to try after the VM's generated key
 */
public record SshSpec(@Nullable String user, @Nullable Path privateKey) {
  public static final String DEFAULT_USER = "vm";
}
