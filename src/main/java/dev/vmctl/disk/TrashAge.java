package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How long entries have been in the trash, as far as somebody has looked. The time of day does not
 * tell: a clock that is wrong for a moment, as after a boot with an empty battery, would let weeks
 * pass at once, and nothing brings a deleted disk back. So a look counts no more than a part of the
 * time for which entries are kept, however long ago the one before it was; the rest is a gap, in
 * which nothing grew older.
 */
final class TrashAge {
  /** At least so many looks have seen an entry before it expires. */
  static final int LOOKS = 7;

  private static final System.Logger LOG = Log.of(TrashAge.class);

  private final Path file;
  private final Clock clock;

  TrashAge(Path directory, Clock clock) {
    this.file = directory.resolve(TrashCatalog.HIDDEN + "looked.json");
    this.clock = clock;
  }

  /**
   * Time that does not count for what was in the trash before its end.
   *
   * @param end by the time of day
   */
  private record Gap(Instant end, Duration length) {}

  /**
   * @param at when the latest look was
   */
  record Look(Instant at, List<Gap> gaps) {
    Duration age(Instant trashedAt) {
      Duration age = Duration.between(trashedAt, at);
      for (Gap gap : gaps) {
        age = gap.end.isAfter(trashedAt) ? age.minus(gap.length) : age;
      }
      return age;
    }
  }

  /**
   * Looks now, and remembers that.
   *
   * @param kept how long entries are kept
   * @param oldest when the oldest entry came
   */
  Look look(Duration kept, Instant oldest) {
    Instant now = clock.instant();
    Look look = read().map(before -> next(before, now, kept, oldest)).orElse(first(now, oldest));
    try {
      AtomicFiles.write(file, Json.mapper().writeValueAsBytes(look), AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
    return look;
  }

  /** Nobody knows how the time before has passed. */
  private static Look first(Instant now, Instant oldest) {
    return new Look(now, List.of(new Gap(now, Duration.between(oldest, now))));
  }

  private static Look next(Look before, Instant now, Duration kept, Instant oldest) {
    List<Gap> gaps = new ArrayList<>(before.gaps);
    // A clock that was set back was ahead until then.
    gaps.removeIf(gap -> gap.end.isAfter(now) || !gap.end.isAfter(oldest));
    Duration uncounted = Duration.between(before.at, now).minus(kept.dividedBy(LOOKS));
    if (uncounted.isPositive()) {
      gaps.add(new Gap(now, uncounted));
    }
    return new Look(now, List.copyOf(gaps));
  }

  private Optional<Look> read() {
    try {
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), Look.class));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot read " + file + ": nothing expires for now", e);
      return Optional.empty();
    }
  }
}
