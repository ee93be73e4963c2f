package org.semlux.plugin.model;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;

public class LoadFailuresTests extends ESTestCase {
  private static final long MINUTE = TimeValue.timeValueMinutes(1).millis();

  /** What lies in a file is the same the next time; a disk may be mended. */
  public void testAMistakenFileIsNotReadAgain() throws Exception {
    ModelDefinition model =
        new ModelDefinition("tiny", 7, 0, RandomModels.manifest()).withDeployed(true);
    LoadFailures failures = new LoadFailures(new ModelCopies(createTempDir(), null));
    Exception mistaken =
        expectThrows(
            IOException.class,
            () -> JsonFile.read(Files.writeString(createTempDir().resolve("a.json"), "[]")));

    assertEquals(Optional.empty(), failures.judge(model, Optional.empty(), mistaken, 0).pause(0));
    assertTrue(
        failures
            .judge(model, Optional.empty(), new IOException("Input/output error"), 0)
            .pause(0)
            .isPresent());
  }

  /** Weights are read where no checked exception can be thrown. */
  public void testWeightsThatCannotBeReadAreReadAgain() throws Exception {
    Path file = createTempDir().resolve("model.safetensors");
    try (InputStream in =
        getClass().getResourceAsStream("/models/dense-bert-mean-normalize/model.safetensors")) {
      Files.copy(in, file);
    }
    Safetensors weights = Safetensors.open(file);
    StoredTensor tensor = weights.find(weights.names().iterator().next()).orElseThrow();
    Files.delete(file);
    Exception unread =
        expectThrows(RuntimeException.class, () -> tensor.read(0, ByteBuffer.allocate(4)));
    ModelDefinition model =
        new ModelDefinition("tiny", 7, 0, RandomModels.manifest()).withDeployed(true);
    LoadFailures failures = new LoadFailures(new ModelCopies(createTempDir(), null));

    LocalModel failed = failures.judge(model, Optional.empty(), unread, 0);

    assertTrue(failed.pause(0).isPresent());
    assertThat(failed.status().reason(), not(containsString("Exception")));
  }

  /** However often it is judged meanwhile, as when the index of the parts comes back. */
  public void testARestEndsWhenItWasToEnd() throws Exception {
    Path file = createTempDir().resolve(".loading");
    ModelDefinition model =
        new ModelDefinition("tiny", 7, 0, RandomModels.manifest()).withDeployed(true);
    Files.writeString(file, "1 2");
    Exception deadly =
        expectThrows(LoadMark.DeadlyException.class, () -> new LoadMark(file).check(model));
    LoadFailures failures = new LoadFailures(new ModelCopies(createTempDir(), null));
    assertFalse("none has begun", failures.hasRested(model, 0));

    LocalModel first = failures.judge(model, Optional.empty(), deadly, 0);
    assertThat(first.status().reason(), containsString("tried again by itself in 10m,"));
    LocalModel second = failures.judge(model, Optional.empty(), deadly, 4 * MINUTE);
    assertThat(second.status().reason(), containsString("tried again by itself in 6m,"));
    assertEquals(Optional.of(TimeValue.timeValueMinutes(6)), second.pause(4 * MINUTE));
    assertFalse(failures.hasRested(model, 10 * MINUTE - 1));
    assertTrue(failures.hasRested(model, 10 * MINUTE));

    failures.judge(model, Optional.empty(), new ModelMemory.NoRoomException("full", true), 0);
    assertTrue("want of room begins no other", failures.hasRested(model, 10 * MINUTE));
    assertFalse("another try", failures.hasRested(model.withDeployed(true), 10 * MINUTE));
    failures.forgetRests(model::equals);
    assertFalse(failures.hasRested(model, 10 * MINUTE));
  }
}
