package dev.vmctl.image;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Executors;

/**
 * A process of its own that imports a file, stopping in the middle until a line comes in. Prints
 * "copying" there, and the digest at the end.
 */
final class ImportingProcess {
  private ImportingProcess() {}

  static Process start(Path cache, Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ImportingProcess.class.getName(),
            cache.toString(),
            file.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  public static void main(String[] arguments) throws Exception {
    try (var executor = Executors.newCachedThreadPool()) {
      ImageCache cache =
          new ImageCache(
              Path.of(arguments[0]),
              TestHost.here(),
              executor,
              Clock.systemUTC(),
              DownloadLimits.DEFAULT);
      CachedImage image =
          cache
              .ensure(
                  new ImageSource.LocalFile(Path.of(arguments[1])),
                  progress -> {
                    if (progress.phase().equals("copying")) {
                      pause();
                    }
                  })
              .get();
      System.out.println(image.digest());
    }
  }

  private static void pause() {
    System.out.println("copying");
    try {
      if (System.in.read() < 0) {
        throw new IllegalStateException("nobody there");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
