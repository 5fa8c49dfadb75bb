package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;

/** The files under manifests/: valid, and the hooks do what zoneadm expects of them. */
class ManifestsTest {
  private static final Path MANIFESTS =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("manifests");

  @TempDir Path directory;

  private static Document parse(String text, String dtd) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setValidating(true);
    DocumentBuilder builder = factory.newDocumentBuilder();
    builder.setEntityResolver(
        (publicId, systemId) ->
            new InputSource(
                Objects.requireNonNull(
                    ManifestsTest.class.getResourceAsStream("/manifests/" + dtd))));
    builder.setErrorHandler(
        new ErrorHandler() {
          @Override
          public void warning(SAXParseException e) throws SAXParseException {
            throw e;
          }

          @Override
          public void error(SAXParseException e) throws SAXParseException {
            throw e;
          }

          @Override
          public void fatalError(SAXParseException e) throws SAXParseException {
            throw e;
          }
        });
    return builder.parse(new InputSource(new StringReader(text)));
  }

  private static String text(String file) throws Exception {
    return Files.readString(MANIFESTS.resolve(file));
  }

  @ParameterizedTest
  @CsvSource({
    "illumos/brand/config.xml, brand.dtd, <install>, <installation>",
    "illumos/brand/platform.xml, zone_platform.dtd, special=, spezial=",
    "illumos/vmctl.xml, service_bundle.dtd, restart_on=\"none\", restart_on=\"never\""
  })
  void aManifestIsValidAndABrokenOneIsNot(String file, String dtd, String right, String wrong)
      throws Exception {
    assertThat(parse(text(file), dtd).getDocumentElement()).isNotNull();
    assertThatThrownBy(() -> parse(text(file).replace(right, wrong), dtd))
        .isInstanceOf(SAXParseException.class);
  }

  private static List<JsonNode> yaml(String file) throws IOException {
    YAMLFactory yaml = new YAMLFactory();
    try (var documents =
        new ObjectMapper(yaml)
            .readerFor(JsonNode.class)
            .<JsonNode>readValues(MANIFESTS.resolve(file).toFile())) {
      return documents.readAll();
    }
  }

  @Test
  void kubernetesRunsItInTheNodesOwnNameSpaces() throws IOException {
    JsonNode daemons =
        yaml("kubernetes/vmctl.yaml").stream()
            .filter(each -> each.path("kind").asText().equals("DaemonSet"))
            .findFirst()
            .orElseThrow();
    JsonNode pod = daemons.at("/spec/template/spec");
    assertThat(pod.path("hostPID").asBoolean()).isTrue();
    JsonNode vmctl = pod.at("/containers/0");
    assertThat(vmctl.path("command").toString()).contains("nsenter", "--target=1", "--mount");
    assertThat(vmctl.at("/securityContext/privileged").asBoolean()).isTrue();
    // The image is the one that ./mvnw -Pimage makes.
    assertThat(vmctl.path("image").asText())
        .isEqualTo(pod.at("/initContainers/0/image").asText())
        .isEqualTo("vmctl:latest");
    assertThat(MANIFESTS.resolveSibling("pom.xml"))
        .content()
        .contains("<image>vmctl:${project.version}</image>", "<tag>latest</tag>")
        .contains("<into>/opt/vmctl/bin</into>", "<into>/opt/vmctl/quarkus-app</into>");
    assertThat(daemons.at("/spec/selector/matchLabels"))
        .isEqualTo(daemons.at("/spec/template/metadata/labels"));
    assertThat(yaml("kubernetes/monitoring.yaml"))
        .allSatisfy(each -> assertThat(each.path("apiVersion").asText()).isNotEmpty())
        .extracting(each -> each.path("kind").asText())
        .contains("ServiceMonitor");
  }

  @Test
  void kubernetesHasTheSameAlerts() throws IOException {
    JsonNode rule = yaml("kubernetes/alerts.yaml").getFirst();
    assertThat(rule.path("kind").asText()).isEqualTo("PrometheusRule");
    assertThat(rule.at("/spec/groups"))
        .isEqualTo(yaml("prometheus/vmctl.rules.yml").getFirst().path("groups"));
  }

  @Test
  void everyHookOfTheBrandIsThereAndCanBeRun() throws Exception {
    Document brand = parse(text("illumos/brand/config.xml"), "brand.dtd");
    assertThat(brand.getDocumentElement().getAttribute("name")).isEqualTo("vmctl");
    NodeList elements = brand.getDocumentElement().getElementsByTagName("*");
    List<String> hooks =
        IntStream.range(0, elements.getLength())
            .mapToObj(i -> elements.item(i).getTextContent().strip())
            .filter(content -> content.startsWith("/"))
            .toList();
    assertThat(hooks).hasSize(4).allMatch(hook -> hook.startsWith("/usr/lib/brand/vmctl/"));
    for (String hook : hooks) {
      String name = hook.split(" ")[0].substring("/usr/lib/brand/vmctl/".length());
      assertThat(MANIFESTS.resolve("illumos/brand").resolve(name)).isExecutable();
    }
  }

  @Test
  void aServersHomeIsOnItsMountPointsAndItsDevicesAreInTheZone() throws Exception {
    Document platform = parse(text("illumos/brand/platform.xml"), "zone_platform.dtd");
    NodeList devices = platform.getElementsByTagName("device");
    assertThat(
            IntStream.range(0, devices.getLength())
                .mapToObj(i -> devices.item(i).getAttributes().getNamedItem("match"))
                .map(match -> match.getNodeValue()))
        .contains("vmm*", "viona", "dld");
  }

  private ToolResult hook(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(MANIFESTS.resolve("illumos/brand/zone").toString()));
    command.addAll(List.of(arguments));
    return new LinuxHostProcesses()
        .run(
            new ToolRun(
                command,
                Map.of(
                    "PATH",
                    directory.resolve("bin") + ":" + System.getenv("PATH"),
                    "MNTTAB",
                    directory.resolve("mnttab").toString()),
                "",
                Duration.ofSeconds(20)));
  }

  /** A zonecfg that shows these resources of any zone. */
  private void zonecfg(Map<String, String> shown) throws Exception {
    Path program = directory.resolve("bin/zonecfg");
    Files.createDirectories(program.getParent());
    String cases =
        shown.entrySet().stream()
            .map(each -> "'" + each.getKey() + "') printf '" + each.getValue() + "';;\n")
            .collect(Collectors.joining());
    Files.writeString(program, "#!/bin/sh\nshift 3\ncase \"$*\" in\n" + cases + "esac\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void zonecfgOfAServer() throws Exception {
    zonecfg(
        Map.of(
            "attr name=vmctl-listen",
            "attr:\\n\\tname: vmctl-listen\\n\\ttype: string\\n\\tvalue: 10.88.0.5:12400\\n",
            "attr name=vmctl-bootrom",
            "attr:\\n\\tname: vmctl-bootrom\\n\\ttype: string\\n\\tvalue: \"/opt/a b/OVMF.fd\"\\n",
            "net",
            "net:\\n\\tallowed-address: 10.88.0.5/16\\n\\tphysical: vmc6f2c1d34_0\\n"
                + "net:\\n\\tallowed-address not specified\\n\\tphysical: vmg6f2c1d34_0\\n",
            "fs",
            "fs:\\n\\tdir: /opt/vmctl/propolis\\n\\tspecial: /opt/vmctl/propolis\\n"
                + "fs:\\n\\tdir: \"/vmctl\"\\n\\tspecial: /x\\n"));
  }

  @Test
  void aZoneIsInstalledForItsOwnerAloneWithAPlaceForEachMount() throws Exception {
    zonecfgOfAServer();
    Path zone = directory.resolve("zones/web");
    assertThat(hook("install", "web", zone.toString())).isEqualTo(new ToolResult(0, "", ""));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(zone)))
        .isEqualTo("rwx------");
    for (String place : List.of("dev", "usr", "etc/svc/volatile", "opt/vmctl/propolis", "vmctl")) {
      assertThat(zone.resolve("root").resolve(place)).isDirectory();
    }
    Document platform = parse(text("illumos/brand/platform.xml"), "zone_platform.dtd");
    for (String kind : List.of("mount", "global_mount")) {
      NodeList mounts = platform.getElementsByTagName(kind);
      for (int i = 0; i < mounts.getLength(); i++) {
        String place = mounts.item(i).getAttributes().getNamedItem("directory").getNodeValue();
        assertThat(zone.resolve("root").resolve(place.substring(1))).isDirectory();
      }
    }
  }

  @Test
  void aBootTellsTheServerWhereToListen() throws Exception {
    zonecfgOfAServer();
    Path zone = directory.resolve("zones/web");
    hook("install", "web", zone.toString());
    assertThat(hook("boot", "web", zone.toString())).isEqualTo(new ToolResult(0, "", ""));
    assertThat(zone.resolve("root/etc/vmctl-server"))
        .hasContent("vmc6f2c1d34_0\n10.88.0.5/16\n/opt/a b/OVMF.fd\n10.88.0.5:12400\n");
  }

  @Test
  void aZoneThatLacksWhatTheServerNeedsDoesNotBootAndSaysSo() throws Exception {
    zonecfg(Map.of("attr name=vmctl-listen", "No such attr resource.\\n"));
    ToolResult result = hook("boot", "web", directory.resolve("zones/web").toString());
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.errors()).contains("no attributes vmctl-listen and vmctl-bootrom");
  }

  @Test
  void anUninstallDeletesNothingThatIsStillMounted() throws Exception {
    zonecfgOfAServer();
    Path zone = directory.resolve("zones/web");
    hook("install", "web", zone.toString());
    ToolResult blind = hook("uninstall", "web", zone.toString());
    assertThat(blind.errors()).contains("cannot tell what is mounted");
    Files.writeString(
        directory.resolve("mnttab"),
        "/usr\t" + zone.resolve("root/usr") + "\tlofs\tro\t1764000000\n");
    ToolResult busy = hook("uninstall", "web", zone.toString());
    assertThat(busy.exitCode()).isEqualTo(1);
    assertThat(busy.errors()).contains("still mounted");
    assertThat(zone.resolve("root/usr")).isDirectory();
    Files.writeString(
        directory.resolve("mnttab"), "/usr\t" + zone + "2/root/usr\tlofs\tro\t1764000000\n");
    assertThat(hook("uninstall", "web", zone.toString()).exitCode()).isZero();
    assertThat(zone).doesNotExist();
    assertThat(hook("uninstall", "web", zone.toString()).exitCode()).isZero();
  }

  @Test
  void theZonesFirstProcessTakesItsAddressAndBecomesTheServer() throws Exception {
    String init = text("illumos/brand/init");
    assertThat(init).contains("ifconfig \"$link\" inet \"$address\" up");
    assertThat(init.stripTrailing())
        .endsWith("exec \"$(dirname \"$bootrom\")/propolis-server\" run \"$bootrom\" \"$listen\"");
  }
}
