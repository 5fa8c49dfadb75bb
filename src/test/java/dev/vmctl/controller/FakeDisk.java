package dev.vmctl.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A disk with what a guest wrote to it, and the moments of it that were kept. */
final class FakeDisk {
  final List<String> written = new ArrayList<>();
  final Map<String, Moment> moments = new TreeMap<>();
  long size;

  void goBack(String tag) {
    Moment moment = Objects.requireNonNull(moments.get(tag), "no snapshot " + tag);
    written.clear();
    written.addAll(moment.written());
    size = moment.size();
  }

  /**
   * @param memory of the guest; null for none
   */
  record Moment(List<String> written, long size, @Nullable String memory) {
    Moment {
      written = List.copyOf(written);
    }
  }
}
