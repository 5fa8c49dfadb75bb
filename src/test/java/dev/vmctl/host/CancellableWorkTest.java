package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CancellableWorkTest {
  private static final long DEADLINE = 10;

  @Test
  void itsResultAndItsFailureAreTheFutures() throws Exception {
    assertThat(CancellableWork.start(Runnable::run, () -> 7).get()).isEqualTo(7);

    IllegalStateException wrong = new IllegalStateException("wrong");
    CompletableFuture<Void> failed =
        CancellableWork.start(
            Runnable::run,
            () -> {
              throw wrong;
            });
    assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class).hasCause(wrong);
  }

  @Test
  void cancellingInterruptsTheWorkAndNotWhatItsThreadDoesNext() throws Exception {
    try (ExecutorService one = Executors.newSingleThreadExecutor()) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      CompletableFuture<Void> work =
          CancellableWork.start(
              one,
              () -> {
                begun.countDown();
                try {
                  new CountDownLatch(1).await();
                } finally {
                  interrupted.countDown();
                }
              });
      assertThat(begun.await(DEADLINE, TimeUnit.SECONDS)).isTrue();
      work.cancel(true);
      assertThat(interrupted.await(DEADLINE, TimeUnit.SECONDS)).isTrue();
      assertThat(one.submit(Thread::interrupted).get()).isFalse();
    }
  }

  @Test
  void whatWasCancelledBeforeItsTurnIsNotBegun() {
    Queue<Runnable> queue = new ArrayDeque<>();
    boolean[] ran = {false};
    CompletableFuture<Boolean> work = CancellableWork.start(queue::add, () -> ran[0] = true);
    work.cancel(true);
    queue.remove().run();
    assertThat(ran[0]).isFalse();
  }
}
