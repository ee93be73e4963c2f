package org.semlux.plugin.field;

import java.util.List;
import org.elasticsearch.common.util.concurrent.ThreadContext;

/** Requests of ours within another's: a header that goes along tells them from what users send. */
final class MarkedRequest {
  private MarkedRequest() {}

  /** Sends what a task sends with the header; the thread has it no more afterwards. */
  static void run(ThreadContext context, String header, String value, Runnable task) {
    ThreadContext.StoredContext before = context.newStoredContext(List.of(), List.of(header));
    try {
      context.putHeader(header, value);
      task.run();
    } finally {
      before.restore();
    }
  }
}
