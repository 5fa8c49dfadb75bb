package dev.vmctl.guest;

import dev.vmctl.guest.Guests.ProvisionListener;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;

/** One run of a VM's provision steps, over one connection. */
final class ProvisionRun {
  /** A step's own file cannot be used; the message says why. */
  private static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  private final SshDialer dialer;
  private final SshTarget target;
  private final List<ProvisionStep> steps;
  private final List<EnvVariable> env;
  private final ProvisionListener listener;
  private final Clock clock;

  ProvisionRun(
      SshDialer dialer,
      SshTarget target,
      List<ProvisionStep> steps,
      List<EnvVariable> env,
      ProvisionListener listener,
      Clock clock) {
    this.dialer = dialer;
    this.target = target;
    this.steps = List.copyOf(steps);
    this.env = List.copyOf(env);
    this.listener = listener;
    this.clock = clock;
  }

  /**
   * @throws VmException as of {@link Guests#provision}
   */
  ProvisionResult run() throws InterruptedException {
    if (steps.isEmpty()) {
      return new ProvisionResult.Succeeded();
    }
    try (SshConnection connection = dialer.dial(target);
        ProvisionLog log = ProvisionLog.open(target.vmDirectory(), clock)) {
      for (int number = 1; number <= steps.size(); number++) {
        ProvisionStep step = steps.get(number - 1);
        listener.step(number, steps.size(), step);
        String why = runLogged(connection, log, step, number);
        if (!why.isEmpty()) {
          return new ProvisionResult.Failed(number, label(number, step) + " failed: " + why);
        }
      }
      return new ProvisionResult.Succeeded();
    } catch (IOException e) {
      throw AtomicFiles.failure("close", target.vmDirectory().resolve(Guests.PROVISION_LOG), e);
    }
  }

  /** Why the step failed; empty if it did not. */
  private String runLogged(
      SshConnection connection, ProvisionLog log, ProvisionStep step, int number)
      throws InterruptedException {
    String label = label(number, step);
    log.begin(label);
    long start = System.nanoTime();
    String outcome = "interrupted";
    try {
      RemoteExit exit = runStep(connection, log, step);
      outcome = exit.text();
      return exit.succeeded() ? "" : withOutput(exit.text(), log.tail());
    } catch (Unusable e) {
      outcome = e.getMessage();
      return outcome;
    } catch (VmException e) {
      outcome = e.getMessage();
      throw e;
    } finally {
      log.note(
          String.format(
              Locale.ROOT,
              "step %d/%d ended after %.1f s: %s",
              number,
              steps.size(),
              (System.nanoTime() - start) / 1e9,
              outcome));
    }
  }

  private RemoteExit runStep(SshConnection connection, ProvisionLog log, ProvisionStep step)
      throws InterruptedException, Unusable {
    return switch (step) {
      case ProvisionStep.Inline inline -> {
        byte[] script = inline.script().getBytes(StandardCharsets.UTF_8);
        byte[] variables = variables(inline.env());
        String command =
            GuestScripts.run(variables.length, script.length, namesInterpreter(script));
        yield connection.execWhileConnected(
            command, after(variables, new ByteArrayInputStream(script)), log);
      }
      case ProvisionStep.Script script ->
          runScript(connection, log, script.script(), variables(script.env()));
      case ProvisionStep.FileCopy copy -> copy(connection, log, copy);
    };
  }

  private byte[] variables(List<EnvVariable> own) throws Unusable {
    try {
      return StepEnvironment.text(env, own);
    } catch (StepEnvironment.Unusable e) {
      throw new Unusable(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw unusable(Path.of(String.valueOf(e.getMessage())), e);
    }
  }

  private static InputStream after(byte[] head, InputStream rest) {
    return new SequenceInputStream(new ByteArrayInputStream(head), rest);
  }

  private static RemoteExit runScript(
      SshConnection connection, ProvisionLog log, Path script, byte[] variables)
      throws InterruptedException, Unusable {
    try (InputStream in = open(script)) {
      in.mark(2);
      boolean interpreter = namesInterpreter(in.readNBytes(2));
      in.reset();
      return connection.execWhileConnected(
          GuestScripts.run(variables.length, Files.size(script), interpreter),
          after(variables, in),
          log);
    } catch (IOException e) {
      throw unusable(script, e);
    }
  }

  private static RemoteExit copy(
      SshConnection connection, ProvisionLog log, ProvisionStep.FileCopy copy)
      throws InterruptedException, Unusable {
    String name = String.valueOf(copy.source().getFileName());
    if (copy.destination().indexOf('\n') >= 0 || name.indexOf('\n') >= 0) {
      throw new Unusable("a file name may not have a line end in it");
    }
    byte[] head = (copy.destination() + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8);
    try (InputStream in = open(copy.source())) {
      int mode = SshConnection.mode(Files.getPosixFilePermissions(copy.source()));
      return connection.execWhileConnected(
          GuestScripts.place(Files.size(copy.source()), mode), after(head, in), log);
    } catch (IOException e) {
      throw unusable(copy.source(), e);
    }
  }

  private static InputStream open(Path file) throws IOException, Unusable {
    if (Files.isDirectory(file)) {
      throw new Unusable(file + " is a directory; a step copies a single file");
    }
    return new java.io.BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  private static Unusable unusable(Path file, IOException e) {
    String reason =
        switch (e) {
          case NoSuchFileException missing -> "does not exist";
          case AccessDeniedException denied -> "may not be read";
          case IOException other -> "cannot be read: " + other.getMessage();
        };
    return new Unusable(file + " " + reason);
  }

  private static boolean namesInterpreter(byte[] head) {
    return head.length >= 2 && head[0] == '#' && head[1] == '!';
  }

  private String label(int number, ProvisionStep step) {
    return "step " + number + "/" + steps.size() + " " + OutputTail.printable(step.text());
  }

  private static String withOutput(String exit, String tail) {
    return tail.isEmpty() ? exit + ", without any output" : exit + "; its last output:\n" + tail;
  }
}
