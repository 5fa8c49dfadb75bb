package dev.vmctl.faults;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * This test makes a fault and proves how it ends. A row of {@code docs/faults.md}.
 *
 * <p>The test takes a {@link Seen} and shows it what the user sees, which must be what {@code
 * src/test/resources/faults/CLASS.METHOD.txt} says. {@code -Dvmctl.golden=update} writes that file;
 * after it, run {@code FaultsPageTest} in the same way, which writes the page.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(FaultExtension.class)
public @interface Fault {
  Area area();

  /** What is wrong, as a noun: {@code "a directory of its name"}. Unique in its area. */
  String value();

  /**
   * How it ends, for a fault nobody is told about because nothing comes of it. Empty: the test
   * shows a {@link Seen} what the user is told.
   */
  String silent() default "";
}
