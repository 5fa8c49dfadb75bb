package dev.vmctl.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The commands by name, in the order of the help; each is made only when it is called. */
final class CommandTable {
  private final Map<String, Function<Session, Object>> makers = new LinkedHashMap<>();

  CommandTable() {
    makers.put("up", UpCommand::new);
    makers.put("apply", ApplyCommand::new);
    makers.put("history", HistoryCommand::new);
    makers.put("diff", DiffCommand::new);
    makers.put("rollback", RollbackCommand::new);
    makers.put("down", DownCommand::new);
    makers.put("reload", ReloadCommand::new);
    makers.put("provision", ProvisionCommand::new);
    makers.put("prune", PruneCommand::new);
    makers.put("plan", PlanCommand::new);
    makers.put("validate", ValidateCommand::new);
    makers.put("fmt", FmtCommand::new);
    makers.put("explain", ExplainCommand::new);
    makers.put("list", ListCommand::new);
    makers.put("status", StatusCommand::new);
    makers.put("create", CreateCommand::new);
    makers.put("start", StartCommand::new);
    makers.put("stop", StopCommand::new);
    makers.put("suspend", SuspendCommand::new);
    makers.put("resume", ResumeCommand::new);
    makers.put("snapshot", SnapshotCommand::new);
    makers.put("clone", CloneCommand::new);
    makers.put("destroy", DestroyCommand::new);
    makers.put("wait", WaitCommand::new);
    makers.put("ssh", SshCommand::new);
    makers.put("exec", ExecCommand::new);
    makers.put("ssh-config", SshConfigCommand::new);
    makers.put("cp", CopyCommand::new);
    makers.put("console", ConsoleCommand::new);
    makers.put("port-forward", PortForwardCommand::new);
    makers.put("vnc", VncCommand::new);
    makers.put("screenshot", ScreenshotCommand::new);
    makers.put("log", LogCommand::new);
    makers.put("events", EventsCommand::new);
    makers.put("top", TopCommand::new);
    makers.put("image", ImageCommand::new);
    makers.put("label", LabelCommand::new);
    makers.put("rename", RenameCommand::new);
    makers.put("export", ExportCommand::new);
    makers.put("import", ImportCommand::new);
    makers.put("adopt", AdoptCommand::new);
    makers.put("release", ReleaseCommand::new);
    makers.put("trash", TrashCommand::new);
    makers.put("drain", DrainCommand::new);
    makers.put("cordon", CordonCommand::new);
    makers.put("uncordon", UncordonCommand::new);
    makers.put("source", SourceCommand::new);
    makers.put("daemon", DaemonCommand::new);
    makers.put("dashboard", DashboardCommand::new);
    makers.put("doctor", DoctorCommand::new);
    makers.put("completion", CompletionCommand::new);
    makers.put("man", ManCommand::new);
    makers.put("version", VersionCommand::new);
  }

  Set<String> names() {
    return makers.keySet();
  }

  /** The command of this name; null when there is none. */
  @Nullable Object make(String name, Session session) {
    Function<Session, Object> maker = makers.get(name);
    return maker == null ? null : maker.apply(session);
  }
}
