package dev.vmctl.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives the test its {@link Seen}, and fails one that declares a fault but shows nothing. */
final class FaultExtension implements ParameterResolver, AfterEachCallback {
  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(FaultExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Seen.class;
  }

  @Override
  public Seen resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return seen(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Fault fault = context.getRequiredTestMethod().getAnnotation(Fault.class);
    if (context.getExecutionException().isEmpty() && fault.silent().isEmpty()) {
      assertThat(seen(context).isShown())
          .as("this test declares the fault '%s' but shows no message", fault.value())
          .isTrue();
    }
  }

  private static Seen seen(ExtensionContext context) {
    String name = FaultPage.name(context.getRequiredTestMethod());
    return context.getStore(SPACE).computeIfAbsent(Seen.class, type -> new Seen(name), Seen.class);
  }
}
