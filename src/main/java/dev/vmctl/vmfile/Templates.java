package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@code defaults} and the templates of a file. Each is read once, wherever it stands and
 * whether or not a VM uses it; VMs take over values, not text, so that what is wrong in a template
 * is said once and at the template.
 */
final class Templates {
  private static final int DEEPEST = 32;

  private final Path file;
  private final Findings findings;
  private final NodeShape shape;
  private final Faults faults;
  private final VmNodeDecoder decoder;
  private final Map<String, VmDraft> templates = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();
  private @Nullable VmDraft defaults;

  Templates(Path file, Findings findings, VmNodeDecoder decoder) {
    this.file = file;
    this.findings = findings;
    this.shape = new NodeShape(findings);
    this.faults = new Faults(findings);
    this.decoder = decoder;
  }

  /** Reads a {@code defaults} node. */
  void addDefaults(KdlNode node) {
    shape.noArgumentsFrom(0, node, Construct.DEFAULTS.example);
    noProperties(node, Construct.DEFAULTS);
    if (shape.isFirst(node, defaults == null ? null : defaults.node)) {
      VmDraft draft = read(node);
      draft.constructs.forEach(
          construct -> misplaced(construct, "write it into the braces of each 'vm'"));
      draft.constructs.clear();
      defaults = draft;
    }
  }

  /** Reads a {@code template} node. */
  void addTemplate(KdlNode node) {
    noProperties(node, Construct.TEMPLATE);
    KdlValue value = shape.firstArgument(node, "a name", Construct.TEMPLATE.example);
    VmDraft draft = read(node);
    draft.constructs.stream()
        .filter(construct -> construct.name().value().equals(Construct.REPLICAS.name))
        .forEach(construct -> misplaced(construct, "write it into the braces of the 'vm'"));
    if (value == null) {
      return;
    }
    if (!(value instanceof KdlString name)) {
      faults.wrongType(node, value, Faults.TEXT, Construct.TEMPLATE.example);
      return;
    }
    VmDraft earlier = templates.putIfAbsent(name.value(), draft);
    if (earlier != null) {
      findings.add(
          VmFileCode.DUPLICATE_TEMPLATE,
          value.span(),
          "template " + Quoted.of(name.value()) + " is given twice",
          "rename or remove one of them",
          earlier.nameSpan(),
          "the first one");
    }
  }

  private VmDraft read(KdlNode node) {
    VmDraft draft = new VmDraft(file, node);
    decoder.body(node, draft);
    return draft;
  }

  private void noProperties(KdlNode node, Construct construct) {
    shape.plain(node.withBlock(null), construct.example);
  }

  private void misplaced(KdlNode node, String help) {
    findings.add(
        VmFileCode.UNKNOWN_NODE,
        node.name().span(),
        NodeShape.name(node) + " belongs to a VM, not to what VMs share",
        help);
  }

  /** Lets a VM take over what it uses, the later and the outer first, and the defaults at last. */
  void apply(VmDraft vm) {
    Map<String, VmDraft> found = new LinkedHashMap<>();
    collect(vm, found, new HashSet<>(), 0);
    List.copyOf(found.values()).reversed().forEach(vm::inherit);
    if (defaults != null) {
      vm.inherit(defaults);
    }
  }

  /** Adds the templates a draft uses, each behind those that it uses itself. */
  private void collect(VmDraft draft, Map<String, VmDraft> found, Set<String> entered, int depth) {
    for (String name : uses(draft)) {
      VmDraft template = templates.get(name);
      if (template != null && depth < DEEPEST && entered.add(name)) {
        collect(template, found, entered, depth + 1);
        found.put(name, template);
      }
    }
  }

  private static List<String> uses(VmDraft draft) {
    return draft.constructs.stream()
        .filter(Templates::isUse)
        .flatMap(use -> use.arguments().stream())
        .filter(KdlString.class::isInstance)
        .map(value -> ((KdlString) value).value())
        .toList();
  }

  private static boolean isUse(KdlNode construct) {
    return construct.name().value().equals(Construct.USE.name);
  }

  /** Reports what is wrong with the {@code use} nodes of a draft. */
  void checkUses(VmDraft draft) {
    for (KdlNode use : draft.constructs) {
      if (!isUse(use)) {
        continue;
      }
      shape.plain(use, Construct.USE.example);
      if (use.arguments().isEmpty()) {
        shape.firstArgument(use, "the name of a template", Construct.USE.example);
      }
      for (KdlValue value : use.arguments()) {
        checkUse(use, value);
      }
    }
  }

  private void checkUse(KdlNode use, KdlValue value) {
    if (!(value instanceof KdlString name)) {
      faults.wrongType(use, value, Faults.TEXT, Construct.USE.example);
    } else if (templates.containsKey(name.value())) {
      used.add(name.value());
    } else {
      findings.add(
          VmFileCode.UNKNOWN_TEMPLATE,
          value.span(),
          "there is no template " + Quoted.of(name.value()) + " in this file",
          templates.isEmpty()
              ? "add one: template " + Quoted.kdl(name.value()) + " { … }"
              : NodeShape.suggestion(name.value(), templates.keySet()));
    }
  }

  /** Reports what is wrong with the templates among themselves, once all VMs were read. */
  void checkAll() {
    templates.values().forEach(this::checkUses);
    templates.forEach(
        (name, draft) -> {
          if (!used.contains(name)) {
            findings.add(
                VmFileCode.UNUSED_TEMPLATE,
                draft.nameSpan(),
                "no VM uses the template " + Quoted.of(name),
                "use it, or remove it");
          }
        });
    Set<String> done = new HashSet<>();
    templates.keySet().forEach(name -> findCycle(name, done, new LinkedHashSet<>()));
  }

  private void findCycle(String name, Set<String> done, Set<String> open) {
    VmDraft draft = templates.get(name);
    if (draft == null || done.contains(name)) {
      return;
    }
    open.add(name);
    for (String next : uses(draft)) {
      VmDraft template = templates.get(next);
      if (template != null && open.contains(next)) {
        circle(draft, next, template);
      } else if (open.size() < DEEPEST) {
        findCycle(next, done, open);
      } else {
        findings.add(
            VmFileCode.CYCLE,
            draft.nameSpan(),
            "templates use each other more than " + DEEPEST + " deep",
            "put some of them into one");
      }
    }
    open.remove(name);
    done.add(name);
  }

  private void circle(VmDraft draft, String next, VmDraft template) {
    findings.add(
        VmFileCode.CYCLE,
        draft.nameSpan(),
        "template " + Quoted.of(next) + " uses itself",
        "take one 'use' out of the circle",
        template.nameSpan(),
        "the circle begins here");
  }
}
