package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What a program that uses vmctl as a library is told; that it is well formed, javac checks. */
class PublicTypesTest {
  private static final Path SOURCES =
      Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")), "src/main/java");

  @Test
  void everyPublicTypeSaysWhatItIs() throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (var tree = Files.walk(SOURCES);
        StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<Path> sources = tree.filter(file -> file.toString().endsWith(".java")).toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      Silent silent = new Silent(DocTrees.instance(task));
      for (CompilationUnitTree unit : task.parse()) {
        silent.scan(unit, null);
      }
      assertThat(silent.seen).as("public types").isGreaterThan(200);
      assertThat(silent.types).isEmpty();
    }
  }

  /** Collects those without a comment. */
  private static final class Silent extends TreePathScanner<Void, Void> {
    private final DocTrees trees;
    private final List<String> types = new ArrayList<>();
    private int seen;

    Silent(DocTrees trees) {
      this.trees = trees;
    }

    @Override
    public Void visitClass(ClassTree type, Void nothing) {
      Tree around = getCurrentPath().getParentPath().getLeaf();
      boolean open =
          type.getModifiers().getFlags().contains(Modifier.PUBLIC)
              || around.getKind() == Tree.Kind.INTERFACE;
      if (!open) {
        return null; // What is inside is not public, either.
      }
      seen++;
      if (trees.getDocComment(getCurrentPath()) == null) {
        types.add(
            getCurrentPath().getCompilationUnit().getPackageName() + "." + type.getSimpleName());
      }
      return super.visitClass(type, null);
    }
  }
}
