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
import java.util.Map;
import java.util.Objects;
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
    String text = Files.readString(example).replaceAll("(?m)^// ?(?=[a-z][a-z -]*[\"{}]|}|  )", "");
    DaemonSettings settings = settings(write(text));
    assertThat(settings.repositories()).hasSize(1);
    GitRepository fleet = settings.repositories().getFirst();
    assertThat(fleet.name()).isEqualTo("fleet");
    assertThat(fleet.interval()).isEqualTo(Duration.ofSeconds(60));
    assertThat(fleet.signers()).isNotNull();
    assertThat(fleet.webhookSecret()).isNotNull();
    assertThat(fleet.auth().tokenFile()).isNotNull();
    assertThat(settings.watch()).isNotEmpty();
    DaemonSettings again = settings(write(ShownConfig.of(settings)));
    assertThat(again).usingRecursiveComparison().ignoringFields("config").isEqualTo(settings);
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
  void theUsersFileIsReadWhereNoneIsNamed() throws IOException {
    Path file = Files.createDirectories(directory.resolve("vmctl")).resolve("vmctl.kdl");
    Files.writeString(file, "watch \"/a\"\n");
    DaemonOptions options = new DaemonOptions();
    options.commandLine().parseArgs();
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
    options.commandLine().parseArgs(all);
    Map<String, String> environment = Map.of("HOME", "/home/ann");
    return options.settings(new LinuxHostFacts(environment, Path.of("/"), "ann"), environment);
  }
}
