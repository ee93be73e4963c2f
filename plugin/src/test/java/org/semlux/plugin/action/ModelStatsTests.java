package org.semlux.plugin.action;

import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractWireSerializingTestCase;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.Precision;

public class ModelStatsTests extends AbstractWireSerializingTestCase<ModelStats> {
  @Override
  protected Writeable.Reader<ModelStats> instanceReader() {
    return ModelStats::new;
  }

  @Override
  protected ModelStats createTestInstance() {
    return new ModelStats(
        new EncoderStats(
            count(),
            count(),
            count(),
            count(),
            count(),
            count(),
            count(),
            count(),
            randomDouble(),
            randomDouble(),
            randomDouble()),
        randomFrom(Precision.values()),
        randomAlphaOfLength(8),
        count(),
        count());
  }

  private static long count() {
    return randomLongBetween(0, Long.MAX_VALUE);
  }

  @Override
  protected ModelStats mutateInstance(ModelStats stats) {
    return randomValueOtherThan(stats, this::createTestInstance);
  }

  public void testJson() {
    EncoderStats stats = new EncoderStats(2, 10, 70, 4, 1, 5, 3, 99, 1.23456, 2, 3);
    assertEquals(
        "{\"precision\":\"float32\",\"precision_reason\":\"why\",\"memory_in_bytes\":77,\"reserved_in_bytes\":88,\"requests\":2,\"texts\":10,\"tokens\":70,\"batches\":4,\"mean_batch_size\":2.5,"
            + "\"rejections\":1,\"dropped\":5,\"queue\":{\"texts\":3,\"size_in_bytes\":99},"
            + "\"latency_ms\":{\"p50\":1.235,\"p90\":2.0,\"p99\":3.0}}",
        Strings.toString(new ModelStats(stats, Precision.FLOAT32, "why", 77, 88)));
  }

  public void testNothingDoneYet() {
    EncoderStats none = new EncoderStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    String json = Strings.toString(new ModelStats(none, Precision.BFLOAT16, "", 0, 0));
    assertTrue(json, json.contains("\"mean_batch_size\":0.0"));
  }
}
