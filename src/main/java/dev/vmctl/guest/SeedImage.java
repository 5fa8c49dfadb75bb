package dev.vmctl.guest;

import com.github.stephenc.javaisotools.iso9660.ConfigException;
import com.github.stephenc.javaisotools.iso9660.ISO9660File;
import com.github.stephenc.javaisotools.iso9660.ISO9660RootDirectory;
import com.github.stephenc.javaisotools.iso9660.impl.CreateISO;
import com.github.stephenc.javaisotools.iso9660.impl.ISO9660Config;
import com.github.stephenc.javaisotools.iso9660.impl.ISO9660DateDataReference;
import com.github.stephenc.javaisotools.iso9660.impl.ISO9660NamingConventions;
import com.github.stephenc.javaisotools.iso9660.impl.ISO9660ShortDateDataReference;
import com.github.stephenc.javaisotools.joliet.impl.JolietConfig;
import com.github.stephenc.javaisotools.joliet.impl.JolietNamingConventions;
import com.github.stephenc.javaisotools.rockridge.impl.RockRidgeConfig;
import com.github.stephenc.javaisotools.sabre.DataReference;
import com.github.stephenc.javaisotools.sabre.Element;
import com.github.stephenc.javaisotools.sabre.Fixup;
import com.github.stephenc.javaisotools.sabre.HandlerException;
import com.github.stephenc.javaisotools.sabre.StreamHandler;
import com.github.stephenc.javaisotools.sabre.impl.ByteArrayDataReference;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * The bytes of an ISO 9660 image, with Rock Ridge and Joliet names, labelled as cloud-init's
 * NoCloud wants it. The same files give the same bytes: every date in it is the same fixed one.
 */
final class SeedImage {
  private static final String LABEL = "cidata";

  /** 2000-01-01 00:00:00 UTC: years since 1900, month, day, hour, minute, second, zone. */
  private static final byte[] SHORT_DATE = {100, 1, 1, 0, 0, 0, 0};

  /** The same in digits, hundredths of a second and zone included. */
  private static final byte[] LONG_DATE = longDate();

  private SeedImage() {}

  /**
   * @param files content by name, in the order to write them
   */
  static byte[] of(Map<String, byte[]> files) throws IOException {
    try {
      ISO9660RootDirectory root = new ISO9660RootDirectory();
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        root.addFile(
            new ISO9660File(new ByteArrayDataReference(file.getValue()), file.getKey(), 0));
      }
      Memory memory = new Memory();
      new CreateISO(memory, root).process(iso9660(), rockRidge(), joliet(), null);
      return memory.bytes();
    } catch (HandlerException | ConfigException | FileNotFoundException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The library keeps its naming rules in statics (nothing else in this process uses it), and its
   * setters for ours print warnings to standard output, where they would break what a command
   * prints; so the rules are set and the label is given without them.
   */
  private static ISO9660Config iso9660() throws ConfigException {
    ISO9660NamingConventions.FORCE_ISO9660_CHARSET = false;
    ISO9660NamingConventions.FORCE_DOT_DELIMITER = true;
    ISO9660Config config =
        new ISO9660Config() {
          @Override
          public String getVolumeID() {
            return LABEL;
          }
        };
    config.setInterchangeLevel(2); // names of more than 8 letters
    config.setPadEnd(false);
    return config;
  }

  private static RockRidgeConfig rockRidge() {
    RockRidgeConfig config = new RockRidgeConfig();
    config.setMkisofsCompatibility(false);
    config.hideMovedDirectoriesStore(true);
    config.forcePortableFilenameCharacterSet(true);
    return config;
  }

  private static JolietConfig joliet() throws ConfigException {
    JolietNamingConventions.FORCE_DOT_DELIMITER = false;
    JolietConfig config = new JolietConfig();
    config.setVolumeID(LABEL);
    return config;
  }

  private static byte[] longDate() {
    byte[] date = new byte[17];
    byte[] digits = "2000010100000000".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, date, 0, digits.length);
    return date;
  }

  /** Takes what the library writes, in memory, and each of its dates as the fixed one. */
  private static final class Memory implements StreamHandler {
    private final Buffer buffer = new Buffer();

    byte[] bytes() {
      return buffer.toByteArray();
    }

    @Override
    public void data(DataReference reference) throws HandlerException {
      buffer.writeBytes(content(reference));
    }

    @Override
    public Fixup fixup(DataReference reference) throws HandlerException {
      int position = buffer.size();
      data(reference);
      return new Later(buffer, position);
    }

    @Override
    public long mark() {
      return buffer.size();
    }

    @Override
    public void startDocument() {}

    @Override
    public void startElement(Element element) {}

    @Override
    public void endElement() {}

    @Override
    public void endDocument() {}
  }

  private static byte[] content(DataReference reference) throws HandlerException {
    if (reference instanceof ISO9660ShortDateDataReference) {
      return SHORT_DATE;
    }
    byte[] bytes = read(reference);
    // Dates that were not given (all zeros and digits '0') stay so.
    boolean given = reference instanceof ISO9660DateDataReference && bytes[0] > '0';
    return given ? LONG_DATE : bytes;
  }

  private static byte[] read(DataReference reference) throws HandlerException {
    int length = Math.toIntExact(reference.getLength());
    try (InputStream in = reference.createInputStream()) {
      // Some references of the library end early and mean zeros.
      return Arrays.copyOf(in.readNBytes(length), length);
    } catch (IOException e) {
      throw new HandlerException(e);
    }
  }

  /** A place in the buffer that is filled in when its content is known. */
  private static final class Later implements Fixup {
    private final Buffer buffer;
    private int position;
    private boolean closed;

    Later(Buffer buffer, int position) {
      this.buffer = buffer;
      this.position = position;
    }

    @Override
    public void data(DataReference reference) throws HandlerException {
      byte[] bytes = content(reference);
      buffer.overwrite(position, bytes);
      position += bytes.length;
    }

    @Override
    public Fixup fixup(DataReference reference) throws HandlerException {
      Later inner = new Later(buffer, position);
      data(reference);
      return inner;
    }

    @Override
    public long mark() {
      return position;
    }

    @Override
    public void close() {
      closed = true;
    }

    @Override
    public boolean isClosed() {
      return closed;
    }
  }

  private static final class Buffer extends ByteArrayOutputStream {
    synchronized void overwrite(int position, byte[] bytes) {
      System.arraycopy(bytes, 0, buf, position, bytes.length);
    }
  }
}
