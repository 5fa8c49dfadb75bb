package dev.vmctl.controller;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Finds moments in a provision log, in which every step begins with a line that says when. */
final class ProvisionLogTimes {
  private static final String LEAD = "=== ";

  private ProvisionLogTimes() {}

  /** Where the first step begins that was at work at that moment or later; else the log's end. */
  static long since(Path file, Instant moment) throws IOException {
    long size;
    try {
      size = Files.size(file);
    } catch (NoSuchFileException none) {
      return 0;
    }
    if (Files.getLastModifiedTime(file).toInstant().isBefore(moment)) {
      return size;
    }
    long from = 0;
    long offset = 0;
    // Each byte a character, so that lengths are offsets.
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = line(lines); !line.isEmpty(); line = line(lines)) {
        Optional<Instant> begun = time(line);
        if (begun.isPresent()) {
          if (begun.get().isAfter(moment)) {
            return from;
          }
          from = offset;
        }
        offset += line.length();
      }
    }
    return from;
  }

  /** With its end; empty at the end of the file. */
  private static String line(BufferedReader from) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = from.read(); next >= 0; next = from.read()) {
      line.append((char) next);
      if (next == '\n') {
        break;
      }
    }
    return line.toString();
  }

  private static Optional<Instant> time(String line) {
    if (!line.startsWith(LEAD)) {
      return Optional.empty();
    }
    int end = line.indexOf(' ', LEAD.length());
    try {
      return Optional.of(
          Instant.parse(line.substring(LEAD.length(), Math.max(end, LEAD.length()))));
    } catch (DateTimeParseException notOurs) {
      return Optional.empty(); // A step wrote a line like ours.
    }
  }
}
