package dev.vmctl.cli;

import dev.vmctl.api.SshAccess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl cp}. */
@Command(
    name = "cp",
    customSynopsis = {
      "vmctl cp [--user USER] [--key FILE] PATH... NAME:PATH",
      "       vmctl cp [--user USER] [--key FILE] NAME:PATH... PATH%n",
    },
    description = {
      "Copy files and whole directories to a VM or from it, by the system's scp; modes and times stay.",
      "A path in the guest is relative to the user's home. '-' is the standard input or output."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl cp site/ web:/srv/",
      "  vmctl cp web:/var/log/nginx logs/",
      "  vmctl cp 'web:*.log' .",
      "  pg_dump shop | vmctl cp - db:shop.sql",
      "  vmctl cp db:/etc/hosts - | wc -l",
      "  vmctl cp ./a:b web:             a file of ours whose name has a colon",
    })
final class CopyCommand implements Callable<Integer> {
  private static final String STREAM = "-";

  private final Session session;
  @Mixin private final SshLogin login = new SshLogin();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "PATH",
      arity = "2..*",
      description = "From where, and at last to where: PATH of this host, NAME:PATH of a VM, or -.")
  private List<String> places = List.of();

  @Option(
      names = {"-r", "--recursive"},
      description = "Directories with all in them, as is done anyway.")
  @SuppressWarnings("UnusedVariable") // so that a habit does no harm
  private boolean recursive;

  /**
   * One end.
   *
   * @param vm null for this host
   */
  private record Place(@Nullable VmName vm, String path) {
    boolean isStream() {
      return vm == null && path.equals(STREAM);
    }
  }

  CopyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<Place> all = places.stream().map(this::place).toList();
    List<Place> from = all.subList(0, all.size() - 1);
    Place to = all.getLast();
    VmName vm = vm(from, to);
    boolean streams = all.stream().anyMatch(Place::isStream);
    if (streams && all.size() > 2) {
      throw wrong("'-' is copied alone");
    }
    if (streams && all.stream().anyMatch(place -> place.path().isEmpty())) {
      throw wrong("a pipe needs a file's name in the guest");
    }
    SshLogin.Reached guest = login.reach(session, vm);
    // To our own output: ssh takes no notice when that cannot be written.
    PrintStream output = streams && to.isStream() ? session.terminal().out() : null;
    List<String> program = streams ? cat(guest, from.getFirst(), to) : scp(guest, from, to);
    int code = session.foreground().run(program, output);
    if (code != 0) {
      throw new VmException(
          ErrorCode.SSH_FAILED,
          "not all was copied: " + (streams ? "ssh" : "scp") + " ended with " + code,
          "the lines above say why; the user in the guest must be allowed to read or write it");
    }
    return ExitCode.DONE;
  }

  /** A colon behind a VM's name makes it a place in the guest, unless a slash comes before it. */
  private Place place(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? "" : text.substring(0, colon);
    if (colon <= 0 || name.contains("/")) {
      return new Place(null, text);
    }
    VmName.problem(name)
        .ifPresent(
            problem -> {
              throw wrong("'" + name + "' is not a VM name: " + problem);
            });
    return new Place(new VmName(name), text.substring(colon + 1));
  }

  private VmName vm(List<Place> from, Place to) {
    Set<VmName> sources =
        from.stream().map(Place::vm).filter(vm -> vm != null).collect(Collectors.toSet());
    VmName target = to.vm();
    if (sources.isEmpty() && target == null) {
      throw wrong("none of these is in a VM: write NAME:PATH");
    }
    if (target != null && sources.isEmpty()) {
      return target;
    }
    if (target != null) {
      throw wrong("from VM to VM goes by way of here: vmctl cp a:x - | vmctl cp - b:x");
    }
    if (sources.size() > 1 || from.stream().anyMatch(place -> place.vm() == null)) {
      throw wrong("all that is copied has to come from one VM");
    }
    return sources.iterator().next();
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  private List<String> scp(SshLogin.Reached guest, List<Place> from, Place to) {
    List<String> command = new ArrayList<>(List.of("scp", "-r", "-p", "-P", guest.port()));
    command.addAll(guest.options().arguments());
    command.addAll(List.of("-o", "User=" + guest.options().user(), "--"));
    from.forEach(place -> command.add(argument(guest.access(), place)));
    command.add(argument(guest.access(), to));
    return command;
  }

  private String argument(SshAccess access, Place place) {
    if (place.vm() == null) {
      // Absolute, as scp takes a name with a colon for another host's; a last slash has a meaning.
      String path = session.surroundings().resolve(Path.of(place.path())).toString();
      return place.path().endsWith("/") && !path.endsWith("/") ? path + "/" : path;
    }
    String host = access.host().contains(":") ? "[" + access.host() + "]" : access.host();
    return host + ":" + place.path();
  }

  /** A pipe has no size, which scp would want to know: the guest's cat does it. */
  private List<String> cat(SshLogin.Reached guest, Place from, Place to) {
    Place inGuest = from.isStream() ? to : from;
    List<String> command = new ArrayList<>(List.of("ssh", "-T", "-p", guest.port()));
    command.addAll(guest.options().arguments());
    command.addAll(List.of("-l", guest.options().user(), guest.access().host(), "--"));
    command.add((from.isStream() ? "cat >" : "cat <") + quoted(inGuest.path()));
    return command;
  }

  /** For the guest's shell; a leading ~/ stays the home. */
  private static String quoted(String path) {
    String home = path.startsWith("~/") ? "~/" : "";
    return home + "'" + path.substring(home.length()).replace("'", "'\\''") + "'";
  }
}
