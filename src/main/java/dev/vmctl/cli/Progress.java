package dev.vmctl.cli;

/** Shows how far each VM or image is. All calls may come from any thread. */
interface Progress extends AutoCloseable {
  /** As fits the terminal, or what is in its place. */
  static Progress on(Terminal terminal, Surroundings surroundings) {
    boolean dumb = surroundings.environment().getOrDefault("TERM", "").equals("dumb");
    return terminal.errIsTerminal() && !dumb
        ? new TerminalProgress(
            terminal, surroundings.nanoTime(), TerminalSize.followed(surroundings.nanoTime()))
        : new PlainProgress(terminal, surroundings.nanoTime());
  }

  /** What is being done for a VM right now. */
  void phase(String vm, String phase);

  /** The VM is where it should be, or will not get there. */
  void end(String vm, String phase, boolean reached);

  /** A line the VM's provisioning wrote. */
  void output(String vm, String line);

  /** Time has passed. */
  void tick();

  /** Leaves what was shown as it is. */
  @Override
  void close();
}
