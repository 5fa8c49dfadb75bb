package dev.vmctl.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A VM in one file: a zip archive with {@code export.json}, and the files of the VM's directory,
 * {@code vm.json} among them. Zip, because everybody can open it, it has a checksum a file, and the
 * JDK reads and writes it at any size.
 */
public final class VmArchive {
  /** The format of the archive; a newer one is refused. */
  private static final int FORMAT = 1;

  private static final String ABOUT = "export.json";
  private static final String RECORD = "vm.json";

  private static final ObjectMapper JSON = Json.mapper();

  /**
   * What the archive says of itself.
   *
   * @param consistent how the disks were copied: {@code stopped}, or {@code crash} for those of a
   *     running guest
   */
  public record About(
      int format, String vmctl, String name, Instant exportedAt, String consistent) {
    public static About of(String vmctl, String name, Instant now, boolean running) {
      return new About(FORMAT, vmctl, name, now, running ? "crash" : "stopped");
    }
  }

  private VmArchive() {}

  /**
   * Writes an archive, whole or not at all.
   *
   * @param files by their name in the VM's directory
   */
  public static void write(Path archive, About about, Map<String, Path> files) {
    Path half = archive.resolveSibling("." + archive.getFileName() + ".part");
    try {
      Files.deleteIfExists(half);
      AtomicFiles.createPrivate(half);
      try (ZipOutputStream zip =
          new ZipOutputStream(Files.newOutputStream(half, StandardOpenOption.WRITE))) {
        zip.setLevel(Deflater.BEST_SPEED);
        zip.putNextEntry(new ZipEntry(ABOUT));
        zip.write(JSON.writeValueAsBytes(about));
        for (Map.Entry<String, Path> file : files.entrySet()) {
          zip.putNextEntry(new ZipEntry(file.getKey()));
          Files.copy(file.getValue(), zip);
        }
      } catch (IOException e) {
        Files.deleteIfExists(half);
        throw e;
      }
      Files.move(half, archive, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", archive, e);
    }
  }

  /**
   * @throws VmException image.invalid when it is not an archive of ours; store.format when it was
   *     made by a newer vmctl
   */
  public static About about(Path archive) {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      ZipEntry entry = zip.getEntry(ABOUT);
      if (entry == null || zip.getEntry(RECORD) == null) {
        throw invalid(archive, "it has no " + (entry == null ? ABOUT : RECORD), null);
      }
      About about;
      try (InputStream in = zip.getInputStream(entry)) {
        about = JSON.readValue(in, About.class);
      }
      if (about.format() > FORMAT) {
        throw new VmException(
            ErrorCode.STORE_FORMAT,
            archive + " has format " + about.format() + ", this vmctl reads up to " + FORMAT,
            "it was exported by vmctl " + about.vmctl() + ": use that version, or a newer one");
      }
      return about;
    } catch (ZipException | JacksonException e) {
      throw invalid(archive, String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", archive, e);
    }
  }

  /**
   * Unpacks the VM's files into an empty directory; each file for its owner alone.
   *
   * @throws VmException image.invalid when it is damaged; disk.full
   */
  public static void unpack(Path archive, Path directory) {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<ZipEntry> entries = new ArrayList<>();
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        entries.add(all.nextElement());
      }
      for (ZipEntry entry : entries) {
        if (!entry.getName().equals(ABOUT)) {
          unpack(archive, zip, entry, directory);
        }
      }
      AtomicFiles.syncDirectory(directory);
    } catch (ZipException e) {
      throw invalid(archive, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw AtomicFiles.failure("unpack " + archive + " to", directory, e);
    }
  }

  private static void unpack(Path archive, ZipFile zip, ZipEntry entry, Path directory)
      throws IOException {
    // The archive may be anybody's: nothing of it may land elsewhere.
    if (!isName(entry.getName())) {
      throw invalid(archive, "'" + entry.getName() + "' is no file of a VM", null);
    }
    Path file = directory.resolve(entry.getName());
    Files.createDirectories(
        Objects.requireNonNull(file.getParent()),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    AtomicFiles.createPrivate(file);
    try (InputStream in = zip.getInputStream(entry);
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
      in.transferTo(out);
    }
  }

  /** Whether a file of this name, relative to the VM's directory, is put into an archive. */
  public static boolean isName(String name) {
    return name.matches("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
  }

  private static VmException invalid(Path archive, String why, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.IMAGE_INVALID,
        archive + " is not an exported VM, or is damaged: " + why,
        "export it again with 'vmctl export'; nothing was imported",
        cause);
  }
}
