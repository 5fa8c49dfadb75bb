package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A Debian 12 cloud image, which {@code examples/guests/debian/build} makes. */
record DebianGuest(Path image) {
  private static final Path BUILD =
      Path.of(Objects.requireNonNullElse(System.getProperty("vmctl.basedir"), "."))
          .resolve("examples/guests/debian/build")
          .toAbsolutePath();

  /** The guest on this machine, built now when it is not there yet, which takes minutes. */
  static DebianGuest ofThisMachine() throws Exception {
    String declared = System.getenv("VMCTL_TEST_DEBIAN");
    Path directory =
        declared != null
            ? Path.of(declared).toAbsolutePath()
            : Path.of(System.getProperty("user.home"), ".cache/vmctl/guests/debian");
    Process build = new ProcessBuilder(BUILD.toString(), directory.toString()).inheritIO().start();
    assertThat(build.waitFor(20, TimeUnit.MINUTES)).as("end of %s", BUILD).isTrue();
    assertThat(build.exitValue()).as("exit code of %s", BUILD).isZero();
    return new DebianGuest(directory.resolve("root.qcow2"));
  }
}
