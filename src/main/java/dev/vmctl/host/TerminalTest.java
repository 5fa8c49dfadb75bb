package dev.vmctl.host;

import java.io.IOException;

/** What test(1) says of a descriptor that it has from us. */
final class TerminalTest {
  private TerminalTest() {}

  static boolean passes(int descriptor) {
    try {
      return new ProcessBuilder("test", "-t", Integer.toString(descriptor))
              .inheritIO()
              .start()
              .waitFor()
          == 0;
    } catch (IOException cannotTell) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
