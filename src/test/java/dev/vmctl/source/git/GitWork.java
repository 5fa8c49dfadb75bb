package dev.vmctl.source.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A work tree and the bare repository it is pushed to, both by the real {@code git}. */
public final class GitWork {
  private final Path work;
  private final Path bare;

  private GitWork(Path work, Path bare) {
    this.work = work;
    this.bare = bare;
  }

  /** An empty repository whose branch is {@code main}. */
  public static GitWork in(Path directory) {
    try {
      GitWork made = new GitWork(directory.resolve("work"), directory.resolve("fleet.git"));
      Files.createDirectories(made.work);
      made.git("init", "-q", "--bare", "-b", "main", made.bare.toString());
      made.git("init", "-q", "-b", "main", ".");
      made.git("remote", "add", "origin", made.bare.toString());
      return made;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path bare() {
    return bare;
  }

  public Path work() {
    return work;
  }

  public String url() {
    return "file://" + bare;
  }

  public GitWork write(String path, String text) throws IOException {
    Path file = work.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
    return this;
  }

  public GitWork remove(String path) throws IOException {
    Files.delete(work.resolve(path));
    return this;
  }

  /** Commits all there is and pushes it; returns the commit. */
  public String push() {
    commit();
    git("push", "-q", "--force", "origin", "HEAD:main");
    return head();
  }

  public void commit(String... options) {
    git("add", "-A");
    List<String> commit =
        new ArrayList<>(List.of("commit", "-q", "--allow-empty", "-m", "a change"));
    commit.addAll(List.of(options));
    git(commit.toArray(String[]::new));
  }

  public String head() {
    return git("rev-parse", "HEAD").strip();
  }

  /** Runs git in the work tree. */
  public String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile());
      builder
          .environment()
          .putAll(
              Map.of(
                  "GIT_CONFIG_GLOBAL", "/dev/null",
                  "GIT_CONFIG_NOSYSTEM", "1",
                  "GIT_AUTHOR_NAME", "Ann",
                  "GIT_AUTHOR_EMAIL", "ann@example.org",
                  "GIT_COMMITTER_NAME", "Ann",
                  "GIT_COMMITTER_EMAIL", "ann@example.org"));
      Process process = builder.redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + said);
      }
      return said;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
