package dev.vmctl.source.git;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.transport.PackParser;

/**
 * A bare repository that takes no more than its budget. JGit has no limit for what it fetches;
 * every transport however reads what it gets through the repository's pack parser.
 */
final class BoundedRepository extends FileRepository {
  private final Budget budget;

  private BoundedRepository(Path directory, Budget budget) throws IOException {
    super(directory.toFile());
    this.budget = budget;
  }

  /** Opens the repository, making it when it is not there. */
  static BoundedRepository open(Path directory, Budget budget) throws IOException {
    BoundedRepository repository = new BoundedRepository(directory, budget);
    if (!Files.exists(directory.resolve("HEAD"))) {
      repository.create(true);
    }
    return repository;
  }

  @Override
  public ObjectInserter newObjectInserter() {
    ObjectInserter inner = super.newObjectInserter();
    return new ObjectInserter.Filter() {
      @Override
      protected ObjectInserter delegate() {
        return inner;
      }

      @Override
      public PackParser newPackParser(InputStream in) throws IOException {
        return inner.newPackParser(budget.bound(in));
      }
    };
  }
}
