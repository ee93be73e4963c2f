package org.semlux.plugin.model;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.load.MemoryNeed;
import org.semlux.encoders.program.FastestPrecision;

/**
 * One try to load a model: where there is room for it, and with a mark on the disk until it has
 * been loaded or has failed, so that the next start knows what a node ended with.
 */
record LoadAttempt(
    ModelDefinition model, NodeModels.Loader loader, ModelMemory memory, LoadMark mark) {
  private static final Logger LOGGER = LogManager.getLogger(LoadAttempt.class);

  /**
   * Loads the model and tries it.
   *
   * @param folder verified
   * @param begin puts the mark, once there is room
   */
  LocalModel load(Path folder, Runnable begin) throws IOException {
    MemoryNeed need = loader.need(folder, model.manifest().options());
    ModelMemory.Reservation room = memory.reserve(need.whileLoading(), need.batches());
    try {
      begin.run();
      Encoder encoder = loadMarked(folder);
      room.shrinkTo(need.loaded());
      return LocalModel.loaded(model, encoder, room);
    } catch (Throwable e) {
      room.close();
      throw e;
    }
  }

  private Encoder loadMarked(Path folder) throws IOException {
    try {
      Encoder encoder = loader.load(folder, model.manifest().options());
      logPrecision(encoder.info());
      return encoder;
    } finally {
      mark.remove();
    }
  }

  private void logPrecision(EncoderInfo info) {
    boolean slow = FastestPrecision.SERVING.slowness(info.precision()).isPresent();
    LOGGER.log(
        slow ? Level.WARN : Level.INFO,
        "loaded model [{}] in {}: {}",
        model.id(),
        info.precision(),
        info.precisionReason());
  }
}
