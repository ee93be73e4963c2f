package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.chunk.Chunking;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderSource;

/** Documents of a node whose texts others cut, since it has not loaded the model. */
class CutElsewhereTest extends GoldenProcessors {
  private record CutLater(DeployedModel model) implements DeployedModel {
    @Override
    public EncoderKind kind() {
      return model.kind();
    }

    @Override
    public int dimensions() {
      return model.dimensions();
    }

    @Override
    public Object identity() {
      return model.identity();
    }

    @Override
    public CompletableFuture<? extends List<? extends Encoding>> encode(EncodeRequest request) {
      return model.encode(request);
    }

    @Override
    public CompletableFuture<List<PairScore>> score(
        ScoreRequest request, List<List<TokenVectors>> vectors) {
      return model.score(request, vectors);
    }

    @Override
    public CompletableFuture<List<List<Chunk>>> cut(
        List<String> texts, InputType type, Chunking chunking) {
      return CompletableFuture.supplyAsync(() -> model.cut(texts, type, chunking).join());
    }
  }

  @Test
  void thousandsOfPlacesBehindOneThatIsCutElsewhereAreEncoded() throws Exception {
    EncoderSource elsewhere =
        new EncoderSource() {
          @Override
          public Encoder encoder(String id) {
            return GoldenProcessors.encoder(id);
          }

          @Override
          public DeployedModel model(String id) {
            return new CutLater(EncoderSource.super.model(id));
          }

          @Override
          public DeployedModel model(String id, String version) {
            return model(id);
          }
        };
    SemluxProcessor processor =
        new SemluxProcessorFactory(
                elsewhere,
                new ThreadContext(Settings.EMPTY),
                (index, field) -> false,
                Runnable::run,
                1)
            .create(
                Map.of(),
                "tag",
                null,
                json(
                    """
                    {'model_id':'dense','input_output':[
                      {'input_field':'text','output_field':'passages',
                       'chunking':{'strategy':'tokens'}},
                      {'input_field':'parts.text','output_field':'parts.vector'}]}"""),
                null);
    Map<String, Object> source = json("{'text':'rain'}");
    List<Object> parts = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      parts.add(json("{'text':'bread'}"));
    }
    source.put("parts", parts);

    await(execute(processor, document(source)));

    Object bread = dense("dense", "bread");
    for (Object part : parts) {
      assertClose(FieldPath.object(part).get("vector"), bread);
    }
  }
}
