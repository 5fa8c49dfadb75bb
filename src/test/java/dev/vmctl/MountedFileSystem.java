package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A file system for one test: a tiny one to fill, or one that shares blocks. Needs root. */
public final class MountedFileSystem implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final long XFS_BYTES = 512L << 20;

  private final Path root;

  private MountedFileSystem(Path root) {
    this.root = root;
  }

  /** A file system in memory that holds this much, as mount(8) writes sizes. */
  public static MountedFileSystem small(Path mountPoint, String size) throws Exception {
    assumeRoot();
    Files.createDirectories(mountPoint);
    ToolResult mount = run("mount", "-t", "tmpfs", "-o", "size=" + size, "none", "" + mountPoint);
    assumeThat(mount.succeeded()).as("may mount: " + mount.errors()).isTrue();
    return new MountedFileSystem(mountPoint);
  }

  /** A file system whose files can share blocks. */
  public static MountedFileSystem sharing(Path directory) throws Exception {
    assumeRoot();
    assumeThat(LinuxHostFacts.ofThisProcess().findProgram("mkfs.xfs"))
        .as("mkfs.xfs is not installed (apt-get install xfsprogs): skipped")
        .isPresent();
    Path image = directory.resolve("xfs.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(XFS_BYTES);
    }
    ToolResult made = run("mkfs.xfs", "-q", "-m", "reflink=1", image.toString());
    assertThat(made.succeeded()).as(made.errors()).isTrue();
    Path mountPoint = Files.createDirectories(directory.resolve("xfs"));
    ToolResult mount = run("mount", "-o", "loop", image.toString(), mountPoint.toString());
    assumeThat(mount.succeeded()).as("may mount xfs: " + mount.errors()).isTrue();
    return new MountedFileSystem(mountPoint);
  }

  private static void assumeRoot() {
    assumeThat(LinuxHostFacts.ofThisProcess().userId()).as("only root may mount: skipped").isZero();
  }

  private static ToolResult run(String... command) throws InterruptedException {
    return new LinuxHostProcesses().run(new ToolRun(List.of(command), DEADLINE));
  }

  /** From now on nothing can be written to it. */
  public void readOnly() throws InterruptedException {
    ToolResult remounted = run("mount", "-o", "remount,ro", root.toString());
    assertThat(remounted.succeeded()).as(remounted.errors()).isTrue();
  }

  public Path root() {
    return root;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    ToolResult unmounted = run("umount", root.toString());
    assertThat(unmounted.succeeded()).as(unmounted.errors()).isTrue();
  }
}
