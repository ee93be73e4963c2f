package org.semlux.plugin;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.util.List;
import java.util.Optional;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.api.DenseVector;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.GetModelsAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.action.UpdateAliasAction;
import org.semlux.plugin.model.ModelStatus;

/** What tests ask of a cluster, each call waiting for its answer. */
public final class ModelCalls {
  static final TimeValue TIME = TimeValue.timeValueSeconds(60);

  private ModelCalls() {}

  public static void deploy(Client client, String id) {
    client.execute(DeployModelAction.TYPE, new ModelRequest(TIME, TIME, id)).actionGet();
  }

  public static void undeploy(Client client, String id) {
    client.execute(UndeployModelAction.TYPE, new ModelRequest(TIME, TIME, id)).actionGet();
  }

  public static void delete(Client client, String id) {
    delete(client, id, false);
  }

  static void delete(Client client, String id, boolean force) {
    client.execute(DeleteModelAction.TYPE, new ModelRequest(TIME, TIME, id, force)).actionGet();
  }

  public static void alias(Client client, String alias, String id, boolean force) {
    client
        .execute(
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, alias, Optional.of(id), force))
        .actionGet();
  }

  static ModelStatus get(Client client, String id) {
    List<ModelStatus> models =
        client
            .execute(GetModelsAction.TYPE, new GetModelsAction.Request(Optional.of(id)))
            .actionGet()
            .models();
    assertEquals(1, models.size());
    return models.get(0);
  }

  static List<DenseVector> encode(Client client, String id, List<String> texts) {
    EncodeAction.Response response =
        client.execute(EncodeAction.TYPE, request(id, texts)).actionGet();
    return response.encodings().stream().map(DenseVector.class::cast).toList();
  }

  static EncodeAction.Request request(String id, List<String> texts) {
    return new EncodeAction.Request(id, texts, Optional.empty(), Optional.empty());
  }

  /** The vectors are the reference library's, to 1e-4 of the largest number, which is below 1. */
  static void assertGolden(Client client, String id) throws Exception {
    TinyModel.Expected expected = TinyModel.Expected.read();
    List<DenseVector> vectors = encode(client, id, expected.texts());
    assertEquals(expected.texts().size(), vectors.size());
    for (int i = 0; i < vectors.size(); i++) {
      assertArrayEquals("text " + i, expected.embeddings().get(i), vectors.get(i).values(), 1e-4f);
    }
  }
}
