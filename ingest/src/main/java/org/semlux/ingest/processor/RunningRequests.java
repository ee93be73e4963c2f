package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.semlux.ingest.deployed.EncoderSource;

/** The requests of one document, all of which are wanted: if one fails the others are given up. */
final class RunningRequests {
  private final List<Runnable> cancellations = new ArrayList<>();
  private boolean failed;

  private RunningRequests() {}

  /**
   * Submits all of them.
   *
   * @param listener is told when all are answered, or of the first failure
   */
  static void submit(
      List<EncodingRequest> requests,
      EncoderSource encoders,
      ThreadContext threadContext,
      ActionListener<Void> listener) {
    RunningRequests running = new RunningRequests();
    try (RefCountingListener all = new RefCountingListener(1, listener)) {
      for (EncodingRequest request : requests) {
        ActionListener<Void> answered = all.acquire();
        running.add(
            request.submit(
                encoders,
                threadContext,
                ActionListener.wrap(
                    answered::onResponse,
                    failure -> {
                      answered.onFailure(failure);
                      running.giveUp();
                    })));
      }
    }
  }

  private void add(Runnable cancellation) {
    synchronized (this) {
      if (!failed) {
        cancellations.add(cancellation);
        return;
      }
    }
    cancellation.run();
  }

  private void giveUp() {
    List<Runnable> others;
    synchronized (this) {
      failed = true;
      others = List.copyOf(cancellations);
      cancellations.clear();
    }
    others.forEach(Runnable::run); // not under the lock: each one tells its listener
  }
}
