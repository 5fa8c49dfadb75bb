package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.ApplyPolicy.Mode;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.VmException;
import dev.vmctl.source.git.GitRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
  @TempDir Path directory = Path.of("/nonexistent");

  @Test
  void theExampleIsReadAndShownAsWhatItSays() throws IOException {
    Path example =
        Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")), "manifests/vmctl.kdl");
    // Each setting stands there as a comment, ready to be used.
    String text =
        Files.readString(example).replaceAll("(?m)^// ?(?=[a-z][a-z -]*[\"{}=#0-9]|}|  )", "");
    DaemonSettings settings = settings(write(text));
    assertThat(settings.repositories()).hasSize(1);
    GitRepository fleet = settings.repositories().getFirst();
    assertThat(fleet.name()).isEqualTo("fleet");
    assertThat(fleet.interval()).isEqualTo(Duration.ofSeconds(60));
    assertThat(fleet.signers()).isNotEmpty();
    assertThat(fleet.webhookSecret()).isNotNull();
    assertThat(fleet.auth().tokenFile()).isNotNull();
    assertThat(settings.watch()).isNotEmpty();
    DaemonSettings again = settings(write(ShownConfig.of(settings)));
    assertThat(again)
        .usingRecursiveComparison()
        .ignoringFields("config", "places")
        .isEqualTo(settings);
  }

  @Test
  void theExampleAsItIsFollowsNothing() throws IOException {
    Path example =
        Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")), "manifests/vmctl.kdl");
    DaemonSettings settings = settings(example);
    assertThat(settings.repositories()).isEmpty();
    assertThat(settings.watch()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "gti \"a\" { url \"/r\" } | 1:1: 'gti' means nothing in vmctl.kdl",
        "git \"a\" | 1:1: a repository needs a url",
        "git \"a b\" { url \"/r\" } | a name has 1 to 63 letters",
        "git \"a\" { url \"relative\" } | 'relative' is neither a URL nor an absolute path",
        "git \"a\" { url \"ftp://h/r\" } | 'ftp' URLs are not followed",
        "git \"a\" { url \"https://u:secret@h/r\" } | the URL holds a user or a password",
        "git \"a\" { url \"/r\"; path \"../x\" } | does not lead to a directory in the repository",
        "git \"a\" { url \"/r\"; path \"/x\" } | does not lead to a directory in the repository",
        "git \"a\" { url \"/r\"; branch \"a..b\" } | cannot be the name of a branch",
        "git \"a\" { url \"/r\"; interval \"soon\" } | 'soon' is not a time",
        "git \"a\" { url \"/r\"; interval \"0s\" } | '0s' is not a time",
        "git \"a\" { url \"/r\"; allow \"all\" } | 'all' is nothing that can be allowed",
        "git \"a\" { url \"/r\"; max-size \"9\" } | '9' is not a size",
        "git \"a\" { url \"http://example.org/r\"; auth { token-file \"t\" } } | in the clear",
        "git \"a\" { url \"/r\"; url \"/s\" } | 'url' is given twice",
        "git \"a\" { url \"/r\" }; git \"a\" { url \"/s\" } | 'a' is followed twice",
        "git \"a\" { url \"/r\" }; git \"b\" { url \"/r\" } | 'b' is followed twice",
        "listen \"0.0.0.0:1\" | 0.0.0.0",
        "resync \"1\" | '1' is not a time",
        "watch | 'watch' needs text",
        "watch \"/a\" { | 1:",
        "apply \"later\" | 'later' is neither auto nor manual",
        "apply | 'apply' needs a word",
        "apply reboot=\"manual\" | 'reboot' is no class of changes",
        "parallel 0 | 'parallel' needs a number from 1 to 1000",
        "parallel \"4\" | 'parallel' needs a number from 1 to 1000",
        "overcommit \"yes\" | 'overcommit' needs #true or #false",
      })
  void aMistakeIsToldWithItsPlace(String text, String said) throws IOException {
    Path file = write(text);
    assertThatThrownBy(() -> settings(file))
        .isInstanceOf(VmException.class)
        .hasMessageContaining(file + ":1:")
        .hasMessageContaining(said)
        .hasMessageNotContaining("secret@");
  }

  @Test
  void optionsWinOverTheFile() throws IOException {
    Path file = write("watch \"/a\"\nresync \"5m\"\ngit \"x\" { url \"/r.git\" }\n");
    DaemonSettings settings =
        settings(
            file,
            "--watch",
            "/b",
            "--git",
            "https://example.org/fleet.git#main:vms",
            "--git",
            "git@example.org:other/fleet.git");
    assertThat(settings.watch()).containsExactly(Path.of("/b"));
    assertThat(settings.resync()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.repositories())
        .extracting(GitRepository::name)
        .containsExactly("fleet", "fleet-2");
    assertThat(settings.repositories().getFirst().id())
        .hasToString("https://example.org/fleet.git#main:vms");
  }

  @Test
  void whatHoldsForEveryVmIsReadAndShown() throws IOException {
    Path file = write("apply restart=\"manual\"\nparallel 4\novercommit #true\n");
    EnginePolicy policy = settings(file).policy();
    assertThat(policy)
        .isEqualTo(new EnginePolicy(new ApplyPolicy(Mode.AUTO, Mode.MANUAL, Mode.AUTO), 4, true));
    assertThat(settings(write(ShownConfig.of(settings(file)))).policy()).isEqualTo(policy);
    assertThat(settings(file, "--apply", "manual", "--parallel", "2").policy())
        .isEqualTo(new EnginePolicy(ApplyPolicy.all(Mode.MANUAL), 2, true));
    assertThat(settings(write("")).policy()).isEqualTo(EnginePolicy.STANDARD);
  }

  @Test
  void relativePathsAreOfTheFilesDirectory() throws IOException {
    Path file = write("watch \"vms\"\n");
    assertThat(settings(file).watch()).containsExactly(directory.resolve("vms"));
  }

  @Test
  void everySettingIsAnOptionAVariableAndALineOfTheFile() throws IOException {
    Map<String, String> values =
        Map.ofEntries(
            Map.entry("watch", "/srv/vms"),
            Map.entry("git", "https://example.org/fleet.git#main:vms"),
            Map.entry("listen", "127.0.0.1:1234"),
            Map.entry("api", "127.0.0.1:1235"),
            Map.entry("resync", "30s"),
            Map.entry("log", "text"),
            Map.entry("apply", "manual"),
            Map.entry("parallel", "3"),
            Map.entry("overcommit", "true"),
            Map.entry("event-webhook", "https://example.org/hook"),
            Map.entry("event-webhook-secret-file", "/etc/vmctl/hook.secret"),
            Map.entry("event-exec", "/usr/local/bin/on-event"),
            Map.entry("event-type", "warning"),
            Map.entry("traces", "http://127.0.0.1:4318"),
            Map.entry("data-dir", "/srv/data"));
    // The three of --api stand in the file inside of it; --system says which daemon this is.
    Set<String> own =
        Set.of(
            "help",
            "show-config",
            "install",
            "user",
            "config",
            "system",
            "tls-cert",
            "tls-key",
            "token-file");
    List<String> options =
        new DaemonOptions()
            .commandLine(Map.of()).getCommandSpec().options().stream()
                .map(option -> option.longestName().substring(2))
                .filter(name -> !own.contains(name))
                .toList();
    assertThat(values.keySet()).containsAll(options);
    String usual = ShownConfig.of(options(Map.of()));
    for (String option : options) {
      String value = Objects.requireNonNull(values.get(option));
      String variable = "VMCTL_" + option.toUpperCase(Locale.ROOT).replace('-', '_');
      String given =
          ShownConfig.of(
              option.equals("overcommit")
                  ? options(Map.of(), "--overcommit")
                  : options(Map.of(), "--" + option, value));
      assertThat(given).as(option).isNotEqualTo(usual).contains("\n" + option + " ");
      assertThat(ShownConfig.of(options(Map.of(variable, value)))).as(variable).isEqualTo(given);
      String again = ShownConfig.of(settings(write(given)));
      assertThat(again.lines().skip(1))
          .as(option)
          .containsExactlyElementsOf(given.lines().skip(1).toList());
    }
  }

  @Test
  void theApiOnTcpIsReadWithItsFiles() throws IOException {
    String given =
        ShownConfig.of(
            settings(
                write(
                    """
                    api "0.0.0.0:9465" {
                      tls-cert "/etc/vmctl/host.pem"
                      tls-key "/etc/vmctl/host.key"
                      token-file "/etc/vmctl/token"
                    }
                    """)));
    assertThat(given).contains("api \"0.0.0.0:9465\" {\n", "  tls-key \"/etc/vmctl/host.key\"\n");
    assertThat(ShownConfig.of(settings(write(given))).lines().skip(1))
        .containsExactlyElementsOf(given.lines().skip(1).toList());
  }

  @Test
  void anOptionWinsOverAVariableAndThatOverTheFile() throws IOException {
    Path file = write("resync \"10s\"");
    Map<String, String> variable = Map.of("VMCTL_RESYNC", "20s");
    String path = file.toString();
    assertThat(options(variable, "--config", path, "--resync", "30s").resync())
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(options(variable, "--config", path).resync()).isEqualTo(Duration.ofSeconds(20));
    assertThat(options(Map.of("VMCTL_CONFIG", path)).resync()).isEqualTo(Duration.ofSeconds(10));
  }

  private static DaemonSettings options(Map<String, String> variables, String... arguments) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("HOME", "/nonexistent/home");
    DaemonOptions options = new DaemonOptions();
    options.commandLine(environment).parseArgs(arguments);
    return options.settings(new LinuxHostFacts(environment, Path.of("/"), "ann"), environment);
  }

  @Test
  void theUsersFileIsReadWhereNoneIsNamed() throws IOException {
    Path file = Files.createDirectories(directory.resolve("vmctl")).resolve("vmctl.kdl");
    Files.writeString(file, "watch \"/a\"\n");
    DaemonOptions options = new DaemonOptions();
    options.commandLine(Map.of()).parseArgs();
    Map<String, String> environment =
        Map.of("HOME", directory.toString(), "XDG_CONFIG_HOME", directory.toString());
    LinuxHostFacts facts = new LinuxHostFacts(environment, Path.of("/"), "ann");
    boolean root = facts.userId() == 0;
    assertThat(options.settings(facts, environment).watch()).hasSize(root ? 0 : 1);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "config", ".kdl"), text);
  }

  private static DaemonSettings settings(Path file, String... arguments) {
    DaemonOptions options = new DaemonOptions();
    String[] all = new String[arguments.length + 2];
    all[0] = "--config";
    all[1] = file.toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    options.commandLine(Map.of()).parseArgs(all);
    Map<String, String> environment = Map.of("HOME", "/home/ann");
    return options.settings(new LinuxHostFacts(environment, Path.of("/"), "ann"), environment);
  }
}
