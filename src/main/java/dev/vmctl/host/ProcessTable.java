package dev.vmctl.host;

import java.util.List;
import java.util.Optional;

/** The processes that live, as a host without Linux's {@code /proc} tells of them. */
interface ProcessTable {
  /**
   * A process.
   *
   * @param words its command line, as far as the host tells it; divided at blanks
   */
  record Row(HostProcess process, List<String> words) {
    public Row {
      words = List.copyOf(words);
    }
  }

  /** The one of this number; empty when there is none, or only a zombie. */
  Optional<Row> find(long pid);

  /** All of them, of every user. */
  List<Row> all();
}
