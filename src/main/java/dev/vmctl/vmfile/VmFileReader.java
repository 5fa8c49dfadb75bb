package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlParse;
import dev.vmctl.kdl.KdlProblem;
import dev.vmctl.kdl.KdlReader;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Diagnostic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads VMFiles. Never throws for what a file is or contains: that is in the {@link VmFile}'s
 * diagnostics, all of it at once.
 */
public final class VmFileReader {
  /** Largest file that is read, in bytes. */
  public static final long MAX_SIZE = 16L << 20;

  /** Problems that leave the nodes around them as they were meant. */
  private static final Set<KdlProblem.Code> LOCAL =
      Set.of(
          KdlProblem.Code.VALUE_EXPECTED,
          KdlProblem.Code.SPACE_EXPECTED,
          KdlProblem.Code.TYPE_ANNOTATION,
          KdlProblem.Code.BARE_KEYWORD,
          KdlProblem.Code.BARE_WORD,
          KdlProblem.Code.UNKNOWN_KEYWORD,
          KdlProblem.Code.NUMBER,
          KdlProblem.Code.NUMBER_SIZE,
          KdlProblem.Code.ESCAPE);

  /** Findings that a value lost to a syntax error can bring about anywhere. */
  private static final Set<String> ABSENCES =
      Set.of(VmFileCode.MISSING_NODE.text(), VmFileCode.MISSING_ARGUMENT.text());

  private final Path home;
  private final @Nullable BackendTag usual;
  private final @Nullable String host;
  private final @Nullable SourcePolicy policy;

  /**
   * A reader for one user's files.
   *
   * @param home what a leading {@code ~} stands for
   */
  public VmFileReader(Path home) {
    this(home, null);
  }

  /**
   * A reader that also knows where the files will be used.
   *
   * @param usual the backend of a VM that declares none; null when that is not known: then nothing
   *     is said of what it cannot do
   */
  public VmFileReader(Path home, @Nullable BackendTag usual) {
    this(home.toAbsolutePath(), usual, null, null);
  }

  private VmFileReader(
      Path home, @Nullable BackendTag usual, @Nullable String host, @Nullable SourcePolicy policy) {
    this.home = home;
    this.usual = usual;
    this.host = host;
    this.policy = policy;
  }

  /** The same reader on the host of this name: VMs meant for others are not declared there. */
  public VmFileReader onHost(String name) {
    return new VmFileReader(home, usual, name, policy);
  }

  /** The same reader for files of a remote source, which may not declare everything. */
  public VmFileReader under(SourcePolicy rules) {
    return new VmFileReader(home, usual, host, rules);
  }

  /** The VMs of a file that are meant for this host. */
  public List<DeclaredVm> declaredHere(VmFile file) {
    String here = host;
    return here == null
        ? file.declarations()
        : file.declarations().stream().filter(vm -> vm.spec().isFor(here)).toList();
  }

  /** Reads a file from disk. */
  public VmFile read(Path file) {
    Path path = file.toAbsolutePath();
    try {
      SteadyFile<byte[]> read = SteadyFile.read(path, MAX_SIZE, VmFileReader::bytes);
      return decode(path, KdlReader.parse(read.content(), path.toString()), read.stamp());
    } catch (SteadyFile.Failure e) {
      Diagnostic problem = Findings.whole(path, e.code(), "the file " + e.getMessage(), e.help());
      return new VmFile(path, null, List.of(), List.of(problem));
    }
  }

  /** Reads a text as if it stood in that file. */
  public VmFile read(Path file, String text) {
    Path path = file.toAbsolutePath();
    return decode(path, KdlReader.parse(text, path.toString()), null);
  }

  /** One byte more than allowed shows that the file grew meanwhile; it will be looked at again. */
  private static byte[] bytes(InputStream in) throws IOException {
    return in.readNBytes((int) MAX_SIZE + 1);
  }

  private VmFile decode(Path path, KdlParse parse, @Nullable FileStamp stamp) {
    Path directory = Objects.requireNonNullElse(path.getParent(), path);
    Findings findings = new Findings(path);
    VmFileDecoder decoder =
        new VmFileDecoder(path, findings, new HostPaths(directory, home), usual, policy);
    if (parse.isValid()) {
      List<DeclaredVm> vms = decoder.decode(parse.document());
      return new VmFile(path, stamp, findings.hasErrors() ? List.of() : vms, findings.inOrder());
    }
    Findings all = new Findings(path);
    parse.problems().forEach(all::add);
    if (parse.problems().stream().allMatch(problem -> LOCAL.contains(problem.code()))) {
      decoder.decode(parse.document());
      beside(parse.problems(), findings.inOrder()).forEach(all::add);
    }
    return new VmFile(path, stamp, List.of(), all.inOrder());
  }

  /** The findings that are not just what follows from a syntax problem. */
  private static List<Diagnostic> beside(List<KdlProblem> problems, List<Diagnostic> found) {
    Set<Integer> lines =
        problems.stream().map(problem -> problem.span().line()).collect(Collectors.toSet());
    return found.stream()
        .filter(finding -> finding.line() > 0 && !lines.contains(finding.line()))
        .filter(finding -> !ABSENCES.contains(finding.code()))
        .toList();
  }
}
