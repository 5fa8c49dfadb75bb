package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class QuickListTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "list -o table",
        "list -o wide",
        "list -o json",
        "list -o yaml",
        "list -o name",
        "list --data-dir /srv/vms",
        "--data-dir /srv/vms list",
        "--data-dir /srv/vms list -o json",
        "list -o json --data-dir /srv/vms",
      })
  void whatItUnderstandsTheParserUnderstandsTheSameWay(String line) {
    Session quick = session();
    Optional<ListCommand> command = QuickList.of(quick, List.of(line.split(" ")));

    Session parsed = session();
    CommandLine.ParseResult result =
        new Cli(parsed).commandLine("list").parseArgs(line.split(" ")).subcommand();
    ListCommand expected = (ListCommand) result.commandSpec().userObject();

    assertThat(command).isPresent();
    assertThat(command.get().format()).isEqualTo(expected.format());
    assertThat(quick.globals()).usingRecursiveComparison().isEqualTo(parsed.globals());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "status",
        "list extra",
        "list list",
        "list --help",
        "list -v",
        "list -o",
        "list -o xml",
        "list -o JSON",
        "list -o json -o yaml",
        "-o json list",
        "list -ojson",
        "list --output json",
        "list --data-dir",
        "list --data-dir vms",
        "list --data-dir -o",
        "list --data-dir @file",
        "list --data-dir=/srv/vms",
        "list --data-dir /a --data-dir /b",
        "list -- -o json",
        "help list",
        "@arguments",
      })
  void allElseIsLeftToTheParser(String line) {
    Session session = session();

    assertThat(QuickList.of(session, List.of(line.split(" ")))).isEmpty();
    assertThat(session.globals()).usingRecursiveComparison().isEqualTo(new GlobalOptions());
  }

  private static Session session() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Surroundings surroundings = Surroundings.ofProcess();
    return new Session(
        new Terminal(InputStream.nullInputStream(), nowhere, nowhere, false, false, false, false),
        surroundings,
        new VmctlConnector(new InProcessEngine()),
        new SourceVmFiles(surroundings),
        new SystemForeground());
  }
}
