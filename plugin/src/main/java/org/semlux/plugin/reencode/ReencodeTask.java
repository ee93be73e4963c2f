package org.semlux.plugin.reencode;

import java.util.Map;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.TaskId;

/** A task that tells how far it is. */
final class ReencodeTask extends CancellableTask {
  private volatile ReencodeStatus status = ReencodeStatus.NONE;

  ReencodeTask(
      long id,
      String type,
      String action,
      String description,
      TaskId parent,
      Map<String, String> headers) {
    super(id, type, action, description, parent, headers);
  }

  @Override
  public ReencodeStatus getStatus() {
    return status;
  }

  void reached(ReencodeStatus now) {
    status = now;
  }
}
