package dev.vmctl;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The room table of docs/architecture.md: who may use whom. */
class RoomsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.vmctl");

  /**
   * @param name package below {@code dev.vmctl}; with {@code ..} its sub-packages too
   * @param mayUse other rooms, in the same way
   */
  record Room(String name, String... mayUse) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Room> rooms() {
    return Stream.of(
        new Room("kdl"),
        new Room("model"),
        new Room("json", "model"),
        new Room("vmfile", "kdl", "model"),
        new Room("source", "vmfile", "model"),
        new Room("source.git", "source", "vmfile", "model", "host"),
        new Room("plan", "model"),
        new Room("workqueue"),
        new Room("host", "model"),
        new Room("hypervisor", "model", "host", "json"),
        new Room("agent", "model"),
        new Room("hypervisor.qmp", "model", "host"),
        new Room("network", "model", "host"),
        new Room(
            "hypervisor.qemu",
            "hypervisor",
            "hypervisor.qmp",
            "agent",
            "network",
            "model",
            "host",
            "json"),
        new Room("hypervisor.bhyve", "hypervisor", "network", "model", "host"),
        new Room("hypervisor.noop", "hypervisor", "model"),
        new Room("hypervisor.propolis", "hypervisor", "network", "model", "host"),
        new Room("qcow2"),
        new Room("disk", "model", "host", "json", "qcow2"),
        new Room("image", "model", "host", "json", "qcow2"),
        new Room("guest", "agent", "model", "host"),
        new Room("store", "model", "host", "json"),
        new Room("api", "model"),
        new Room("api.http", "api", "model", "json"),
        new Room("console", "api", "model", "host"),
        new Room(
            "controller",
            "api",
            "model",
            "plan",
            "workqueue",
            "source",
            "store",
            "hypervisor",
            "disk",
            "image",
            "guest",
            "network",
            "host"));
  }

  @Test
  void somethingWasScanned() {
    assertThat(CLASSES.size()).isGreaterThan(300);
    for (Room room : rooms().toList()) {
      assertThat(CLASSES.stream().filter(in(room.name)).count()).as(room.name()).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomUsesOnlyWhatTheTableSays(Room room) {
    List<String> allowed = new ArrayList<>(List.of(room.name()));
    allowed.addAll(Arrays.asList(room.mayUse()));
    DescribedPredicate<JavaClass> foreign =
        resideInAPackage("dev.vmctl..")
            .and(
                DescribedPredicate.not(
                    resideInAnyPackage(
                        allowed.stream().map(name -> "dev.vmctl." + name).toArray(String[]::new))))
            .as("other rooms than " + allowed);
    noClasses()
        .that()
        .resideInAPackage("dev.vmctl." + room.name())
        .should()
        .dependOnClassesThat(foreign)
        .check(CLASSES);
  }

  @Test
  void everyPackageIsARoomOrAnEdge() {
    List<String> edges = List.of("dev.vmctl", "dev.vmctl.daemon", "dev.vmctl.cli");
    List<String> known = new ArrayList<>(edges);
    rooms().forEach(room -> known.add("dev.vmctl." + room.name()));
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct()).isSubsetOf(known);
  }

  @Test
  void roomsHaveNoCycles() {
    slices().matching("dev.vmctl.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void quarkusStaysInTheDaemonAndPicocliAtTheEdges() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.vmctl.daemon..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.quarkus..", "jakarta..", "io.micrometer..", "io.vertx..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.vmctl.cli..", "dev.vmctl.daemon..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.vmctl.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.vmctl.daemon..")
        .check(CLASSES);
  }

  @Test
  void whoSpeaksToNoRegistryLoadsNothingOfTheirLibrary() {
    noClasses()
        .that()
        .haveNameNotMatching("dev\\.vmctl\\.image\\.(Oci|Oras).*")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("land.oras..")
        .check(CLASSES);
  }

  @Test
  void plansComeFromNothingButTheSituation() {
    noClasses()
        .that()
        .resideInAPackage("dev.vmctl.plan..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..",
            "java.nio..",
            "java.time..",
            "java.net..",
            "java.util.random..",
            "java.util.concurrent..")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    classes()
        .that()
        .haveSimpleName("package-info")
        .should()
        .beAnnotatedWith("org.jspecify.annotations.NullMarked")
        .check(CLASSES);
    long packages = CLASSES.stream().map(JavaClass::getPackageName).distinct().count();
    long marked =
        CLASSES.stream().filter(type -> type.getSimpleName().equals("package-info")).count();
    assertThat(marked).isEqualTo(packages);
  }

  private static DescribedPredicate<JavaClass> in(String room) {
    return resideInAPackage("dev.vmctl." + room);
  }
}
