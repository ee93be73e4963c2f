package org.semlux.plugin.model;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;

public class LocalModelTests extends ESTestCase {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");

  /** Weights stand until the last batch that runs has ended: another model has no room before. */
  public void testRoomIsGivenBackWithTheMemory() throws Exception {
    for (String golden : List.of("dense-bert-mean-normalize", "dense-router")) {
      Queue<Runnable> tasks = new ArrayDeque<>(); // that a thread has taken
      Workers workers = new Workers(tasks::add, 1, Runnable::run);
      DenseEncoder encoder =
          DenseEncoder.load(
              GOLDENS.resolve(golden).toAbsolutePath(),
              EncoderOptions.defaults().withPrecision(Precision.FLOAT32).withWorkers(workers));
      ModelMemory memory = new ModelMemory(100);
      LocalModel model =
          LocalModel.loaded(RandomModels.definition("m"), encoder, memory.reserve(70, 10));
      CompletableFuture<List<DenseVector>> asked =
          encoder.submit(EncodeRequest.of(List.of("a text")).withInputType(InputType.QUERY));

      model.close();
      model.close();
      assertTrue(asked.isCompletedExceptionally());
      assertEquals(80, memory.reserved());
      expectThrows(ModelMemory.NoRoomException.class, () -> memory.reserve(70, 10));

      tasks.forEach(Runnable::run);
      assertEquals(0, memory.reserved());
      memory.reserve(70, 10).close();
    }
  }

  public void testRoomOfAModelThatRunsNothingIsGivenBackAtOnce() throws Exception {
    DenseEncoder encoder =
        DenseEncoder.load(
            GOLDENS.resolve("dense-router").toAbsolutePath(), EncoderOptions.defaults());
    ModelMemory memory = new ModelMemory(100);
    LocalModel.loaded(RandomModels.definition("m"), encoder, memory.reserve(70, 10)).close();
    assertEquals(0, memory.reserved());
    assertEquals(Optional.empty(), LocalModel.failed(RandomModels.definition("m"), "why").room());
  }
}
