package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities;
import dev.vmctl.model.Field;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What goes together in a {@code vm} node, and what single values must look like besides. */
final class VmRules {
  private static final VmName UNNAMED = new VmName("unnamed");
  private static final Pattern SHA256 =
      Pattern.compile("(sha256:)?[0-9a-fA-F]{64}|https?://[^\\s/?#]+/\\S+");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}");
  private static final Pattern HOSTNAME =
      Pattern.compile("(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9-]+)*");

  private final Findings findings;
  private final @Nullable BackendTag usual;
  private final ImageRules images;

  /**
   * @param usual the backend of a VM that declares none; null when it is not known
   */
  VmRules(Findings findings, @Nullable BackendTag usual) {
    this.findings = findings;
    this.usual = usual;
    this.images = new ImageRules(findings);
  }

  void check(VmDraft draft) {
    image(draft);
    imageUrl(draft);
    imageSha256(draft);
    most(draft, VmFields.VCPUS, VmFields.VCPUS_MAX);
    most(draft, VmFields.MEMORY, VmFields.MEMORY_MAX);
    secureBoot(draft);
    kernel(draft, VmFields.INITRD);
    kernel(draft, VmFields.CMDLINE);
    cloudInit(draft);
    user(draft);
    provision(draft);
    backend(draft);
    new ProbeRules(findings, usual).check(draft);
  }

  private void image(VmDraft draft) {
    List<KdlNode> all =
        Stream.of(VmFields.IMAGE, VmFields.IMAGE_URL, VmFields.IMAGE_BUILD)
            .map(draft::nodeOf)
            .filter(Objects::nonNull)
            .toList();
    if (!images.isOne(all, "a VM")) {
      return;
    }
    boolean maybeNoop =
        draft.nodeOf(VmFields.BACKEND) != null
            && (draft.values.get(VmFields.BACKEND) == null
                || draft.values.get(VmFields.BACKEND) == BackendTag.NOOP);
    if (all.isEmpty() && !maybeNoop) {
      report(
          draft,
          VmFileCode.MISSING_NODE,
          draft.nameSpan(),
          "this VM has no image",
          "add one: " + VmFields.IMAGE.example() + ", or " + VmFields.IMAGE_URL.example());
    }
  }

  private void imageSha256(VmDraft draft) {
    KdlNode node = draft.nodeOf(VmFields.IMAGE_SHA256);
    if (node == null) {
      return;
    }
    if (draft.nodeOf(VmFields.IMAGE) == null && draft.nodeOf(VmFields.IMAGE_URL) == null) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.name().span(),
          "'image-sha256' needs an 'image' or 'image-url' beside it",
          "remove it; what is built here has no published digest");
    }
    String value = draft.values.get(VmFields.IMAGE_SHA256);
    if (value != null && !SHA256.matcher(value).matches()) {
      invalid(
          draft,
          VmFields.IMAGE_SHA256,
          Quoted.of(value) + " is neither a SHA-256 nor a URL",
          "write its 64 hexadecimal digits, or like this: " + VmFields.IMAGE_SHA256.example());
    }
  }

  private void imageUrl(VmDraft draft) {
    String url = draft.values.get(VmFields.IMAGE_URL);
    KdlNode node = draft.nodeOf(VmFields.IMAGE_URL);
    if (url != null && node != null) {
      images.isUrl(node, url);
    }
  }

  private <N extends Number> void most(VmDraft draft, Field<N> field, Field<N> limit) {
    N most = draft.values.get(limit);
    N value = draft.values.get(field);
    N now = value == null ? field.defaultValue() : value;
    if (most != null && now != null && most.longValue() < now.longValue()) {
      invalid(
          draft,
          limit,
          "'" + limit.path() + "' " + most + " is less than '" + field.path() + "' " + now,
          "declare at least " + now + ", or remove it");
    }
  }

  private void secureBoot(VmDraft draft) {
    KdlNode node = draft.nodeOf(VmFields.SECURE_BOOT);
    if (node != null
        && Boolean.TRUE.equals(draft.values.get(VmFields.SECURE_BOOT))
        && !Boolean.TRUE.equals(draft.values.get(VmFields.UEFI))) {
      report(
          draft,
          VmFileCode.MISSING_NODE,
          node.name().span(),
          "'secure-boot' needs 'uefi #true' beside it",
          "add it; a BIOS checks no signatures");
    }
  }

  private void kernel(VmDraft draft, Field<?> companion) {
    KdlNode node = draft.nodeOf(companion);
    if (node != null && draft.nodeOf(VmFields.KERNEL) == null) {
      report(
          draft,
          VmFileCode.MISSING_NODE,
          node.name().span(),
          "'" + companion.path() + "' needs a 'kernel' beside it",
          "add one: " + VmFields.KERNEL.example() + "; without it the image boots its own");
    }
  }

  private void cloudInit(VmDraft draft) {
    KdlNode key = draft.nodeOf(VmFields.CLOUD_INIT_SSH_KEY);
    if (key != null && draft.nodeOf(VmFields.CLOUD_INIT_USER_DATA) != null) {
      report(
          draft,
          VmFileCode.UNUSED_NODE,
          key.name().span(),
          "'ssh-key' has no effect: 'user-data' is passed on untouched",
          "put the key into the user-data, or remove one of the two");
    }
    String hostname = draft.values.get(VmFields.CLOUD_INIT_HOSTNAME);
    if (hostname != null && !HOSTNAME.matcher(hostname).matches()) {
      report(
          draft,
          VmFileCode.HOSTNAME,
          valueSpan(draft, VmFields.CLOUD_INIT_HOSTNAME),
          Quoted.of(hostname) + " is not a host name; the guest may refuse it",
          "use letters, digits and hyphens, with dots between the parts");
    }
  }

  private void user(VmDraft draft) {
    String user = draft.values.get(VmFields.SSH_USER);
    if (user != null && !USER.matcher(user).matches()) {
      invalid(
          draft,
          VmFields.SSH_USER,
          Quoted.of(user) + " is not a user name",
          "use up to 32 letters, digits, dots, hyphens and underscores, no hyphen first");
    }
  }

  private void provision(VmDraft draft) {
    KdlNode step = draft.nodeOf(VmFields.PROVISION);
    if (step != null && draft.networks().stream().allMatch(NetworkSpec.None.class::isInstance)) {
      report(
          draft,
          VmFileCode.UNREACHABLE,
          step.name().span(),
          "this VM has no network, so its steps can never run",
          "give it network \"user\", or remove the steps");
    }
  }

  private void backend(VmDraft draft) {
    BackendTag declared = draft.values.get(VmFields.BACKEND);
    boolean declares = draft.nodeOf(VmFields.BACKEND) != null;
    BackendTag backend = declares ? declared : usual;
    if (backend == null) {
      return;
    }
    // A node counts also when its value is none; the name is of no interest here.
    Map<Field<?>, Unsupported> missing = new LinkedHashMap<>();
    draft
        .nodes()
        .keySet()
        .forEach(
            field -> Unsupported.field(field, backend).ifPresent(each -> missing.put(field, each)));
    VmSpec spec = VmSpec.of(UNNAMED, draft.values);
    Unsupported.of(spec, backend, Capabilities.of(backend))
        .forEach(each -> missing.putIfAbsent(each.field(), each));
    missing.forEach(
        (field, each) ->
            report(
                draft, VmFileCode.NOT_SUPPORTED, span(draft, field), each.message(), each.help()));
  }

  /**
   * Where the place is in a template or in defaults, the VM that takes it over is shown as well.
   */
  private void report(VmDraft draft, VmFileCode code, KdlSpan span, String message, String help) {
    if (draft.holds(span)) {
      findings.add(code, span, message, help);
    } else {
      findings.add(code, span, message, help, draft.nameSpan(), "taken over by this VM");
    }
  }

  private void invalid(VmDraft draft, Field<?> field, String message, String help) {
    report(draft, VmFileCode.INVALID_VALUE, valueSpan(draft, field), message, help);
  }

  private static KdlSpan span(VmDraft draft, Field<?> field) {
    KdlNode node = draft.nodeOf(field);
    return node == null ? draft.nameSpan() : node.name().span();
  }

  private static KdlSpan valueSpan(VmDraft draft, Field<?> field) {
    KdlNode node = draft.nodeOf(field);
    return node == null ? draft.nameSpan() : node.arguments().getFirst().span();
  }
}
