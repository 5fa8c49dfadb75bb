package dev.vmctl.image;

/** Ends an import that nobody waits for any more. Nobody ever sees it. */
final class ImportCancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ImportCancelledException() {
    super("nobody waits for this import any more");
  }
}
