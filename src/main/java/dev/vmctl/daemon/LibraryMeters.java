package dev.vmctl.daemon;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import jakarta.inject.Singleton;

/** Keeps what the library of the registries measures of itself out of what a scraper reads. */
@Singleton
class LibraryMeters implements MeterFilter {
  private static final String ORAS = "land.oras.";

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    String cache = id.getTag("cache");
    return id.getName().startsWith(ORAS) || (cache != null && cache.startsWith(ORAS))
        ? MeterFilterReply.DENY
        : MeterFilterReply.NEUTRAL;
  }
}
