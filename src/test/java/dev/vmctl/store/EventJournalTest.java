package dev.vmctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.MessageFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventJournalTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path directory;

  private static VmEvent event(String message, long second) {
    return new VmEvent(
        THEN.plusSeconds(second), VmEvent.Type.WARNING, "Reason", new VmName("web"), message, 1);
  }

  private Path file() {
    return directory.resolve("events.jsonl");
  }

  @Test
  void eventsAreReadBackInOrderByAnotherProcess() {
    EventJournal journal = new EventJournal(file());
    journal.add(event("one", 0));
    journal.add(event("two", 1));
    assertThat(new EventJournal(file()).read())
        .extracting(VmEvent::message)
        .containsExactly("one", "two");
  }

  @Test
  void theSameEventAgainSoonIsCountedAndLaterToldAnew() {
    EventJournal journal = new EventJournal(file());
    journal.add(event("again", 0));
    journal.add(event("other", 1));
    journal.add(event("again", 2));
    journal.add(event("again", 3));
    journal.add(event("again", 3600));
    assertThat(journal.read())
        .extracting(VmEvent::message, VmEvent::count)
        .containsExactly(tuple("other", 1), tuple("again", 3), tuple("again", 1));
  }

  @Test
  @Fault(area = Area.API, value = "a full disk for the journal of events")
  void aFullDiskLosesEventsAndNothingElse(Seen seen) throws IOException {
    EventJournal journal = new EventJournal(file());
    Files.createSymbolicLink(file(), Path.of("/dev/full"));
    List<String> logged = new ArrayList<>();
    Logger logger = Logger.getLogger(EventJournal.class.getName());
    Handler handler = listening(logged);
    logger.addHandler(handler);
    try {
      journal.add(event("lost", 0));
      assertThat(journal.add(event("lost too", 0)).message()).isEqualTo("lost too");
    } finally {
      logger.removeHandler(handler);
    }
    seen.calling(directory, "<data>").says("in the log, once: " + String.join("\n", logged));
    assertThat(journal.isWritable()).isFalse();

    Files.delete(file());
    journal.add(event("after", 1));

    assertThat(journal.isWritable()).isTrue();
    assertThat(journal.read()).extracting(VmEvent::message).containsExactly("after");
  }

  private static Handler listening(List<String> logged) {
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        logged.add(MessageFormat.format(record.getMessage(), record.getParameters()));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void aLineCutOffByACrashHidesNoOther() throws IOException {
    EventJournal journal = new EventJournal(file());
    journal.add(event("before", 0));
    Files.writeString(file(), "{\"time\":\"2026-\n", StandardOpenOption.APPEND);
    journal.add(event("after", 1));
    assertThat(journal.read()).extracting(VmEvent::message).containsExactly("before", "after");
  }

  @Test
  void theJournalIsBounded() throws IOException {
    EventJournal journal = new EventJournal(file());
    String filler = "x".repeat(10_000);
    for (int i = 0; i < 1200; i++) {
      journal.add(event(filler + i, i));
    }
    long size = 0;
    for (Path part : List.of(file(), directory.resolve("events.jsonl.1"))) {
      size += Files.size(part);
    }
    assertThat(size).isLessThan(9L << 20);
    assertThat(journal.read().getLast().message()).endsWith("1199");
  }

  @Test
  void whoFollowsIsToldEachEventOnceWhateverTheClockDoes() {
    EventJournal journal = new EventJournal(file());
    EventJournal follower = new EventJournal(file());
    journal.add(event("one", 0));
    EventJournal.Told first = follower.after(0);
    journal.add(event("before it", -3600));
    journal.add(event("one", 1));
    EventJournal.Told second = follower.after(first.next());
    assertThat(first.events()).extracting(VmEvent::message).containsExactly("one");
    assertThat(second.events())
        .extracting(VmEvent::message, VmEvent::count)
        .containsExactly(tuple("before it", 1), tuple("one", 2));
    assertThat(follower.after(second.next()).events()).isEmpty();
  }

  @Test
  void whoFollowsGoesOnInTheNextFileAndMissesNone() {
    EventJournal journal = new EventJournal(file());
    String filler = "x".repeat(100_000);
    long place = 0;
    for (int i = 0; i < 130; i++) {
      journal.add(event(filler + i, i));
      EventJournal.Told told = new EventJournal(file()).after(place);
      assertThat(told.events())
          .hasSize(1)
          .last()
          .extracting(VmEvent::message)
          .isEqualTo(filler + i);
      place = told.next();
    }
    assertThat(place).isGreaterThan(3 * (4L << 20));
  }

  @Test
  void aJournalFromBeforeThereWerePlacesIsReadWhole() throws IOException {
    EventJournal journal = new EventJournal(file());
    journal.add(event("old", 0));
    Files.write(directory.resolve("events.jsonl.1"), Files.readAllLines(file()).subList(1, 2));
    journal.add(event("new", 1));
    Files.write(file(), Files.readAllLines(file()).subList(2, 3));
    assertThat(journal.after(0).events())
        .extracting(VmEvent::message)
        .containsExactly("old", "new");
    assertThat(journal.after(journal.after(0).next()).events()).isEmpty();
  }

  @Test
  void anotherJournalIsToldFromItsBeginning() throws IOException {
    EventJournal journal = new EventJournal(file());
    journal.add(event("one", 0));
    journal.add(event("two", 0));
    long next = journal.after(0).next();
    Files.delete(file());
    journal.add(event("other", 1));
    assertThat(journal.after(next).events()).extracting(VmEvent::message).containsExactly("other");
  }

  @Test
  void whoWaitsIsToldAtOnceAndByWhoeverWrites() throws Exception {
    EventJournal journal = new EventJournal(file());
    for (EventJournal writer : List.of(journal, new EventJournal(file()))) {
      long next = journal.after(0).next();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<EventJournal.Told> told =
            threads.submit(() -> journal.await(next, Duration.ofSeconds(30)));
        writer.add(event("told", 0));
        assertThat(told.get(10, TimeUnit.SECONDS).events()).hasSize(1);
      }
    }
    assertThat(journal.await(journal.after(0).next(), Duration.ofMillis(1)).events()).isEmpty();
  }

  @Test
  void aJournalThatCannotBeWrittenStopsNobody() throws IOException {
    Files.createDirectory(file());
    assertThat(new EventJournal(file()).add(event("told", 0)).message()).isEqualTo("told");
  }
}
