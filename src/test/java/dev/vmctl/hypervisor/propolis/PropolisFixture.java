package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The adapter on propolis-servers over real HTTP, in zones of a host that is not there. */
@Timeout(120)
abstract class PropolisFixture {
  static final MacAddress MAC = new MacAddress("52:54:00:12:34:56");
  static final Duration SOON = Duration.ofSeconds(20);
  static final Observation ABSENT = new Observation.Absent();

  @TempDir Path directory;
  FakeIllumos illumos;
  PropolisHypervisor hypervisor;
  VmHandle web;

  /** What becomes of a guest that is asked to shut down. */
  GuestShutdown guests = (vm, ssh, within) -> illumos.inside(vm.name().value()).powerOff();

  @BeforeEach
  void start() {
    illumos = new FakeIllumos(directory);
    open();
    web = illumos.handle("web");
  }

  @AfterEach
  void everythingWentByTheRules() {
    hypervisor.close();
    illumos.close();
    assertThat(illumos.violations()).isEmpty();
  }

  /** Another takes the place of the one before. */
  final void open() {
    hypervisor = illumos.hypervisor((vm, ssh, within) -> guests.ask(vm, ssh, within));
  }

  Launch launch(VmHandle vm, Consumer<FieldValues> fields) {
    FieldValues values = new FieldValues();
    fields.accept(values);
    try {
      Path seed = directory.resolve("seed.iso");
      Files.write(seed, new byte[2048]);
      return new Launch(
          vm,
          VmSpec.of(vm.name(), values),
          MAC,
          null,
          Path.of("/dev/zvol/rdsk/rpool/vmctl/" + vm.name()),
          List.of(),
          seed);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Launch launch() {
    return launch(web, values -> {});
  }

  JsonNode components() {
    return Objects.requireNonNull(illumos.inside("web").ensured).at("/init/value/spec/components");
  }

  void assertNothingIsLeft() {
    assertThat(illumos.host.zones.zones).isEmpty();
    assertThat(illumos.host.dladm.vnics).isEmpty();
    assertThat(hypervisor.observe(web)).isEqualTo(ABSENT);
  }

  static VmException assertFails(ThrowingCallable call, ErrorCode code, String... words) {
    VmException failure = Objects.requireNonNull(catchThrowableOfType(VmException.class, call));
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.getMessage()).contains(words);
    assertThat(failure.help()).isNotEmpty();
    return failure;
  }
}
