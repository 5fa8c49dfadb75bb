package dev.vmctl.cli;

import dev.vmctl.VmctlEngine;
import dev.vmctl.api.ImageFile;
import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl image}. */
@Command(
    name = "image",
    synopsisSubcommandLabel = "COMMAND",
    description = "Look after the cache of base images.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl image pull https://example.org/debian-12.qcow2.zst",
      "  vmctl image pull oci://ghcr.io/example/debian:12 --name debian",
      "  vmctl image list",
      "  vmctl image prune --dry-run",
    })
final class ImageCommand implements Callable<Integer> {
  private static final String IMAGE = "A digest, its first digits, a name or a source.";

  private final Session session;
  @Spec private CommandSpec spec = CommandSpec.create();

  ImageCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a command is missing: pull, list, inspect, verify, prune, rm or push");
  }

  @Command(
      name = "pull",
      description = {
        "Get images into the cache: URLs (http, https, oci) or files; decompressed and checked on the way.",
        "One that is there is fetched again only if it has changed. What broke off goes on from where it was."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl image pull https://example.org/a.qcow2 https://example.org/b.raw.xz",
        "  vmctl image pull https://example.org/a.img --sha256 https://example.org/SHA256SUMS",
        "  vmctl image pull --build guests/debian --name debian"
      })
  int pull(
      @Parameters(paramLabel = "SOURCE", arity = "1..*", description = "A URL or a path.")
          List<String> sources,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "What to call it by in other image commands.")
          @Nullable String name,
      @Option(
              names = "--sha256",
              paramLabel = "DIGEST",
              description = "What it must digest to, or the URL of a list that says so.")
          @Nullable String sha256,
      @Option(names = "--build", description = "The sources are programs that build images.")
          boolean build,
      @Mixin OutputOption output) {
    if (name != null && sources.size() > 1) {
      throw new CommandLine.ParameterException(
          spec.subcommands().get("pull"), "a name is of one image only");
    }
    try (Vmctl vmctl = session.writing()) {
      Map<String, ImageRequest> requests = new LinkedHashMap<>();
      for (String source : sources) {
        String called = ImageErrands.shown(source);
        requests.put(
            requests.containsKey(called) ? called + " #" + (requests.size() + 1) : called,
            new ImageRequest.Pull(resolved(source, build), sha256, name));
      }
      return report(new ImageErrands(session, vmctl).run(requests, "pulled"), output);
    }
  }

  private String resolved(String source, boolean build) {
    if (source.contains("://")) {
      return source;
    }
    Path path = session.surroundings().resolve(Path.of(source));
    return (build ? "build:" : "") + path;
  }

  private int report(ImageErrands.Result result, OutputOption output) {
    boolean table = output.format == OutputFormat.TABLE || output.format == OutputFormat.WIDE;
    if (!table || !result.images().isEmpty()) {
      show(result.images(), output);
    }
    return result.failed() ? ExitCode.FAILED : ExitCode.DONE;
  }

  @Command(
      name = "list",
      description = "List the images in the cache, newest first.",
      footerHeading = "%nExamples:%n",
      footer = {"  vmctl image list", "  vmctl image list -o wide    who needs them, too"})
  int list(@Mixin OutputOption output) {
    show(session.read(Vmctl::images), output);
    return ExitCode.DONE;
  }

  private void show(List<ImageView> images, OutputOption output) {
    DataOutput data = output.data(session.terminal());
    switch (output.format) {
      case TABLE, SARIF -> output.print(session.terminal(), ImageTables.list(images, false));
      case WIDE -> output.print(session.terminal(), ImageTables.list(images, true));
      case JSON -> data.json(images);
      case YAML -> data.yaml(images);
      case NAME -> images.forEach(image -> session.terminal().out().println(image.digest()));
    }
  }

  @Command(
      name = "inspect",
      description = "Show what is known of an image: of the cache, or a file of this host.",
      footerHeading = "%nExamples:%n",
      footer = {"  vmctl image inspect debian", "  vmctl image inspect ./disk.vmdk -o json"})
  int inspect(
      @Parameters(paramLabel = "IMAGE", description = "A path, a digest, a name or a source.")
          String image,
      @Mixin OutputOption output) {
    Path path = session.surroundings().resolve(Path.of(image));
    if (!image.contains("://") && Files.exists(path)) {
      ImageFile file = VmctlEngine.inspect(path);
      print(output, file, ImageTables.facts(file));
      return ExitCode.DONE;
    }
    ImageView view = ImageTables.find(session.read(Vmctl::images), image);
    print(output, view, ImageTables.facts(view));
    return ExitCode.DONE;
  }

  private void print(OutputOption output, Object value, String text) {
    output.format.requireOneOf(
        Objects.requireNonNull(spec.subcommands().get("inspect")).getCommandSpec(),
        OutputFormat.TABLE,
        OutputFormat.JSON,
        OutputFormat.YAML);
    DataOutput data = output.data(session.terminal());
    switch (output.format) {
      case JSON -> data.json(value);
      case YAML -> data.yaml(value);
      case TABLE, WIDE, NAME, SARIF -> session.terminal().out().print(text);
    }
  }

  @Command(
      name = "verify",
      description = "Read images whole, to see that they are what their digests say.",
      footerHeading = "%nExamples:%n",
      footer = {"  vmctl image verify", "  vmctl image verify debian"})
  int verify(
      @Parameters(paramLabel = "IMAGE", arity = "0..*", description = IMAGE + " Default: all.")
          @Nullable List<String> images,
      @Mixin OutputOption output) {
    try (Vmctl vmctl = session.writing()) {
      List<String> chosen =
          images == null ? vmctl.images().stream().map(ImageView::digest).toList() : images;
      Map<String, ImageRequest> requests = new LinkedHashMap<>();
      chosen.forEach(image -> requests.put(image, new ImageRequest.Verify(image)));
      return report(new ImageErrands(session, vmctl).run(requests, "whole"), output);
    }
  }

  @Command(
      name = "prune",
      description = {
        "Delete the images that nothing needs: no VM, nothing in the trash, no snapshot, no earlier generation.",
        "Shows those that were deleted."
      },
      footerHeading = "%nExamples:%n",
      footer = "  vmctl image prune --dry-run")
  int prune(
      @Option(names = "--dry-run", description = "Only show which they are.") boolean dryRun,
      @Mixin OutputOption output) {
    return removed(new ImageRemoval(List.of(), dryRun), output);
  }

  @Command(
      name = "rm",
      description = "Delete images from the cache, unless something needs one of them.",
      footerHeading = "%nExamples:%n",
      footer = "  vmctl image rm debian 3f5a0c")
  int rm(
      @Parameters(paramLabel = "IMAGE", arity = "1..*", description = IMAGE) List<String> images,
      @Mixin OutputOption output) {
    return removed(new ImageRemoval(images, false), output);
  }

  private int removed(ImageRemoval removal, OutputOption output) {
    try (Vmctl vmctl = session.writing()) {
      List<ImageView> removed = vmctl.remove(removal);
      show(removed, output);
      long bytes = removed.stream().mapToLong(ImageView::storedBytes).sum();
      session
          .terminal()
          .say(
              (removal.dryRun() ? "would free " : "freed ") + ImageTables.megabytes(bytes) + " MB");
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "push",
      description = {
        "Put an image into an OCI registry.",
        "Logs in as 'docker login' left it; ghcr.io also with GITHUB_TOKEN."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl image push debian oci://ghcr.io/example/debian:12",
        "  vmctl image push ./disk.qcow2 oci://localhost:5000/disk:1"
      })
  int push(
      @Parameters(paramLabel = "IMAGE", description = IMAGE + " Or a path.") String image,
      @Parameters(paramLabel = "TARGET", description = "oci://registry/repository:tag.")
          String target,
      @Mixin OutputOption output) {
    if (!target.startsWith("oci://")) {
      throw new VmException(
          ErrorCode.USAGE,
          "images are pushed to registries only, not to " + target,
          "write it as oci://registry/repository:tag");
    }
    try (Vmctl vmctl = session.writing()) {
      ImageErrands errands = new ImageErrands(session, vmctl);
      String digest = image;
      Path path = session.surroundings().resolve(Path.of(image));
      if (!image.contains("://") && Files.isRegularFile(path)) {
        ImageErrands.Result pulled =
            errands.run(Map.of(image, new ImageRequest.Pull(path.toString(), null, null)), "read");
        if (pulled.failed()) {
          return ExitCode.FAILED;
        }
        digest = pulled.images().getFirst().digest();
      }
      return report(
          errands.run(Map.of(target, new ImageRequest.Push(digest, target)), "pushed"), output);
    }
  }
}
