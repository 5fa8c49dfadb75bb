package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedTest {
  private static final UUID INSTANCE = UUID.fromString("5a0c1e9e-0000-4000-8000-000000000001");

  @TempDir Path directory;

  private final SeedWriter seeds = new SeedWriter(new KeyFiles());

  @Test
  void theSameArgumentsGiveTheSameBytes() throws IOException {
    VmSpec spec = GuestSpecs.named("web");
    byte[] first = Files.readAllBytes(write(directory, spec, INSTANCE));
    Files.delete(directory.resolve(Guests.SEED));
    byte[] second = Files.readAllBytes(write(directory, spec, INSTANCE));

    assertThat(second).isEqualTo(first);
  }

  @Test
  void noDateOfTodayIsInTheImage() throws IOException {
    byte[] image = Files.readAllBytes(write(directory, GuestSpecs.named("web"), INSTANCE));

    String year = Integer.toString(Instant.now().atZone(java.time.ZoneOffset.UTC).getYear());
    String descriptors = new String(image, 16 * 2048, 3 * 2048, StandardCharsets.ISO_8859_1);
    assertThat(descriptors).contains("2000010100000000").doesNotContain(year);
  }

  @Test
  void aSeedThatIsAlreadyRightIsLeftAlone() throws IOException {
    Path seed = write(directory, GuestSpecs.named("web"), INSTANCE);
    FileTime old = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));
    Files.setLastModifiedTime(seed, old);

    write(directory, GuestSpecs.named("web"), INSTANCE);

    assertThat(Files.getLastModifiedTime(seed)).isEqualTo(old);
  }

  @Test
  void secretsAreForTheirOwnerOnly() throws IOException {
    write(directory, GuestSpecs.named("web"), INSTANCE);

    for (String name :
        List.of(Guests.SEED, Guests.CLIENT_KEY, Guests.HOST_KEY, Guests.KNOWN_HOSTS)) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void theGeneratedConfigLetsTheUserInByKeyOnly() throws Exception {
    VmSpec spec = GuestSpecs.with("web", null, new SshSpec("ubuntu", null));
    write(directory, spec, INSTANCE);

    JsonNode config = config();
    JsonNode user = config.at("/users/0");
    assertThat(config.get("users")).hasSize(1);
    assertThat(user.get("name").asText()).isEqualTo("ubuntu");
    assertThat(user.get("sudo").asText()).isEqualTo("ALL=(ALL) NOPASSWD:ALL");
    assertThat(user.get("shell").asText()).isEqualTo("/bin/bash");
    assertThat(user.get("lock_passwd").asBoolean()).isTrue();
    assertThat(user.at("/ssh_authorized_keys/0").asText())
        .isEqualTo(line(Guests.CLIENT_KEY + ".pub"));
    assertThat(config.get("ssh_pwauth").asBoolean(true)).isFalse();
    assertThat(config.get("disable_root").asBoolean()).isTrue();
    assertThat(config.get("hostname").asText()).isEqualTo("web");
  }

  @Test
  void theHostKeyIsHandedInAndPinned() throws Exception {
    write(directory, GuestSpecs.named("web"), INSTANCE);

    JsonNode keys = config().get("ssh_keys");
    assertThat(keys.get("ed25519_private").asText())
        .isEqualTo(Files.readString(directory.resolve(Guests.HOST_KEY)));
    assertThat(keys.get("ed25519_public").asText()).isEqualTo(line(Guests.HOST_KEY + ".pub"));
    assertThat(Files.readAllLines(directory.resolve(Guests.KNOWN_HOSTS)))
        .contains("vmctl-web " + keys.get("ed25519_public").asText().replace(" vmctl-web", ""));
  }

  @Test
  void rootAsUserMayLogIn() throws Exception {
    write(directory, GuestSpecs.with("web", null, new SshSpec("root", null)), INSTANCE);

    assertThat(config().get("disable_root").asBoolean(true)).isFalse();
    assertThat(config().at("/users/0/ssh_authorized_keys")).hasSize(1);
  }

  @Test
  void aNameCannotBreakOutOfTheConfig() throws Exception {
    String evil = "a: b\nruncmd: [reboot] # '\"";
    write(
        directory,
        GuestSpecs.with("web", new CloudInitSpec(evil, null, null), new SshSpec(evil, null)),
        INSTANCE);

    assertThat(config().get("hostname").asText()).isEqualTo(evil);
    assertThat(config().at("/users/0/name").asText()).isEqualTo(evil);
    assertThat(config().has("runcmd")).isFalse();
    assertThat(yaml("meta-data").get("local-hostname").asText()).isEqualTo(evil);
  }

  @Test
  void metaDataCarriesInstanceAndHostName() throws Exception {
    VmSpec spec = GuestSpecs.with("web", new CloudInitSpec("www", null, null), null);
    write(directory, spec, INSTANCE);

    assertThat(yaml("meta-data").get("instance-id").asText()).isEqualTo(INSTANCE.toString());
    assertThat(yaml("meta-data").get("local-hostname").asText()).isEqualTo("www");
  }

  @Test
  void aDeclaredKeyIsAuthorisedInsteadOfAGeneratedOne() throws Exception {
    OpenSshKeyPair mine = OpenSshKeyPair.generate("me@home", new SecureRandom());
    Path key =
        Files.writeString(directory.resolve("me.pub"), "# mine\n" + mine.publicLine() + "\n");
    write(directory, GuestSpecs.with("web", new CloudInitSpec(null, key, null), null), INSTANCE);

    assertThat(config().at("/users/0/ssh_authorized_keys/0").asText()).isEqualTo(mine.publicLine());
    assertThat(directory.resolve(Guests.CLIENT_KEY)).doesNotExist();
    assertThat(directory.resolve(Guests.HOST_KEY)).exists();
  }

  @Test
  void aPrivateKeyDeclaredAsPublicOneIsRefused() throws IOException {
    OpenSshKeyPair mine = OpenSshKeyPair.generate("me", new SecureRandom());
    Path key = Files.writeString(directory.resolve("me"), mine.privateText());

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> KeyFiles.declaredPublicKeys(key))
        .withMessageContaining("is a private key")
        .matches(e -> e.code() == ErrorCode.SSH_KEY_INVALID);
  }

  @Test
  void aMissingDeclaredFileIsNamed() {
    Path missing = directory.resolve("nothing.pub");

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> KeyFiles.declaredPublicKeys(missing))
        .withMessageContaining(missing + ": it does not exist")
        .matches(e -> e.code() == ErrorCode.IO && !e.help().isEmpty());
  }

  @Test
  void rawUserDataIsPassedThroughByteForByte() throws Exception {
    byte[] raw = new byte[100_001];
    new Random(1).nextBytes(raw);
    Path file = Files.write(directory.resolve("raw.yaml"), raw);
    write(directory, GuestSpecs.with("web", new CloudInitSpec(null, null, file), null), INSTANCE);

    assertThat(extract("user-data")).isEqualTo(raw);
    assertThat(directory.resolve(Guests.CLIENT_KEY)).doesNotExist();
    assertThat(directory.resolve(Guests.HOST_KEY)).doesNotExist();
    assertThat(directory.resolve(Guests.KNOWN_HOSTS)).content().doesNotContain("ssh-ed25519");
  }

  @Test
  void aKeyPinnedAtFirstUseLastsAsLongAsTheDisk() throws IOException {
    Path file = Files.writeString(directory.resolve("raw.yaml"), "#cloud-config\n");
    VmSpec spec = GuestSpecs.with("web", new CloudInitSpec(null, null, file), null);
    write(directory, spec, INSTANCE);
    new KnownHosts(directory.resolve(Guests.KNOWN_HOSTS), "vmctl-web").pin("ssh-ed25519 AAAA");

    write(directory, spec, INSTANCE);
    assertThat(directory.resolve(Guests.KNOWN_HOSTS)).content().contains("ssh-ed25519 AAAA");

    write(directory, spec, UUID.randomUUID());
    assertThat(directory.resolve(Guests.KNOWN_HOSTS)).content().doesNotContain("ssh-ed25519 AAAA");
  }

  @Test
  void aHalfWrittenPairIsCompleted() throws IOException {
    write(directory, GuestSpecs.named("web"), INSTANCE);
    String publicLine = line(Guests.CLIENT_KEY + ".pub");
    Files.delete(directory.resolve(Guests.CLIENT_KEY + ".pub"));

    write(directory, GuestSpecs.named("web"), INSTANCE);

    assertThat(line(Guests.CLIENT_KEY + ".pub")).isEqualTo(publicLine);
  }

  @Test
  void aDamagedKeyIsNotOverwritten() throws IOException {
    Files.writeString(directory.resolve(Guests.HOST_KEY), "garbage");

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> write(directory, GuestSpecs.named("web"), INSTANCE))
        .matches(e -> e.code() == ErrorCode.SSH_KEY_INVALID);
    assertThat(directory.resolve(Guests.HOST_KEY)).hasContent("garbage");
  }

  @Test
  void openSshReadsTheGeneratedKeys() throws Exception {
    write(directory, GuestSpecs.named("web"), INSTANCE);

    for (String name : List.of(Guests.CLIENT_KEY, Guests.HOST_KEY)) {
      byte[] derived = tool("ssh-keygen", "-y", "-f", directory.resolve(name).toString());
      assertThat(new String(derived, StandardCharsets.UTF_8).strip())
          .isEqualTo(line(name + ".pub"));
    }
  }

  @Test
  void theImageIsLabelledForNoCloud() throws Exception {
    Path seed = write(directory, GuestSpecs.named("web"), INSTANCE);

    byte[] label = tool("blkid", "-p", "-s", "LABEL", "-s", "TYPE", "-o", "value", seed.toString());
    assertThat(new String(label, StandardCharsets.UTF_8).lines()).contains("cidata", "iso9660");
  }

  @Test
  void nothingIsPrintedOnTheWay() {
    PrintStream real = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      write(directory, GuestSpecs.named("web"), INSTANCE);
    } finally {
      System.setOut(real);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void theNamesAreRightInRockRidgeAndInJoliet() throws Exception {
    Path seed = write(directory, GuestSpecs.named("web"), INSTANCE);

    for (String naming : List.of("-R", "-J")) {
      byte[] names = tool("isoinfo", naming, "-f", "-i", seed.toString());
      assertThat(new String(names, StandardCharsets.UTF_8).lines().map(n -> n.replace(";1", "")))
          .as(naming)
          .contains("/meta-data", "/user-data");
    }
  }

  private JsonNode config() throws Exception {
    assertThat(new String(extract("user-data"), StandardCharsets.UTF_8))
        .startsWith("#cloud-config\n");
    return yaml("user-data");
  }

  private JsonNode yaml(String name) throws Exception {
    return new YAMLMapper().readTree(extract(name));
  }

  private byte[] extract(String name) throws Exception {
    String seed = directory.resolve(Guests.SEED).toString();
    return tool("isoinfo", "-R", "-i", seed, "-x", "/" + name);
  }

  private String line(String name) throws IOException {
    return Files.readString(directory.resolve(name)).strip();
  }

  /** Runs a tool that reads what we wrote; where it is not installed there is nothing to check. */
  private byte[] tool(String... command) throws Exception {
    Path out = directory.resolve("tool.out");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return Assumptions.abort(command[0] + " is not installed");
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return Files.readAllBytes(out);
  }

  @Test
  void furtherCardsAreToldToAskForAddresses() throws Exception {
    FieldValues values = new FieldValues();
    values.put(VmFields.NICS, List.of(new NicSpec("lan", new NetworkSpec.User(), null)));
    VmSpec spec = VmSpec.of(new VmName("web"), values);
    MacAddress first = new MacAddress("52:54:00:00:00:01");
    List<SeedNetwork.Card> two =
        spec.cards(INSTANCE, first).stream()
            .map(card -> new SeedNetwork.Card(card.mac(), null))
            .toList();
    seeds.write(directory, spec, INSTANCE, new SeedNetwork(two, List.of()));

    JsonNode cards = yaml("network-config").path("ethernets");
    assertThat(cards.path("card0").path("match").path("macaddress").asText())
        .isEqualTo(first.value());
    assertThat(cards.path("card1").path("match").path("macaddress").asText())
        .isEqualTo(spec.nics().getFirst().address(INSTANCE).value())
        .startsWith("52:54:00:");
    assertThat(cards).allMatch(card -> card.path("dhcp4").asBoolean());
  }

  private static final SeedNetwork LAN =
      new SeedNetwork(
          List.of(
              new SeedNetwork.Card(new MacAddress("52:54:00:00:00:01"), null),
              new SeedNetwork.Card(new MacAddress("52:54:00:00:00:02"), "10.64.1.2/16")),
          List.of(
              new SeedNetwork.Host("10.64.1.2", "a"), new SeedNetwork.Host("10.64.1.3", "b web")));

  @Test
  void aFixedAddressIsGivenAndOthersAreKnownByNameFromEachBootOn() throws Exception {
    seeds.write(directory, GuestSpecs.named("a"), INSTANCE, LAN);

    JsonNode card = yaml("network-config").path("ethernets").path("card1");
    assertThat(card.path("addresses").path(0).asText()).isEqualTo("10.64.1.2/16");
    assertThat(card.has("dhcp4")).isFalse();
    JsonNode command = yaml("user-data").path("bootcmd").path(0);
    Path hosts =
        Files.writeString(
            directory.resolve("hosts"), "127.0.0.1 localhost\n10.64.1.9 old # vmctl\n");
    for (int boot = 0; boot < 2; boot++) {
      runOn(hosts, command);
      assertThat(hosts)
          .hasContent("127.0.0.1 localhost\n10.64.1.2 a # vmctl\n10.64.1.3 b web # vmctl\n");
    }
  }

  private static void runOn(Path hosts, JsonNode command) throws Exception {
    List<String> words =
        command
            .valueStream()
            .map(word -> word.asText().replace("/etc/hosts", hosts.toString()))
            .toList();
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void rawUserDataStaysUntouchedAndOthersAreKnownByVendorData() throws Exception {
    Path raw = Files.writeString(directory.resolve("raw.yaml"), "#cloud-config\n{}\n");
    VmSpec spec = GuestSpecs.with("a", new CloudInitSpec(null, null, raw), null);
    seeds.write(directory, spec, INSTANCE, LAN);

    assertThat(new String(extract("user-data"), StandardCharsets.UTF_8))
        .isEqualTo("#cloud-config\n{}\n");
    assertThat(yaml("vendor-data").path("bootcmd").path(0).path(5).asText())
        .isEqualTo("10.64.1.3 b web");
  }

  private Path write(Path into, VmSpec spec, UUID instance) {
    return seeds.write(into, spec, instance, SeedNetwork.USUAL);
  }
}
