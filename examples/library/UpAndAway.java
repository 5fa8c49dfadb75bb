import dev.vmctl.LocalVms;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;

/** Brings up what a VMFile declares, runs a command in each VM, and destroys them. */
class UpAndAway {
  public static void main(String[] arguments) throws Exception {
    try (LocalVms vms = LocalVms.open(Path.of(arguments[1]))) {
      for (VmName vm : vms.up(Path.of(arguments[0]), Duration.ofMinutes(5))) {
        System.out.println(vm + ": " + vms.run(vm, "uname -sm", System.out).text());
        vms.destroy(vm, Duration.ofMinutes(1));
      }
    }
  }
}
