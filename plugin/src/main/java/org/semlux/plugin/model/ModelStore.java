package org.semlux.plugin.model;

import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.refresh.RefreshRequest;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.delete.DeleteRequest;
import org.elasticsearch.action.get.GetRequest;
import org.elasticsearch.action.get.GetResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.client.internal.OriginSettingClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.routing.IndexRoutingTable;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.indices.SystemIndexDescriptor;
import org.elasticsearch.ingest.IngestService;
import org.elasticsearch.search.SearchHit;
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
  static final String INDEX = ".semlux-models-1";

  /**
   * With security on only origins that the server knows are let in; that of ingest is the nearest.
   */
  private static final String ORIGIN = IngestService.INGEST_ORIGIN;

  private static final String MODEL = "model";
  private static final String GENERATION = "generation";
  private static final String PART = "part";
  private static final String DATA = "data";

  /** The document with the copy of the cluster's metadata. */
  private static final String METADATA = ".metadata";

  private final Client client;

  public ModelStore(Client client) {
    this.client = new OriginSettingClient(client, ORIGIN);
  }

  /** The index, which the server creates with the first part and lets no REST call touch. */
  public static SystemIndexDescriptor descriptor() {
    return SystemIndexDescriptor.builder()
        .setIndexPattern(".semlux-models-*")
        .setPrimaryIndex(INDEX)
        .setAliasName(".semlux-models")
        .setDescription("Parts of the files of Semlux models")
        .setOrigin(ORIGIN)
        .setNetNew()
        .setSettings(
            Settings.builder()
                .put("index.number_of_shards", 1)
                .put("index.auto_expand_replicas", "0-1")
                .build())
        .setMappings(
            """
            {"_doc": {
              "dynamic": "strict",
              "_meta": {"version": "1", "managed_index_mappings_version": 1},
              "properties": {
                "model": {"type": "keyword"},
                "generation": {"type": "long"},
                "part": {"type": "integer"},
                "data": {"type": "binary"}
              }
            }}""")
        .build();
  }

  /**
   * Whether parts can be read now: while a cluster starts, the index is there before its shard is.
   */
  static boolean isReadable(ClusterState state) {
    IndexRoutingTable shards = state.routingTable(Metadata.DEFAULT_PROJECT_ID).index(INDEX);
    return shards != null && shards.allPrimaryShardsActive();
  }

  /** The UUID of the index, if it is there: one that comes out of a snapshot has a new one. */
  static Optional<String> uuid(ClusterState state) {
    return Optional.ofNullable(
            state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(INDEX))
        .map(IndexMetadata::getIndexUUID);
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
    client.index(new IndexRequest(INDEX).id(id).source(document), listener.map(response -> null));
  }

  /** Reads what was stored last as the cluster's metadata; empty where nothing was. */
  void metadata(ActionListener<Optional<byte[]>> listener) {
    client.get(
        new GetRequest(INDEX, METADATA),
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
        new GetRequest(INDEX, documentId(model, part)),
        listener.map(response -> dataOf(model, part, response)));
  }

  private static byte[] dataOf(ModelDefinition model, int part, GetResponse response)
      throws IOException {
    if (!response.isExists()) {
      throw new ResourceNotFoundException(
          "part [{}] of model [{}] is gone from the index [{}]", part, model.id(), INDEX);
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
    search(
        new SearchSourceBuilder().query(upload(model)).docValueField(PART),
        listener.map(
            response ->
                PartSet.of(
                    hits(response)
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
                parts -> {
                  if (parts.count() == 0) {
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
    search(
        new SearchSourceBuilder().query(orphans).docValueField(MODEL),
        listener.delegateFailureAndWrap(
            (l, response) -> {
              Set<String> ids = new TreeSet<>();
              hits(response).forEach(hit -> ids.add(hit.field(MODEL).getValue()));
              delete(orphans, allowed, l.map(done -> ids));
            }));
  }

  /** Deletes the parts of a model's former uploads. */
  public void deleteBefore(ModelDefinition kept, ActionListener<Void> listener) {
    delete(
        QueryBuilders.boolQuery()
            .filter(QueryBuilders.termQuery(MODEL, kept.id()))
            .filter(QueryBuilders.rangeQuery(GENERATION).lt(kept.generation())),
        () -> {},
        listener);
  }

  /** Deletes every part of a model. */
  public void deleteAll(String modelId, ActionListener<Void> listener) {
    delete(
        QueryBuilders.boolQuery().filter(QueryBuilders.termQuery(MODEL, modelId)),
        () -> {},
        listener);
  }

  /** By search and bulk: delete-by-query is a module that a node may lack. */
  private void delete(BoolQueryBuilder query, Runnable allowed, ActionListener<Void> listener) {
    search(
        new SearchSourceBuilder().query(query),
        listener.delegateFailureAndWrap(
            (l, response) -> {
              BulkRequest bulk = new BulkRequest();
              hits(response).forEach(hit -> bulk.add(new DeleteRequest(INDEX, hit.getId())));
              if (bulk.numberOfActions() == 0) {
                l.onResponse(null);
                return;
              }
              allowed.run();
              client.bulk(
                  bulk,
                  l.delegateFailureAndWrap(
                      (rest, answer) -> {
                        failOnFailures(answer);
                        // A page may be full: until nothing is left.
                        delete(query, allowed, rest);
                      }));
            }));
  }

  private static void failOnFailures(BulkResponse answer) {
    if (answer.hasFailures()) {
      throw new IllegalStateException(
          "parts could not be deleted: " + answer.buildFailureMessage());
    }
  }

  /** Refreshes and searches; an index that is not there yet has no hits. */
  private void search(SearchSourceBuilder source, ActionListener<SearchResponse> listener) {
    RefreshRequest refresh = new RefreshRequest(INDEX);
    refresh.indicesOptions(IndicesOptions.LENIENT_EXPAND_OPEN_HIDDEN);
    SearchRequest request =
        new SearchRequest(INDEX)
            .indicesOptions(IndicesOptions.LENIENT_EXPAND_OPEN_HIDDEN)
            .allowPartialSearchResults(false)
            .source(source.size(ModelManifest.MAX_PARTS).fetchSource(false).trackTotalHits(false));
    client
        .admin()
        .indices()
        .refresh(refresh, listener.delegateFailureAndWrap((l, done) -> client.search(request, l)));
  }

  private static Stream<SearchHit> hits(SearchResponse response) {
    return StreamSupport.stream(response.getHits().spliterator(), false);
  }

  private static String documentId(ModelDefinition model, int part) {
    return model.id() + "/" + model.generation() + "/" + part;
  }
}
