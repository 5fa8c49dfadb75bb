package dev.vmctl.hypervisor.propolis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of propolis-server's API, sent with every request. A server takes its own and older
 * ones.
 */
public record ApiVersion(int major, int minor, int patch) {
  /** The oldest that has everything we say: smbios came with it. */
  public static final ApiVersion DEFAULT = new ApiVersion(2, 0, 0);

  /** The newest whose document we know. */
  public static final ApiVersion KNOWN = new ApiVersion(5, 0, 0);

  private static final int SMBIOS = 2;
  private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})");

  /**
   * @throws IllegalArgumentException when it is not three numbers with dots between them
   */
  public static ApiVersion parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a version such as " + DEFAULT);
    }
    return new ApiVersion(
        Integer.parseInt(parts.group(1)),
        Integer.parseInt(parts.group(2)),
        Integer.parseInt(parts.group(3)));
  }

  /** Whether a spec may have {@code smbios}. */
  boolean hasSmbios() {
    return major >= SMBIOS;
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
