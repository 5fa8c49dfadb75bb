package dev.vmctl.qcow2;

/** A file that is no qcow2 image, or a damaged one. The message completes "the file …". */
public final class Qcow2FormatException extends Exception {
  private static final long serialVersionUID = 1L;

  Qcow2FormatException(String message) {
    super(message);
  }
}
