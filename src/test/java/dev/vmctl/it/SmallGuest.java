package dev.vmctl.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The guest that bin/check builds: boots in seconds, also without KVM. */
record SmallGuest(Path directory) {
  /**
   * The guest on this machine.
   *
   * @throws AssertionError when it, or QEMU, is missing: these tests prove nothing without
   */
  static SmallGuest ofThisMachine() {
    String declared = System.getenv("VMCTL_TEST_GUEST");
    Path directory =
        declared != null
            ? Path.of(declared).toAbsolutePath()
            : Path.of(System.getProperty("user.home"), ".cache/vmctl/guests/small");
    for (String file : List.of("vmlinuz", "initrd.img", "root.qcow2")) {
      require(Files.isReadable(directory.resolve(file)), "no " + file + " in " + directory);
    }
    require(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "qemu-system-x86_64"))),
        "no qemu-system-x86_64 on the PATH");
    return new SmallGuest(directory);
  }

  private static void require(boolean there, String problem) {
    if (!there) {
      throw new AssertionError(
          problem + ": run bin/check, which installs and builds what these tests need");
    }
  }

  Path image() {
    return directory.resolve("root.qcow2");
  }

  /**
   * A VM of a VMFile that boots this guest.
   *
   * @param steps shell commands, a provision step each
   */
  String vm(String name, int memoryMb, String... steps) {
    return vm(name, memoryMb, image(), steps);
  }

  /** The same with the disk's image elsewhere. */
  String vm(String name, int memoryMb, Path image, String... steps) {
    return """
        vm %s {
            image %s
            kernel %s
            initrd %s
            cmdline "console=ttyS0 root=/dev/vda quiet cryptomgr.notests no_timer_check"
            vcpus 1
            memory %d
            ssh { user "vm" }
        %s}
        """
        .formatted(
            quoted(name),
            quoted(image.toString()),
            quoted(directory.resolve("vmlinuz").toString()),
            quoted(directory.resolve("initrd.img").toString()),
            memoryMb,
            Stream.of(steps)
                .map(step -> "    provision \"shell\" { inline " + quoted(step) + "; }\n")
                .collect(Collectors.joining()));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
