package dev.vmctl.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser: a thousand VMs that are none, and one that is. With {@code
 * -Dvmctl.screenshots=write} its pictures go to docs.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  private static final double SLOW = 30_000;

  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static @Nullable Playwright playwright;
  private static @Nullable Browser browser;
  private static Path watched = Path.of("");

  private final List<String> complaints = new ArrayList<>();
  private @Nullable BrowserContext context;
  private @Nullable Page opened;

  @BeforeAll
  static void start() throws Exception {
    installation = Installation.in(directory, "data");
    watched = Files.createDirectory(directory.toRealPath().resolve("vmfiles"));
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      many.append(vm("vm-%04d".formatted(i), i));
    }
    Files.writeString(watched.resolve("many.kdl"), many);
    Files.writeString(
        watched.resolve("box.kdl"),
        GUEST.vm("box", 128).replace("    vcpus 1", "    restart \"never\"\n    vcpus 1"));
    Daemon.start(installation, watched);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of("/usr/bin/chromium"))
                    // Root needs it, and the pages are ours.
                    .setArgs(List.of("--no-sandbox")));
  }

  private static String vm(String name, int number) {
    return "vm \"%s\" {\n  backend \"noop\"\n  vcpus 2\n  memory 512\n  labels tier=\"%s\"\n}\n"
        .formatted(name, number % 3 == 0 ? "web" : "db");
  }

  @AfterAll
  static void end() {
    if (playwright != null) {
      playwright.close();
    }
    if (installation != null) {
      installation.close();
    }
  }

  @BeforeEach
  void logIn() throws Exception {
    page(new Browser.NewContextOptions().setViewportSize(1280, 760));
  }

  private Page page(Browser.NewContextOptions options) throws Exception {
    leave();
    context = Objects.requireNonNull(browser).newContext(options);
    Page page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate(link());
    opened = page;
    assertThat(row("box")).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(SLOW));
    return page;
  }

  private static String link() throws Exception {
    return Objects.requireNonNull(installation).succeed("dashboard", "--print").out().strip();
  }

  @AfterEach
  void nothingWasForbiddenOrFailed() {
    leave();
    assertThat(complaints).as("what the browser complains of").isEmpty();
  }

  private void leave() {
    if (context != null) {
      context.close();
      context = null;
    }
  }

  private Page page() {
    return Objects.requireNonNull(opened);
  }

  private Locator row(String name) {
    return page().locator("#list li[data-name=" + name + "] .row");
  }

  @Test
  @Order(1)
  void theConsoleTakesWhatIsTypedAndShowsTheAnswer() {
    page().navigate(page().url() + "#/vm/box/console");
    Locator terminal = page().locator(".xterm-rows");
    assertThat(terminal)
        .containsText(
            Pattern.compile("[#$] "),
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000));
    page().keyboard().type("echo $((6 * 7))-seen\n");
    assertThat(terminal)
        .containsText("42-seen", new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW));
    picture("console");
  }

  @Test
  @Order(2)
  void aThousandVmsAreThereAndAreFoundByKeys() {
    assertThat(page().locator("#list li")).hasCount(1_001);
    assertThat(page().locator("#tally")).containsText("running");
    page().keyboard().press("/");
    page().keyboard().type("tier=web vm-09");
    assertThat(page().locator("#list li:not([hidden])")).hasCount(34);
    page().keyboard().press("Enter");
    page().keyboard().press("j");
    page().keyboard().press("Enter");
    assertThat(page().locator("#vm h2")).hasText("vm-0903");
    page().keyboard().press("2");
    assertThat(page().locator("#panel")).containsText("Nothing to do");
    page().keyboard().press("3");
    assertThat(page().locator("#panel tbody tr").first()).isVisible();
    page().keyboard().press("Escape");
    assertThat(page().locator("#vm")).isHidden();
  }

  @Test
  @Order(3)
  void theListFollowsTheDaemon() throws IOException {
    Path more = watched.resolve("more.kdl");
    Files.writeString(more, vm("latecomer", 1));
    assertThat(row("latecomer").locator(".state"))
        .hasText("running", new LocatorAssertions.HasTextOptions().setTimeout(SLOW));
    Files.delete(more);
    assertThat(row("latecomer"))
        .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(SLOW));
  }

  @Test
  @Order(4)
  void theScreenOfAMachineIsDrawn() {
    page().navigate(page().url() + "#/vm/box/screen");
    assertThat(page().locator(".screen canvas"))
        .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(SLOW));
    assertThat(page().locator(".note")).containsText("Keys go to the guest");
  }

  @Test
  @Order(5)
  void itLooksAsItShould() throws Exception {
    page().navigate(page().url() + "#/vm/box");
    assertThat(page().locator(".facts")).containsText("UUID");
    assertThat(page().locator(".meters"))
        .containsText("CPU ", new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW));
    if (isTakingPictures()) {
      page().waitForTimeout(30_000); // So that there is a curve to be seen.
    }
    page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    picture("vm-dark");
    page(
        new Browser.NewContextOptions()
            .setViewportSize(390, 760)
            .setHasTouch(true)
            .setIsMobile(true));
    assertThat(row("vm-0001").locator(".state")).isVisible();
    int width = (int) page().evaluate("document.documentElement.scrollWidth");
    assertThat(width).isLessThanOrEqualTo(390);
    picture("phone");
  }

  @Test
  @Order(6)
  void aVmIsStoppedOnlyWhenAsked() {
    page().navigate(page().url() + "#/vm/vm-0500");
    Locator stop = page().locator(".actions button", new Page.LocatorOptions().setHasText("Stop"));
    stop.click();
    assertThat(page().locator("#ask-state")).hasText("Now: running.");
    page().keyboard().press("Enter"); // The focus is on the harmless answer.
    assertThat(page().locator("#ask")).isHidden();
    assertThat(row("vm-0500").locator(".state")).hasText("running");
    stop.click();
    page().locator("#ask-yes").click();
    assertThat(page().locator("#ask")).isHidden();
    assertThat(row("vm-0500").locator(".state.off"))
        .containsText("stopped", new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW));
    page().locator(".actions button", new Page.LocatorOptions().setHasText("Start")).click();
    assertThat(row("vm-0500").locator(".state"))
        .hasText("running", new LocatorAssertions.HasTextOptions().setTimeout(SLOW));
    page().navigate(page().url().replace("vm-0500", "vm-0004"));
    stop.click();
    page().locator("#ask-yes").click();
    assertThat(row("vm-0004").locator(".state.off"))
        .containsText("stopped", new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW));
  }

  @Test
  @Order(7)
  void aMachineThatDiesIsSeenToDie() throws Exception {
    Locator state = row("box").locator(".state");
    assertThat(state).not().hasClass(Pattern.compile("off|bad"));
    Installation.kill(Objects.requireNonNull(installation).status("box").path("pid").asLong());
    assertThat(state)
        .hasClass(Pattern.compile("bad"), new LocatorAssertions.HasClassOptions().setTimeout(SLOW));
    picture("list-light");
  }

  @Test
  @Order(8)
  void aLinkIsGoodOnce() throws Exception {
    String link = link();
    page().navigate("about:blank");
    page().navigate(link);
    assertThat(row("box")).isVisible();
    assertThat(page()).not().hasURL(Pattern.compile("code"));
    try (BrowserContext other = Objects.requireNonNull(browser).newContext()) {
      Page late = other.newPage();
      late.navigate(link);
      assertThat(late.locator("#door")).containsText("used before");
    }
  }

  private static boolean isTakingPictures() {
    return "write".equals(System.getProperty("vmctl.screenshots"));
  }

  private void picture(String name) {
    if (isTakingPictures()) {
      Path docs = Path.of(System.getProperty("vmctl.basedir", ""), "docs", "images");
      page()
          .screenshot(
              new Page.ScreenshotOptions().setPath(docs.resolve("dashboard-" + name + ".png")));
    }
  }
}
