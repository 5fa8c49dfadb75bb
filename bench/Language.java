import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.vmctl.kdl.KdlReader;
import dev.vmctl.vmfile.VmFile;
import dev.vmctl.vmfile.VmFileReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;

/**
 * The KDL reader against Jackson's YAML {@code readTree} on the same data, turn and turn about, and the reading of a file of 1,000 VMs.
 *
 * <p>Measured is the time of the thread on the processor, so that other load on the machine disturbs little; medians of {@code RUNS} after warming up.
 */
public final class Language {
  private static final int RUNS = Integer.getInteger("runs", 41);
  private static final long WARM_UP = 4_000_000_000L;
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static Object sink = "";

  private record Pair(String name, int documents, byte[] kdl, byte[] yaml) {}

  public static void main(String[] arguments) throws Exception {
    System.out.println("| data | KDL | YAML | KDL is faster by | goal |\n| --- | --- | --- | --- | --- |");
    for (Pair pair : new Pair[] {small(), large(1 << 20), deep()}) {
      double[] medians =
          compare(
              () -> {
                for (int i = 0; i < pair.documents; i++) {
                  sink = KdlReader.parse(pair.kdl, "bench");
                }
                return sink;
              },
              () -> {
                for (int i = 0; i < pair.documents; i++) {
                  sink = YAML.readTree(pair.yaml);
                }
                return sink;
              });
      System.out.printf(
          "| %s | %.2f ms | %.2f ms | %.1f | ≥ 2 |%n",
          pair.name, medians[0], medians[1], medians[1] / medians[0]);
    }
    byte[] one = large(1 << 18).kdl;
    byte[] ten = large(10 << 18).kdl;
    double[] sizes = compare(() -> KdlReader.parse(one, "one"), () -> KdlReader.parse(ten, "ten"));
    System.out.printf(
        "10 times the text (%d → %d bytes): %.1f times the time; goal ≤ 12%n", one.length, ten.length, sizes[1] / sizes[0]);
    vms();
  }

  private static void vms() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append(vm(i));
    }
    String file = text.toString();
    VmFileReader reader = new VmFileReader(Path.of("/home/ann"));
    Callable<Object> read =
        () -> {
          VmFile found = reader.read(Path.of("/srv/VMFile.kdl"), file);
          if (found.declarations().size() != 1000) {
            throw new IllegalStateException(found.diagnostics().toString());
          }
          return found;
        };
    double[] medians = compare(read, read);
    System.out.printf("1,000 VMs (%d bytes) decoded and validated: %.1f ms; goal ≤ 50 ms%n", file.length(), medians[0]);
  }

  private static String vm(int i) {
    return """
        vm "web-%d" {
            image "~/images/debian-12.qcow2"
            vcpus %d
            memory "2GiB"
            disk 20
            network "user"
            cloud-init { hostname "web-%d"; ssh-key "~/.ssh/id_ed25519.pub" }
            ssh { user "ubuntu" }
            labels { tier "web"; index "%d" }
            forward host=%d guest=80
            provision "shell" { inline "sudo apt-get update" }
        }
        """
        .formatted(i, 1 + i % 4, i, i, 10000 + i);
  }

  private static Pair small() {
    String kdl =
        """
        vm "web" {
            image "/images/debian-12.qcow2"
            vcpus 2
            memory 2048
            ssh { user "ubuntu" }
            tags "a" "b" "c"
        }
        """;
    String yaml =
        """
        vm:
          name: "web"
          image: "/images/debian-12.qcow2"
          vcpus: 2
          memory: 2048
          ssh: { user: "ubuntu" }
          tags: ["a", "b", "c"]
        """;
    return new Pair("1,000 small documents", 1000, bytes(kdl), bytes(yaml));
  }

  private static Pair large(int size) {
    StringBuilder kdl = new StringBuilder();
    StringBuilder yaml = new StringBuilder("vms:\n");
    for (int i = 0; kdl.length() < size; i++) {
      kdl.append("vm \"web-").append(i).append("\" {\n    image \"/images/debian-12.qcow2\"\n    vcpus 2\n    memory 2048\n");
      kdl.append("    ssh {\n        user \"ubuntu\"\n    }\n    note \"text with a \\\"quote\\\" in it\"\n}\n");
      yaml.append("  - name: \"web-").append(i).append("\"\n    image: \"/images/debian-12.qcow2\"\n    vcpus: 2\n    memory: 2048\n");
      yaml.append("    ssh:\n      user: \"ubuntu\"\n    note: \"text with a \\\"quote\\\" in it\"\n");
    }
    return new Pair("one document of 1 MB", 1, bytes(kdl.toString()), bytes(yaml.toString()));
  }

  private static Pair deep() {
    int depth = 100;
    StringBuilder kdl = new StringBuilder();
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      kdl.append(" ".repeat(i)).append("level { value ").append(i).append('\n');
      yaml.append(" ".repeat(i)).append("level:\n").append(" ".repeat(i + 1)).append("value: ").append(i).append('\n');
    }
    kdl.append("}\n".repeat(depth));
    return new Pair("100 documents 100 levels deep", 100, bytes(kdl.toString()), bytes(yaml.toString()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Medians in milliseconds. */
  private static double[] compare(Callable<?> one, Callable<?> other) throws Exception {
    long until = System.nanoTime() + WARM_UP;
    while (System.nanoTime() < until) {
      sink = one.call();
      sink = other.call();
    }
    double[] ones = new double[RUNS];
    double[] others = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      ones[i] = time(one);
      others[i] = time(other);
    }
    Arrays.sort(ones);
    Arrays.sort(others);
    return new double[] {ones[RUNS / 2], others[RUNS / 2]};
  }

  private static double time(Callable<?> work) throws Exception {
    var threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    sink = work.call();
    return (threads.getCurrentThreadCpuTime() - began) / 1e6;
  }
}
