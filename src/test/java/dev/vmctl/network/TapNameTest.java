package dev.vmctl.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.NetworkDevices;
import dev.vmctl.model.NicSpec;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TapNameTest {
  private static final UUID VM = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");

  @Test
  void aNameAndItsMarkNeverChange() {
    assertThat(new TapName(VM, 0).text()).isEqualTo("vt01234567");
    assertThat(new TapName(VM, 3).text()).isEqualTo("vt01234567n3");
    // A later version must know the devices of this one.
    assertThat(new TapName(VM, 0).mark().value()).isEqualTo("fe:a4:0e:58:ba:45");
  }

  @Property(tries = 200)
  void everyCardHasAShortNameAndAMarkOfItsOwn(@ForAll long high, @ForAll long low) {
    Set<String> names = new HashSet<>();
    Set<String> marks = new HashSet<>();
    for (int card = 0; card <= NicSpec.MOST; card++) {
      TapName tap = new TapName(new UUID(high, low), card);
      assertThat(tap.text())
          .matches("[a-z0-9]+")
          .hasSizeLessThanOrEqualTo(NetworkDevices.LONGEST_NAME);
      assertThat(tap.mark().isOfOneCard()).isTrue();
      names.add(tap.text());
      marks.add(tap.mark().value());
    }
    assertThat(names).hasSize(NicSpec.MOST + 1);
    assertThat(marks).hasSize(NicSpec.MOST + 1);
  }

  @Test
  void anotherVmWithTheSameFirstDigitsHasAnotherMark() {
    TapName other = new TapName(UUID.fromString("01234567-0000-4000-8000-000000000000"), 0);
    assertThat(other.text()).isEqualTo(new TapName(VM, 0).text());
    assertThat(other.mark()).isNotEqualTo(new TapName(VM, 0).mark());
  }
}
