package org.semlux.plugin.model;

import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.delete.DeleteRequest;
import org.elasticsearch.action.get.GetRequest;
import org.elasticsearch.action.get.GetResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.client.internal.OriginSettingClient;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentFactory;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;

/**
 * The parts of the models' files, in a system index of the plugin's own: one document a part, named
 * {@code id/generation/part}, and one with a copy of the models' definitions. The documents are
 * CBOR, which carries bytes as they are. Everything here runs as the server's own user, whoever
 * asked: this is the only class that does so. Thread-safe; no method waits.
 */
public final class ModelStore {
  private static final String MODEL = "model";
  private static final String GENERATION = "generation";
  private static final String PART = "part";
  private static final String DATA = "data";

  /** The document with the copy of the cluster's metadata. */
  private static final String METADATA = ".metadata";

  private final Client client;
  private final PartSearch parts;

  public ModelStore(Client client) {
    this.client = new OriginSettingClient(client, ModelsIndex.ORIGIN);
    this.parts = new PartSearch(this.client);
  }

  /** Stores a part; storing it again replaces it. */
  public void put(
      ModelDefinition model, int part, BytesReference data, ActionListener<Void> listener) {
    ActionListener.run(
        listener,
        l -> {
          try (XContentBuilder document = XContentFactory.cborBuilder()) {
            document.startObject().field(MODEL, model.id()).field(GENERATION, model.generation());
            index(documentId(model, part), document.field(PART, part), data, l);
          }
        });
  }

  /** Stores what a {@link StoredMetadata} is written as, in place of the one before. */
  void putMetadata(BytesReference data, ActionListener<Void> listener) {
    ActionListener.run(
        listener,
        l -> {
          try (XContentBuilder document = XContentFactory.cborBuilder()) {
            index(METADATA, document.startObject(), data, l);
          }
        });
  }

  private void index(
      String id, XContentBuilder document, BytesReference data, ActionListener<Void> listener)
      throws IOException {
    document.field(DATA, BytesReference.toBytes(data)).endObject();
    client.index(
        new IndexRequest(ModelsIndex.NAME).id(id).source(document), listener.map(response -> null));
  }

  /** Reads what was stored last as the cluster's metadata; empty where nothing was. */
  void metadata(ActionListener<Optional<byte[]>> listener) {
    client.get(
        new GetRequest(ModelsIndex.NAME, METADATA),
        listener.map(
            response ->
                response.isExists() ? data(response.getSourceAsBytesRef()) : Optional.empty()));
  }

  /**
   * Reads a part. Fails with {@link ResourceNotFoundException} when it is not there.
   *
   * @param listener gets the bytes; owns the array
   */
  void get(ModelDefinition model, int part, ActionListener<byte[]> listener) {
    client.get(
        new GetRequest(ModelsIndex.NAME, documentId(model, part)),
        listener.map(response -> dataOf(model, part, response)));
  }

  private static byte[] dataOf(ModelDefinition model, int part, GetResponse response)
      throws IOException {
    if (!response.isExists()) {
      throw new ResourceNotFoundException(
          "part [{}] of model [{}] is gone from the index [{}]",
          part,
          model.id(),
          ModelsIndex.NAME);
    }
    return data(response.getSourceAsBytesRef())
        .orElseThrow(
            () ->
                new IOException(
                    "part [" + part + "] of model [" + model.id() + "] holds no bytes"));
  }

  private static Optional<byte[]> data(BytesReference document) throws IOException {
    try (XContentParser parser =
        XContentType.CBOR
            .xContent()
            .createParser(XContentParserConfiguration.EMPTY, document.streamInput())) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == XContentParser.Token.FIELD_NAME
            && parser.currentName().equals(DATA)) {
          parser.nextToken();
          return Optional.of(parser.binaryValue());
        }
      }
    }
    return Optional.empty();
  }

  /** Tells which parts are stored. */
  public void received(ModelDefinition model, ActionListener<PartSet> listener) {
    parts.search(
        new SearchSourceBuilder().query(upload(model)).docValueField(PART),
        listener.map(
            response ->
                PartSet.of(
                    PartSearch.hits(response)
                        .mapToInt(hit -> ((Number) hit.field(PART).getValue()).intValue()))));
  }

  /** Those of some uploads of which no part is stored. */
  void withoutParts(
      Collection<ModelDefinition> uploads, ActionListener<Set<ModelDefinition>> listener) {
    Set<ModelDefinition> found = ConcurrentHashMap.newKeySet();
    try (RefCountingListener all = new RefCountingListener(listener.map(done -> found))) {
      for (ModelDefinition upload : uploads) {
        received(
            upload,
            all.acquire(
                received -> {
                  if (received.count() == 0) {
                    found.add(upload);
                  }
                }));
      }
    }
  }

  private static BoolQueryBuilder upload(ModelDefinition model) {
    return QueryBuilders.boolQuery()
        .filter(QueryBuilders.termQuery(MODEL, model.id()))
        .filter(QueryBuilders.termQuery(GENERATION, model.generation()));
  }

  /**
   * Deletes parts of uploads that the cluster does not know.
   *
   * @param nowMillis models that are put from now on are left alone
   * @param allowed called before anything is deleted, each time; throws where nothing more may be
   * @param listener gets the ids of those that had some
   */
  void deleteOrphans(
      SemluxMetadata known,
      long nowMillis,
      Runnable allowed,
      ActionListener<Set<String>> listener) {
    BoolQueryBuilder orphans =
        QueryBuilders.boolQuery()
            .filter(QueryBuilders.rangeQuery(GENERATION).lt(known.nextGeneration(nowMillis)));
    known.models().values().forEach(model -> orphans.mustNot(upload(model)));
    parts.search(
        new SearchSourceBuilder().query(orphans).docValueField(MODEL),
        listener.delegateFailureAndWrap(
            (l, response) -> {
              Set<String> ids = new TreeSet<>();
              PartSearch.hits(response).forEach(hit -> ids.add(hit.field(MODEL).getValue()));
              parts.delete(orphans, allowed, l.map(done -> ids));
            }));
  }

  /** Deletes the parts of a model's former uploads. */
  public void deleteBefore(ModelDefinition kept, ActionListener<Void> listener) {
    delete(kept.id(), QueryBuilders.rangeQuery(GENERATION).lt(kept.generation()), listener);
  }

  /** Deletes the parts of an upload and of all before it. */
  public void deleteUpTo(ModelDefinition last, ActionListener<Void> listener) {
    delete(last.id(), QueryBuilders.rangeQuery(GENERATION).lte(last.generation()), listener);
  }

  /** Deletes a part, which may have gone already. */
  public void delete(ModelDefinition model, int part, ActionListener<Void> listener) {
    client.delete(
        new DeleteRequest(ModelsIndex.NAME, documentId(model, part)),
        listener.map(response -> null));
  }

  private void delete(String modelId, QueryBuilder generations, ActionListener<Void> listener) {
    parts.delete(
        QueryBuilders.boolQuery()
            .filter(QueryBuilders.termQuery(MODEL, modelId))
            .filter(generations),
        () -> {},
        listener);
  }

  private static String documentId(ModelDefinition model, int part) {
    return model.id() + "/" + model.generation() + "/" + part;
  }
}
