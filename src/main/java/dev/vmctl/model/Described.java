package dev.vmctl.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the reader of a value, {@code explain} and the reference page need to know of a node. */
public sealed interface Described permits Field, Part {
  /** How its value is written. */
  Kind kind();

  /** Smallest number allowed, in the kind's unit; null where it does not apply. */
  @Nullable Long minimum();

  /** Largest number allowed; null where it does not apply. */
  @Nullable Long maximum();

  /** The words allowed; empty where it does not apply. */
  List<String> choices();

  /** How the default is described; empty where there is none. */
  String defaultText();

  /** One sentence. */
  String summary();

  /** How it is written. */
  String example();

  /** Nodes in its braces that the reader knows; they may be written as properties as well. */
  List<Part> parts();

  /** How a value is written in a VMFile. */
  enum Kind {
    /** A whole number. */
    INTEGER,
    /** Memory: a plain number is MiB; text may carry a unit ({@code "2GiB"}). Decoded to MiB. */
    MEMORY,
    /** Disk size: a plain number is GiB; text may carry a unit. Decoded to bytes. */
    DISK_SIZE,
    /** A time: a plain number is seconds; text may carry a unit ({@code "5m"}). */
    DURATION,
    /** Text on one line. */
    TEXT,
    /** Text that may have several lines. */
    LINES,
    /**
     * A file of the host; relative to the VMFile's directory, {@code ~} is the home directory.
     * Decoded to an absolute path.
     */
    PATH,
    /** {@code #true} or {@code #false}; the node alone means {@code #true}. */
    BOOLEAN,
    /** One of {@link Described#choices}. */
    CHOICE,
    /** One or more texts. */
    TEXTS,
    /** A node without a value. */
    FLAG,
    /** A network, see {@link NetworkSpec}. */
    NETWORK,
    /** A provision step, see {@link ProvisionStep}. */
    PROVISION,
    /** Disks beside the root disk, see {@link DiskSpec}. */
    DISKS,
    /** Network cards beside the first, see {@link NicSpec}. */
    NICS,
    /** A forwarded port, see {@link ForwardSpec}. */
    FORWARD,
    /** A shared directory, see {@link ShareSpec}. */
    SHARE,
    /** Names with short texts, see {@link Labels}. */
    LABELS,
    /** Variables, see {@link EnvVariable}. */
    ENV,
    /** When changes are applied, see {@link ApplyPolicy}. */
    APPLY,
    /** What must be up before, see {@link Dependency}. */
    DEPENDENCY,
    /** A health check, see {@link ProbeSpec}. */
    PROBE
  }
}
