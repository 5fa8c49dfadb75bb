package dev.vmctl.source.git;

import java.util.Locale;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/**
 * JGit without what this user or this host has set up for Git: a daemon follows its own
 * configuration, not somebody's {@code url.insteadOf}, and runs no {@code git} to find that out.
 */
final class PlainSystemReader extends SystemReader {
  private final SystemReader host;

  private PlainSystemReader(SystemReader host) {
    this.host = host;
    setPlatformChecker();
  }

  /** JGit has one for the whole process. */
  static synchronized void install() {
    SystemReader present = SystemReader.getInstance();
    if (!(present instanceof PlainSystemReader)) {
      SystemReader.setInstance(new PlainSystemReader(present));
    }
  }

  /** Neither read nor written. */
  private static final class NoConfig extends FileBasedConfig {
    NoConfig(Config parent, FS fileSystem) {
      super(parent, null, fileSystem);
    }

    @Override
    public void load() {
      // There is no file.
    }

    @Override
    public void save() {
      // There is no file.
    }

    @Override
    public boolean isOutdated() {
      return false;
    }
  }

  @Override
  public FileBasedConfig openUserConfig(Config parent, FS fileSystem) {
    return new NoConfig(parent, fileSystem);
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fileSystem) {
    return new NoConfig(parent, fileSystem);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fileSystem) {
    return new NoConfig(parent, fileSystem);
  }

  @Override
  public @Nullable String getenv(String variable) {
    return variable.toUpperCase(Locale.ROOT).startsWith("GIT_") ? null : host.getenv(variable);
  }

  @Override
  public String getHostname() {
    return host.getHostname();
  }

  @Override
  public String getProperty(String key) {
    return host.getProperty(key);
  }

  @SuppressWarnings("deprecation") // without a body in the class this one is for
  @Override
  public long getCurrentTime() {
    return host.now().toEpochMilli();
  }

  @SuppressWarnings("deprecation") // as above
  @Override
  public int getTimezone(long when) {
    return host.getTimeZoneAt(java.time.Instant.ofEpochMilli(when)).getTotalSeconds() / 60;
  }
}
