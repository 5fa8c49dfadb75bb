package dev.vmctl.cli;

import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageTask;
import dev.vmctl.api.ImageView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Has things done with images, several at once, and shows how far each is. */
final class ImageErrands {
  private static final Duration ALONE = Duration.ofSeconds(1);
  private static final Duration AMONG_OTHERS = Duration.ofMillis(200);

  private final Session session;
  private final Vmctl vmctl;

  /**
   * @param images what came of those that did not fail
   */
  record Result(List<ImageView> images, boolean failed) {}

  ImageErrands(Session session, Vmctl vmctl) {
    this.session = session;
    this.vmctl = vmctl;
  }

  /** A source without what may be secret. */
  static String shown(String source) {
    return source.replaceFirst("//[^/@]*@", "//").replaceFirst("\\?.*", "");
  }

  /**
   * @param requests by what to call them
   * @param done how to say that one has been done
   */
  Result run(Map<String, ImageRequest> requests, String done) {
    Map<String, ImageTask> open = new LinkedHashMap<>();
    List<ImageView> images = new ArrayList<>();
    Map<String, VmStatus.Failure> failures = new LinkedHashMap<>();
    try (Progress progress = Progress.on(session.terminal(), session.surroundings());
        Interruption _ = Interruption.saying(session.terminal(), interrupted())) {
      requests.forEach((name, request) -> open.put(name, vmctl.begin(request)));
      while (!open.isEmpty()) {
        for (Map.Entry<String, ImageTask> each : new LinkedHashMap<>(open).entrySet()) {
          ImageTask now =
              vmctl.imageTask(
                  each.getValue().id(),
                  each.getValue().version(),
                  open.size() == 1 ? ALONE : AMONG_OTHERS);
          open.put(each.getKey(), now);
          if (now.ended()) {
            open.remove(each.getKey());
            end(each.getKey(), now, done, progress, images, failures);
          } else if (!now.activity().isEmpty()) {
            progress.phase(each.getKey(), now.activity());
          }
        }
        progress.tick();
      }
    }
    ErrorText text = new ErrorText(session.terminal());
    failures.forEach((name, why) -> text.print(why.code(), why.message(), why.help()));
    return new Result(List.copyOf(images), !failures.isEmpty());
  }

  private static void end(
      String name,
      ImageTask task,
      String done,
      Progress progress,
      List<ImageView> images,
      Map<String, VmStatus.Failure> failures) {
    VmStatus.Failure failure = task.failure();
    if (failure != null) {
      failures.put(name, failure);
    }
    ImageView image = task.image();
    if (image != null) {
      images.add(image);
    }
    progress.end(name, failure == null ? done : "failed", failure == null);
  }

  private String interrupted() {
    return vmctl.info().daemon()
        ? "interrupted: only the waiting has ended, the daemon goes on"
        : "interrupted: the same command goes on from where it was";
  }
}
