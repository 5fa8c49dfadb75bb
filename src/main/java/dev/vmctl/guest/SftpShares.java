package dev.vmctl.guest;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Directories of this host for guests that can have them no other way. The system's {@code ssh}
 * starts {@code sshfs} in the guest, which speaks SFTP with OpenSSH's server here, over that very
 * connection: the guest needs no key and no way to the host.
 *
 * <p>The guest is not trusted, and may ask the server for any path. So it runs under bubblewrap,
 * where there is nothing but the directory and the programs of this system, and no network.
 *
 * <p>Each share is a process in a session of its own. It mounts again when the connection breaks,
 * as in a reboot, and ends with the process that runs the guest.
 */
final class SftpShares {

  /** Debian's place, then those of others. */
  private static final List<String> SERVERS =
      List.of(
          "/usr/lib/openssh/sftp-server",
          "/usr/libexec/openssh/sftp-server",
          "/usr/lib/ssh/sftp-server",
          "/usr/libexec/sftp-server");

  /**
   * Arguments: pipe, directory, how it is bound, the server's program and its mode, pid and start
   * of the guest's process; then the command that mounts. A pipeline of two that talk to each other
   * needs one more pipe than a shell has. The server wants to know who it is: hence its own user
   * file.
   */
  private static final String SERVE =
      """
      pipe=$1 directory=$2 bind=$3 server=$4 mode=$5 pid=$6 start=$7
      shift 7
      trap 'trap - TERM; rm -f "$pipe"; kill 0' TERM
      lives() { [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d ' ' -f 20)" = "$start" ]; }
      serve() {
        exec bwrap --unshare-ipc --unshare-pid --unshare-net --unshare-uts --die-with-parent --new-session \\
          --ro-bind /usr /usr --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64 --dev /dev \\
          --ro-bind-data 3 /etc/passwd "$bind" "$directory" /share --chdir /share \\
          "$server" $mode -e -l ERROR -d /share 3<<END
      vmctl:x:$(id -u):$(id -g)::/share:/bin/false
      END
      }
      while lives; do
        rm -f "$pipe"
        mkfifo -m 600 "$pipe" || exit
        serve <"$pipe" | "$@" >"$pipe" &
        wait
        lives && sleep 1
      done
      rm -f "$pipe"
      """;

  /**
   * In the guest, by a POSIX shell; {@code $1} to {@code $3} are tag, place and access. What a
   * broken connection has left mounted answers nobody any more. Files belong to who logs in: the
   * numbers of the host's users mean nothing here.
   */
  private static final String MOUNT =
      "s=; [ \"$(id -u)\" = 0 ] || s=\"sudo -n\"; "
          + "if grep -q \"^$1 \" /proc/mounts; then $s umount -l \"$2\"; fi; "
          + "$s mkdir -p \"$2\" || exit; "
          + "exec $s sshfs -f -o \"passive,fsname=$1,allow_other,default_permissions,dcache_timeout=1,$3\" "
          + "-o \"uid=$(id -u),gid=$(id -g)\" :/share \"$2\"";

  /** Reads the tag; waits for the mount as long as a slow guest may need. */
  private static final String AWAIT =
      "IFS= read -r tag; n=0; until grep -q \"^$tag \" /proc/mounts; do "
          + "n=$((n+1)); [ $n -gt 100 ] && exit 1; sleep 0.2 2>/dev/null || sleep 1; done";

  private static final String FIND =
      "command -v sshfs >/dev/null 2>&1 || test -x /usr/bin/sshfs || test -x /usr/sbin/sshfs";

  private final HostProcesses processes;
  private final HostFacts facts;
  private final PrivateKeys keys;
  private final Map<Path, HostProcess> serving = new ConcurrentHashMap<>();

  SftpShares(HostProcesses processes, HostFacts facts) {
    this.processes = processes;
    this.facts = facts;
    this.keys = new PrivateKeys(facts.home());
  }

  /**
   * Serves a directory and waits until the guest has mounted it.
   *
   * @param machine the process that runs the guest
   * @throws VmException share.failed saying what is missing, and where
   */
  void mount(SshConnection connection, SshTarget target, ShareFacts share, HostProcess machine)
      throws InterruptedException {
    if (!run(connection, FIND, "")) {
      throw failed(
          share,
          target.name() + " has no sshfs",
          "install it in the guest (Debian: apt-get install sshfs); or run vmctl as root: virtiofs needs nothing there");
    }
    serve(target, share, machine);
    if (!run(connection, AWAIT, share.tag() + "\n")) {
      end(target, share);
      throw failed(
          share,
          target.name() + " cannot mount it at " + share.guest(),
          "what was said is in "
              + ShareFacts.log(target.vmDirectory())
              + "; the guest's user needs sudo without password, its kernel needs fuse");
    }
  }

