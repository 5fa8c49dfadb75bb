package dev.vmctl.vmfile;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;

/** One {@code vm} node. */
public final class DeclaredVm {
  private final Spot spot;
  private final VmSpec spec;
  private final List<DeclaredFile> files;

  DeclaredVm(Spot spot, VmSpec spec, List<DeclaredFile> files) {
    this.spot = spot;
    this.spec = spec;
    this.files = List.copyOf(files);
  }

  /** The same declaration with another spec. */
  DeclaredVm with(VmSpec changed) {
    return new DeclaredVm(spot, changed, files);
  }

  /** This VM's place as the second one of a finding about another. */
  public Diagnostic.Label label(String text) {
    return spot.label(text);
  }

  public VmSpec spec() {
    return spec;
  }

  public VmName name() {
    return spec.name();
  }

  public Path file() {
    return spot.file();
  }

  /** Where its name stands, from 1. */
  public int line() {
    return spot.line();
  }

  /** Where its name stands, in code points from 1. */
  public int column() {
    return spot.column();
  }

  /** The host's files it names, in the order of the VMFile. */
  public List<DeclaredFile> files() {
    return files;
  }

  /** A finding about this VM as a whole, at its name. */
  public Diagnostic finding(VmFileCode code, String message, String help) {
    return spot.finding(code, message, help);
  }

  @Override
  public String toString() {
    return spec.name() + " (" + spot.file() + ":" + line() + ")";
  }
}
