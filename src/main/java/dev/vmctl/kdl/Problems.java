package dev.vmctl.kdl;

import java.util.ArrayList;
import java.util.List;

/** Collects problems, up to a number that a person may still want to read. */
final class Problems {
  static final int LIMIT = 100;

  private final List<KdlProblem> found = new ArrayList<>();

  void add(KdlProblem problem) {
    if (found.size() < LIMIT) {
      found.add(problem);
    } else if (found.size() == LIMIT) {
      found.add(
          new KdlProblem(
              KdlProblem.Code.TOO_MANY_PROBLEMS,
              "more problems follow from here on",
              problem.span(),
              "these are the first " + LIMIT + " of their kind; is this a KDL file?"));
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  int size() {
    return found.size();
  }

  /** Forgets what was added after there were that many: it will be met again. */
  void forgetAfter(int size) {
    found.subList(size, found.size()).clear();
  }

  List<KdlProblem> list() {
    return found;
  }
}