  /**
   * Starts what serves a directory, unless it runs.
   *
   * @return whether it had to be started
   */
  boolean serve(SshTarget target, ShareFacts share, HostProcess machine) {
    Path pipe = ShareFacts.pipe(target.vmDirectory(), share.tag());
    if (running(pipe).isPresent()) {
      return false;
    }
    Path out = ShareFacts.log(target.vmDirectory());
    serving.put(
        pipe, processes.start(new ProcessStart(command(target, share, machine, pipe), out)));
    return true;
  }

  private Optional<HostProcess> running(Path pipe) {
    HostProcess known = serving.get(pipe);
    if (known != null && processes.isAlive(known)) {
      return Optional.of(known);
    }
    Optional<HostProcess> found = processes.search(List.of("vmctl-share", pipe.toString()));
    found.ifPresent(process -> serving.put(pipe, process));
    return found;
  }

  private void end(SshTarget target, ShareFacts share) {
    running(ShareFacts.pipe(target.vmDirectory(), share.tag()))
        .ifPresent(process -> processes.signal(process, Signal.TERMINATE));
  }

  private List<String> command(SshTarget target, ShareFacts share, HostProcess machine, Path pipe) {
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", SERVE, "vmctl-share", pipe.toString()));
    command.add(share.host().toString());
    command.add(share.readOnly() ? "--ro-bind" : "--bind");
    command.add(server(share).toString());
    command.add(share.readOnly() ? "-R" : "");
    command.add(Long.toString(machine.pid()));
    command.add(Long.toString(machine.startTicks()));
    command.addAll(ssh(target, share));
    return command;
  }

  private Path server(ShareFacts share) {
    if (facts.findProgram("bwrap").isEmpty()) {
      throw failed(share, "there is no program 'bwrap' here", "apt-get install bubblewrap");
    }
    return SERVERS.stream()
        .flatMap(place -> facts.findProgram(place).stream())
        .findFirst()
        .orElseThrow(
            () ->
                failed(
                    share, "there is no SFTP server here", "apt-get install openssh-sftp-server"));
  }

  private List<String> ssh(SshTarget target, ShareFacts share) {
    List<String> ssh = new ArrayList<>();
    ssh.add(
        facts
            .findProgram("ssh")
            .orElseThrow(
                () -> failed(share, "there is no ssh here", "apt-get install openssh-client"))
            .toString());
    ssh.addAll(List.of("-T", "-F", "none", "-p", Integer.toString(target.port())));
    // Whatever breaks it, it ends: then it is tried again.
    option(ssh, "BatchMode", "yes");
    option(ssh, "ConnectTimeout", "10");
    option(ssh, "ServerAliveInterval", "5");
    for (Path key : keys.files(target)) {
      if (Files.exists(key)) {
        option(ssh, "IdentityFile", OpenSshSettings.quoted(key));
      }
    }
    OpenSshSettings.of(
            target.vmDirectory().resolve(Guests.KNOWN_HOSTS),
            target.hostKeyAlias(),
            !target.trustFirst())
        .forEach((name, value) -> option(ssh, name, value));
    ssh.addAll(List.of("-l", target.user(), target.host(), "--"));
    ssh.add(
        "exec /bin/sh -c '"
            + MOUNT
            + "' sh "
            + share.tag()
            + " '"
            + share.guest().replace("'", "'\\''")
            + "' "
            + (share.readOnly() ? "ro" : "rw"));
    return ssh;
  }

  private static void option(List<String> command, String name, String value) {
    command.addAll(List.of("-o", name + "=" + value));
  }

  private static boolean run(SshConnection connection, String script, String input)
      throws InterruptedException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    RemoteExit exit =
        connection.exec(
            "exec /bin/sh -c '" + script + "'",
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            said,
            said);
    return exit.succeeded();
  }

  private static VmException failed(ShareFacts share, String message, String help) {
    return new VmException(
        ErrorCode.SHARE_FAILED, "cannot share " + share.host() + " by sftp: " + message, help);
  }
}
