package dev.vmctl.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Accel;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities;
import dev.vmctl.model.Change;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.OnFailedReplace;
import dev.vmctl.model.OnRemove;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HardnessTest {
  private static final VmName WEB = new VmName("web");
  private static final LiveRoom ROOM = new LiveRoom(4, 4096, true);

  /** Two values of every field; there is no field without. */
  private static Object[] values(Field<?> field) {
    return switch (field.path()) {
      case "backend" -> new Object[] {BackendTag.QEMU, BackendTag.NOOP};
      case "accel" -> new Object[] {Accel.TCG, Accel.KVM};
      case "network" -> new Object[] {new NetworkSpec.Tap("br0"), new NetworkSpec.None()};
      case "provision" -> steps("a", "b");
      case "env" -> lists(new EnvVariable("A", "1", null), new EnvVariable("A", "2", null));
      case "disks" ->
          lists(new DiskSpec("a", 1L << 30, null, null), new DiskSpec("b", 1L << 30, null, null));
      case "nics" ->
          lists(
              new NicSpec("a", new NetworkSpec.User(), null),
              new NicSpec("b", new NetworkSpec.User(), null));
      case "forward" ->
          lists(
              new ForwardSpec(ForwardSpec.Protocol.TCP, "127.0.0.1", 8080, 80),
              new ForwardSpec(ForwardSpec.Protocol.UDP, "127.0.0.1", 8081, 80));
      case "share" ->
          lists(
              new ShareSpec(Path.of("/a"), "/a", true, ShareSpec.Via.AUTO),
              new ShareSpec(Path.of("/b"), "/b", true, ShareSpec.Via.AUTO));
      case "labels" -> new Object[] {Map.of("a", "1"), Map.of("a", "2")};
      case "hosts" -> new Object[] {List.of("a"), List.of("b")};
      case "restart" -> new Object[] {RestartPolicy.ALWAYS, RestartPolicy.NEVER};
      case "lifecycle.apply" ->
          new Object[] {
            ApplyPolicy.all(ApplyPolicy.Mode.MANUAL),
            new ApplyPolicy(null, ApplyPolicy.Mode.MANUAL, null)
          };
      case "lifecycle.on-remove" -> new Object[] {OnRemove.STOP, OnRemove.ORPHAN};
      case "lifecycle.on-failed-replace" ->
          new Object[] {OnFailedReplace.RESTORE, OnFailedReplace.OFFER};
      case "depends-on" ->
          lists(
              new Dependency(new VmName("a"), Dependency.Until.READY),
              new Dependency(new VmName("b"), Dependency.Until.READY));
      case "ready", "liveness" -> new Object[] {probe(1), probe(2)};
      default -> simple(field);
    };
  }

  private static Object[] simple(Field<?> field) {
    if (field.type() == Integer.class) {
      return new Object[] {2, 3};
    }
    if (field.type() == Long.class) {
      return new Object[] {512L, 2048L};
    }
    if (field.type() == Boolean.class) {
      return new Object[] {true, false};
    }
    if (field.type() == Path.class) {
      return new Object[] {Path.of("/a"), Path.of("/b")};
    }
    assertThat(field.type()).as("two values of %s", field).isEqualTo(String.class);
    return new Object[] {"a", "b"};
  }

  private static Object[] lists(Object one, Object other) {
    return new Object[] {List.of(one), List.of(other)};
  }

  private static Object[] steps(String one, String other) {
    return lists(
        new ProvisionStep.Inline(one, List.of()), new ProvisionStep.Inline(other, List.of()));
  }

  private static ProbeSpec probe(int seconds) {
    return new ProbeSpec(
        List.of(new ProbeCheck.Ssh()), Duration.ofSeconds(seconds), Duration.ofSeconds(1), 3);
  }

  private static VmSpec spec(Field<?> field, @Nullable Object value) {
    FieldValues values = new FieldValues();
    if (value != null) {
      values.putUnchecked(field, value);
    }
    return VmSpec.of(WEB, values);
  }

  static List<Arguments> everything() {
    List<Arguments> all = new ArrayList<>();
    for (Field<?> field : VmFields.ALL) {
      for (BackendTag backend : BackendTag.values()) {
        for (boolean room : new boolean[] {true, false}) {
          all.add(Arguments.of(field, backend, room));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("everything")
  void noChangeIsGentlerThanItsFieldAllows(Field<?> field, BackendTag backend, boolean room) {
    Object[] values = values(field);
    Ability can = Ability.of(Capabilities.of(backend), room ? ROOM : null, room, Set.of());

    assertThat(Differences.between(spec(field, values[0]), spec(field, values[0]), can)).isEmpty();
    assertThat(Differences.between(spec(field, values[0]), spec(field, values[1]), can))
        .as("a change is seen")
        .extracting(FieldChange::field)
        .containsExactly(field);
    checkClass(field, backend, values[0], values[1], can);
    checkClass(field, backend, values[0], null, can);
    checkClass(field, backend, null, values[0], can);
  }

  private static void checkClass(
      Field<?> field, BackendTag backend, @Nullable Object from, @Nullable Object to, Ability can) {
    for (FieldChange change : Differences.between(spec(field, from), spec(field, to), can)) {
      assertThat(change.field()).isEqualTo(field);
      assertThat(change.change()).isGreaterThanOrEqualTo(field.gentlest());
      if (backend != BackendTag.QEMU || can.room() == null) {
        boolean live = change.isMadeLive() && can.room() == null && field != VmFields.DISK;
        assertThat(live).as("%s live on %s, %s", field, backend, can).isFalse();
      }
    }
  }

  @Test
  void processorsAreOnlyAddedWhileTheGuestRuns() {
    assertThat(vcpus(1, 4)).isEqualTo(Change.LIVE);
    assertThat(vcpus(1, 5)).isEqualTo(Change.RESTART);
    assertThat(vcpus(2, 1)).isEqualTo(Change.RESTART);
  }

  private static Change vcpus(int from, int to) {
    return hardness(VmFields.VCPUS, from, to, ability(Set.of()));
  }

  private static Change hardness(Field<?> field, Object from, Object to, Ability can) {
    return Differences.between(spec(field, from), spec(field, to), can).getFirst().change();
  }

  private static Ability ability(Set<String> refused) {
    return Ability.of(Capabilities.of(BackendTag.QEMU), ROOM, true, refused);
  }

  @Test
  void memoryGoesUpAndDownWithinItsRoomUnlessTheGuestHasRefused() {
    assertThat(hardness(VmFields.MEMORY, 512L, 4096L, ability(Set.of()))).isEqualTo(Change.LIVE);
    assertThat(hardness(VmFields.MEMORY, 512L, 256L, ability(Set.of()))).isEqualTo(Change.LIVE);
    assertThat(hardness(VmFields.MEMORY, 512L, 4097L, ability(Set.of()))).isEqualTo(Change.RESTART);
    assertThat(hardness(VmFields.MEMORY, 512L, 256L, ability(Set.of("memory"))))
        .isEqualTo(Change.RESTART);
  }

  @Test
  void moreRoomNeedsARestartAndLessNothing() {
    assertThat(hardness(VmFields.MEMORY_MAX, 4096L, 8192L, ability(Set.of())))
        .isEqualTo(Change.RESTART);
    assertThat(hardness(VmFields.MEMORY_MAX, 4096L, 2048L, ability(Set.of())))
        .isEqualTo(Change.NONE);
  }

  @Test
  void aDiskThatBecomesAnotherIsNotExchangedUnderTheGuest() {
    List<DiskSpec> empty = List.of(new DiskSpec("a", 1L << 30, null, null));
    List<DiskSpec> filled = List.of(new DiskSpec("a", 1L << 30, Path.of("/i"), null));
    List<DiskSpec> larger = List.of(new DiskSpec("a", 1L << 31, null, null));

    assertThat(hardness(VmFields.DISKS, empty, filled, ability(Set.of())))
        .isEqualTo(Change.RESTART);
    assertThat(hardness(VmFields.DISKS, empty, larger, ability(Set.of()))).isEqualTo(Change.LIVE);
  }

  @Property(tries = 500)
  void whatWasMadeAsDeclaredLeavesNothingToPlan(
      @ForAll("specs") VmSpec applied, @ForAll("specs") VmSpec desired) {
    Set<Field<?>> changed = new java.util.HashSet<>();
    Differences.between(applied, desired, ability(Set.of()))
        .forEach(change -> changed.add(change.field()));

    VmSpec made = applied.with(changed, desired);

    assertThat(Differences.between(made, desired, ability(Set.of()))).isEmpty();
    assertThat(applied.with(Set.of(), desired)).isEqualTo(applied);
  }

  /** Some fields of random values each, and some not declared. */
  @Provide
  Arbitrary<VmSpec> specs() {
    int fields = VmFields.ALL.size();
    return Arbitraries.integers()
        .between(0, 2)
        .list()
        .ofSize(fields)
        .map(
            choices -> {
              FieldValues values = new FieldValues();
              for (int i = 0; i < fields; i++) {
                Field<?> field = VmFields.ALL.get(i);
                if (choices.get(i) < 2) {
                  values.putUnchecked(field, values(field)[choices.get(i)]);
                }
              }
              return VmSpec.of(WEB, values);
            });
  }
}
