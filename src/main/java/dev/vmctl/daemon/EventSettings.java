package dev.vmctl.daemon;

import dev.vmctl.model.VmEvent;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where events go besides the journal.
 *
 * @param webhook is posted each; null for none
 * @param webhookSecret file of the key that signs what is posted; null for no signature
 * @param exec program that is started for each; absolute; null for none
 * @param least {@code NORMAL} for all events, {@code WARNING} for warnings only
 */
record EventSettings(
    @Nullable URI webhook, @Nullable Path webhookSecret, @Nullable Path exec, VmEvent.Type least) {
  static final EventSettings NONE = new EventSettings(null, null, null, VmEvent.Type.NORMAL);

  EventSettings {
    Objects.requireNonNull(least);
  }

  boolean wants(VmEvent event) {
    return least == VmEvent.Type.NORMAL || event.type() == VmEvent.Type.WARNING;
  }

  /**
   * @throws IllegalArgumentException with a message for people
   */
  static URI url(String text) {
    URI url = URI.create(text);
    if (url.getHost() == null
        || !("https".equals(url.getScheme()) || "http".equals(url.getScheme()))) {
      throw new IllegalArgumentException("'" + text + "' is no http(s) URL");
    }
    if (url.getUserInfo() != null) {
      throw new IllegalArgumentException("the URL holds a user or a password");
    }
    return url;
  }

  /**
   * @throws IllegalArgumentException with a message for people
   */
  static VmEvent.Type type(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "normal" -> VmEvent.Type.NORMAL;
      case "warning" -> VmEvent.Type.WARNING;
      default ->
          throw new IllegalArgumentException("'" + text + "' is neither 'normal' nor 'warning'");
    };
  }
}
