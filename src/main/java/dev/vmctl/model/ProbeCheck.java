package dev.vmctl.model;

import java.util.Objects;

/** One way to ask whether a guest is well. */
public sealed interface ProbeCheck {
  /** Its SSH server says its banner. */
  record Ssh() implements ProbeCheck {
    @Override
    public String text() {
      return "ssh";
    }
  }

  /** The port of the guest takes a connection. */
  record Tcp(int port) implements ProbeCheck {
    @Override
    public String text() {
      return "tcp " + port;
    }
  }

  /** A GET of the path is answered with a status of 200 to 399. */
  record Http(String path, int port) implements ProbeCheck {
    /** The port when none is given. */
    public static final int DEFAULT_PORT = 80;

    public Http {
      Objects.requireNonNull(path);
    }

    @Override
    public String text() {
      return "http :" + port + path;
    }
  }

  /** The shell text, run in the guest over SSH, ends with 0. */
  record Exec(String command) implements ProbeCheck {
    public Exec {
      Objects.requireNonNull(command);
    }

    @Override
    public String text() {
      return "exec: " + ProvisionStep.firstLine(command);
    }
  }

  /** The QEMU guest agent answers. */
  record Agent() implements ProbeCheck {
    @Override
    public String text() {
      return "agent";
    }
  }

  /** The serial console has said something that the regular expression finds. */
  record Log(String regex) implements ProbeCheck {
    public Log {
      Objects.requireNonNull(regex);
    }

    @Override
    public String text() {
      return "log /" + regex + "/";
    }
  }

  /** Short form for tables and plans. */
  String text();
}
