package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code create} is told goes by the rules of a VMFile, before there is a record of it. */
class CreateRulesTest {
  private final VmFiles files = new SourceVmFiles(Surroundings.ofProcess());
  @TempDir Path directory;

  @Test
  @Fault(area = Area.VMFILE, value = "values of `create` that a VMFile could not declare")
  void whatAVmFileCouldNotDeclareIsRefused(Seen seen) {
    seen.failed("a label", refusal(VmFields.LABELS, Map.of("a b", "c")));
    seen.failed("a bridge", refusal(VmFields.NETWORK, new NetworkSpec.Tap("a b")));
    refuses(VmFields.IMAGE_SHA256, "zz", ErrorCode.USAGE, "neither a SHA-256 nor a URL");
    refuses(VmFields.IMAGE_URL, "ftp://x/y", ErrorCode.USAGE, "does not begin with");
    refuses(VmFields.SSH_USER, "a b;c", ErrorCode.USAGE, "'a b;c'");
    refuses(VmFields.CMDLINE, "quiet", ErrorCode.USAGE, "kernel");
    refuses(VmFields.VCPUS, 1000, ErrorCode.USAGE, "'vcpus'");
  }

  @Test
  void anImageThatNoDiskCanStandOnIsRefused() throws Exception {
    Path page = Files.writeString(directory.resolve("a.qcow2"), "<html>" + "x".repeat(506));
    refuses(VmFields.IMAGE, page, ErrorCode.IMAGE_FORMAT_DETECTION_FAILED, "web page");
    Path compressed = Files.write(page, new byte[] {0x1f, (byte) 0x8b, 0, 0});
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, compressed);
    assertThatCode(() -> files.require(VmSpec.of(new VmName("web"), values)))
        .as("what is in it shows when it is unpacked")
        .doesNotThrowAnyException();
  }

  private <T> void refuses(Field<T> field, T value, ErrorCode code, String saying) {
    VmException refused = refusal(field, value);
    assertThat(refused).hasMessageContaining(saying);
    assertThat(refused.code()).isEqualTo(code);
    assertThat(refused.help()).isNotEmpty();
  }

  private <T> VmException refusal(Field<T> field, T value) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE_URL, "https://example.org/a");
    if (field.equals(VmFields.IMAGE)) {
      values = new FieldValues();
    }
    values.put(field, value);
    VmSpec spec = VmSpec.of(new VmName("web"), values);
    return catchThrowableOfType(VmException.class, () -> files.require(spec));
  }
}
