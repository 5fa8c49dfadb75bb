package dev.vmctl.daemon;

import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.source.git.GitAuth;
import dev.vmctl.source.git.GitRepository;
import dev.vmctl.vmfile.Allowance;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The settings that hold, as a {@code vmctl.kdl} that says the same. Secrets are files. */
final class ShownConfig {
  private final StringBuilder text = new StringBuilder();

  private ShownConfig() {}

  static String of(DaemonSettings settings) {
    ShownConfig shown = new ShownConfig();
    Path file = settings.config();
    shown.text.append(
        file == null
            ? "// no configuration file\n"
            : "// from " + file + " and the command line\n");
    shown.line("", "data-dir", settings.dataDirectory());
    shown.line("", "listen", settings.listen());
    shown.api(settings.api());
    shown.line("", "resync", settings.resync().toSeconds() + "s");
    shown.line("", "log", settings.log().name().toLowerCase(Locale.ROOT));
    EnginePolicy policy = settings.policy();
    shown
        .text
        .append("apply")
        .append(mode("live", policy.apply().live()))
        .append(mode("restart", policy.apply().restart()))
        .append(mode("replace", policy.apply().replace()))
        .append('\n');
    if (policy.parallel() > 0) {
      shown.text.append("parallel ").append(policy.parallel()).append('\n');
    }
    shown.text.append("overcommit #").append(policy.overcommit()).append('\n');
    shown.line("", "event-webhook", settings.events().webhook());
    shown.line("", "event-webhook-secret-file", settings.events().webhookSecret());
    shown.line("", "event-exec", settings.events().exec());
    shown.line("", "event-type", settings.events().least().name().toLowerCase(Locale.ROOT));
    shown.line("", "traces", settings.traces());
    settings.watch().forEach(directory -> shown.line("", "watch", directory));
    settings.repositories().forEach(shown::repository);
    return shown.text.toString();
  }

  private static String mode(String name, ApplyPolicy.@Nullable Mode mode) {
    return mode == null ? "" : " " + name + "=" + quoted(mode.text());
  }

  private void api(@Nullable ApiListen api) {
    if (api == null) {
      return;
    }
    text.append("api ").append(quoted(api.toString())).append(" {\n");
    line("  ", "tls-cert", api.certificate());
    line("  ", "tls-key", api.key());
    line("  ", "token-file", api.token());
    text.append("}\n");
  }

  private void repository(GitRepository repository) {
    text.append("git ").append(quoted(repository.name())).append(" {\n");
    line("  ", "url", repository.url());
    line("  ", "branch", repository.branch().isEmpty() ? null : repository.branch());
    line("  ", "path", repository.path().isEmpty() ? null : repository.path());
    line("  ", "interval", repository.interval().toSeconds() + "s");
    line("  ", "max-size", (repository.maxBytes() >> 20) + "MiB");
    GitAuth auth = repository.auth();
    if (!auth.equals(GitAuth.none())) {
      text.append("  auth {\n");
      line("    ", "token-file", auth.tokenFile());
      line("    ", "ssh-key", auth.sshKey());
      line("    ", "known-hosts", auth.knownHosts());
      line("    ", "user", auth.user());
      text.append("  }\n");
    }
    words("require-signed", repository.signers().stream().map(Path::toString));
    line("  ", "webhook-secret-file", repository.webhookSecret());
    words("allow", repository.allowed().stream().map(Allowance::text));
    text.append("}\n");
  }

  private void words(String name, Stream<String> values) {
    String all = values.map(ShownConfig::quoted).collect(Collectors.joining(" "));
    if (!all.isEmpty()) {
      text.append("  ").append(name).append(' ').append(all).append('\n');
    }
  }

  private void line(String indent, String name, @Nullable Object value) {
    if (value != null) {
      text.append(indent).append(name).append(' ').append(quoted(value.toString())).append('\n');
    }
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
