package dev.vmctl.daemon;

import dev.vmctl.daemon.DaemonSettings.LogFormat;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.VmEvent;
import java.net.URI;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** What the words of the daemon's options mean. */
final class OptionConverters {
  private OptionConverters() {}

  static final class ListenConverter implements CommandLine.ITypeConverter<Listen> {
    @Override
    public Listen convert(String text) {
      try {
        return Listen.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  static final class LogFormatConverter implements CommandLine.ITypeConverter<LogFormat> {
    @Override
    public LogFormat convert(String text) {
      return switch (text) {
        case "text" -> LogFormat.TEXT;
        case "json" -> LogFormat.JSON;
        default -> throw new TypeConversionException("'" + text + "' is neither 'text' nor 'json'");
      };
    }
  }

  static final class UrlConverter implements CommandLine.ITypeConverter<URI> {
    @Override
    public URI convert(String text) {
      try {
        return EventSettings.url(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  static final class EventTypeConverter implements CommandLine.ITypeConverter<VmEvent.Type> {
    @Override
    public VmEvent.Type convert(String text) {
      try {
        return EventSettings.type(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  static final class ApplyConverter implements CommandLine.ITypeConverter<ApplyPolicy> {
    @Override
    public ApplyPolicy convert(String text) {
      return switch (text) {
        case "auto" -> ApplyPolicy.all(ApplyPolicy.Mode.AUTO);
        case "manual" -> ApplyPolicy.all(ApplyPolicy.Mode.MANUAL);
        default ->
            throw new TypeConversionException("'" + text + "' is neither 'auto' nor 'manual'");
      };
    }
  }

  static final class PeriodConverter implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("\\d{1,6}[smh]")) {
        throw new TypeConversionException("'" + text + "' is not a time such as 30s or 5m");
      }
      Duration period = Duration.parse("PT" + text);
      if (period.compareTo(DaemonSettings.SHORTEST_RESYNC) < 0
          || period.compareTo(DaemonSettings.LONGEST_RESYNC) > 0) {
        throw new TypeConversionException("'" + text + "' is not between 1s and 1h");
      }
      return period;
    }
  }
}
