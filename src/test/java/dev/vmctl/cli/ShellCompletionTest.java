package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The completions, asked of the shells themselves. */
@Timeout(60)
class ShellCompletionTest {
  @TempDir Path directory;

  /** What the shells ask for the names of VMs. */
  @BeforeEach
  void standIn() throws Exception {
    Path vmctl = directory.resolve("vmctl");
    Files.writeString(
        vmctl, "#!/bin/sh\n[ \"$*\" = 'list -o name' ] && printf 'db\\nweb\\nweb-2\\n'\n");
    Files.setPosixFilePermissions(vmctl, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void bashCompletesCommandsOptionsAndWords() throws Exception {
    Path script = script("bash");
    assertThat(bash(script, "vmctl", "sta")).contains("start", "status").doesNotContain("stop");
    assertThat(bash(script, "vmctl", "list", "--no")).containsExactly("--no-headers");
    assertThat(bash(script, "vmctl", "list", "-o", "")).contains("json", "wide");
    assertThat(bash(script, "vmctl", "image", "pu")).contains("pull", "push");
    assertThat(bash(script, "vmctl", "stop", "we")).containsExactly("web", "web-2");
    assertThat(bash(script, "vmctl", "snapshot", "create", "")).contains("db");
    assertThat(bash(script, "vmctl", "validate", "")).doesNotContain("db");
  }

  @Test
  void zshCompletesCommandsOptionsAndWords() throws Exception {
    String person =
        """
        zmodload zsh/zpty
        zpty shell 'TERM=dumb zsh -f -i'
        zpty -w shell "PROMPT=; autoload -Uz compinit; compinit -u -D; source '%s'; echo rea''dy"
        zpty -r -m shell seen '*ready*'
        zpty -w -n shell $'vmctl stat\\t'
        zpty -r -m shell seen '*vmctl status *'
        zpty -w -n shell $'\\025vmctl list --no\\t'
        zpty -r -m shell seen '*vmctl list --no-headers*'
        zpty -w -n shell $'\\025vmctl list -o jso\\t'
        zpty -r -m shell seen '*vmctl list -o json*'
        zpty -w -n shell $'\\025vmctl start d\\t'
        zpty -r -m shell seen '*vmctl start db*'
        print completed
        """
            .formatted(script("zsh"));
    assertThat(output(List.of("timeout", "30", "zsh", "-f", "-c", person)))
        .containsExactly("completed");
  }

  @Test
  void fishCompletesCommandsAndOptionsWithTheirMeaning() throws Exception {
    Path script = script("fish");
    assertThat(fish(script, "vmctl sta"))
        .contains("start\tStart VMs, and keep them started.")
        .anyMatch(line -> line.startsWith("status\t"))
        .noneMatch(line -> line.startsWith("stop"));
    assertThat(fish(script, "vmctl list --no"))
        .containsExactly("--no-headers\tTables without their first line.");
    assertThat(fish(script, "vmctl image pu")).anyMatch(line -> line.startsWith("pull\t"));
    assertThat(fish(script, "vmctl list -o j")).anyMatch(line -> line.startsWith("json"));
    assertThat(fish(script, "vmctl stop we")).containsExactly("web\tVM", "web-2\tVM");
    assertThat(fish(script, "vmctl snapshot create d")).contains("db\tVM");
  }

  private Path script(String shell) throws Exception {
    CliRun.Result result = new CliRun(directory).run("completion", shell);
    assertThat(result.code()).isZero();
    return Files.writeString(directory.resolve("completion." + shell), result.out());
  }

  private List<String> bash(Path script, String... words) throws Exception {
    return run(
        List.of("bash", "--noprofile", "--norc", "-c"),
        "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_vmctl; printf '%%s\\n' \"${COMPREPLY[@]}\"",
        script,
        words);
  }

  private List<String> fish(Path script, String line) throws Exception {
    return output(
        List.of(
            "fish", "--no-config", "-c", "source '" + script + "'; complete -C '" + line + "'"));
  }

  private List<String> run(List<String> shell, String program, Path script, String... words)
      throws Exception {
    StringBuilder quoted = new StringBuilder();
    for (String word : words) {
      quoted.append(" '").append(word).append('\'');
    }
    List<String> command = new ArrayList<>(shell);
    command.add(program.formatted(script, quoted, words.length - 1));
    return output(command);
  }

  private List<String> output(List<String> command) throws Exception {
    // Outside a completion bash complains of compopt.
    ProcessBuilder shell =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    shell.environment().merge("PATH", directory.toString(), (path, ours) -> ours + ":" + path);
    Process process = shell.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.lines().map(String::stripTrailing).toList();
  }
}
