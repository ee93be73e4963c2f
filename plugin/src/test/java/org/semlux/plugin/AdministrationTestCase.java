package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.TIME;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.env.NodeEnvironment;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.program.Torch;
import org.semlux.plugin.action.GetModelsAction;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStatus;
import org.semlux.plugin.model.NodeModels;
import org.semlux.plugin.model.PartSet;
import org.semlux.plugin.model.SemluxMetadata;

/** Two nodes beside a plain model of what must come of calls to administrate models. */
public abstract class AdministrationTestCase extends RandomTestCase {
  static final List<String> IDS = List.of("m1", "m2", "m3");
  static final List<String> ALIASES = List.of("live", "next");
  static final String INDEX = "notes";
  static final String FIELD = "live";
  static final int PART_SIZE = 80_000;

  /** What may be uploaded. */
  enum Content {
    DENSE,
    PROMPTS,
    SPARSE,
    NO_NUMBER;

    TinyModel model(int partSize) throws Exception {
      return switch (this) {
        case DENSE -> new TinyModel(partSize);
        case PROMPTS -> new TinyModel(partSize, TwinModels.folder("dense-bert-prompts"));
        case SPARSE -> new TinyModel(partSize, TwinModels.folder("sparse-bert"));
        case NO_NUMBER -> new TinyModel(partSize).withNaN();
      };
    }

    /** Vectors of another shape do not fit into a field. */
    boolean fits(Content other) {
      return (this == SPARSE) == (other == SPARSE);
    }
  }

  static final class Upload {
    final Content content;
    final TinyModel model;
    final Set<Integer> received = new TreeSet<>();
    boolean spoiled;
    boolean deployed;

    Upload(Content content, TinyModel model) {
      this.content = content;
      this.model = model;
    }

    boolean isComplete() {
      return received.size() == model.manifest().parts();
    }

    boolean isLoaded() {
      return deployed && !spoiled && content != Content.NO_NUMBER;
    }

    ModelState state() {
      if (!deployed) {
        return isComplete() ? ModelState.UPLOADED : ModelState.UPLOADING;
      }
      return isLoaded() ? ModelState.DEPLOYED : ModelState.FAILED;
    }
  }

  final Map<String, Upload> uploads = new TreeMap<>();
  final Map<String, String> aliases = new TreeMap<>();
  final List<String> log = new ArrayList<>();

  /** The models that documents of the index are by; null where there is no index. */
  @Nullable Set<String> mapped;

  Content inField;
  int documents;

  Client any() {
    return internalCluster().client(randomFrom(internalCluster().getNodeNames()));
  }

  <Q extends ActionRequest, A extends ActionResponse> PlainActionFuture<A> begin(
      ActionType<A> type, Q request) {
    PlainActionFuture<A> answer = new PlainActionFuture<>();
    any().execute(type, request, answer);
    return answer;
  }

  RestStatus status(PlainActionFuture<?> answer) {
    try {
      var unused = answer.actionGet(90, TimeUnit.SECONDS);
      return RestStatus.OK;
    } catch (Exception e) {
      failure = e;
      return ExceptionsHelper.status(ExceptionsHelper.unwrapCause(e));
    }
  }

  Exception failure;

  void expect(RestStatus expected, String what, PlainActionFuture<?> answer) {
    failure = null;
    RestStatus found = status(answer);
    log.add(what + ": " + found);
    if (expected != found) {
      throw new AssertionError(
          what + " was " + found + ", not " + expected + " after\n" + String.join("\n", log),
          failure);
    }
  }

  boolean inUse(String id) {
    return aliases.containsValue(id) || (mapped != null && mapped.contains(id));
  }

  @Nullable Upload resolve(String name) {
    return uploads.get(aliases.getOrDefault(name, name));
  }

  static RestStatus asked(@Nullable Upload upload) {
    return upload == null
        ? RestStatus.NOT_FOUND
        : !upload.deployed
            ? RestStatus.CONFLICT
            : upload.isLoaded() ? RestStatus.OK : RestStatus.SERVICE_UNAVAILABLE;
  }

  static boolean loads(Upload upload) {
    return !upload.spoiled && upload.content != Content.NO_NUMBER;
  }

  static void setLimit(@Nullable String limit) {
    client()
        .admin()
        .cluster()
        .prepareUpdateSettings(TIME, TIME)
        .setPersistentSettings(Settings.builder().put("semlux.memory.limit", limit))
        .get();
  }

  List<ModelStatus> models() {
    return any()
        .execute(GetModelsAction.TYPE, new GetModelsAction.Request(Optional.empty()))
        .actionGet()
        .models();
  }

  void check() throws Exception {
    assertBusy(
        () -> {
          Map<String, ModelState> found = new TreeMap<>();
          Map<String, PartSet> received = new TreeMap<>();
          Map<String, String> names = new TreeMap<>();
          for (ModelStatus each : models()) {
            found.put(each.model().id(), each.state());
            received.put(each.model().id(), each.received());
            each.aliases().forEach(alias -> names.put(alias, each.model().id()));
          }
          Map<String, ModelState> expected = new TreeMap<>();
          Map<String, PartSet> parts = new TreeMap<>();
          uploads.forEach(
              (id, upload) -> {
                expected.put(id, upload.state());
                parts.put(id, PartSet.of(upload.received.stream().mapToInt(Integer::intValue)));
              });
          String all = String.join("\n", log);
          assertEquals(all, expected, found);
          assertEquals(all, parts, received);
          assertEquals(all, aliases, names);
          Set<String> loaded =
              uploads.keySet().stream()
                  .filter(id -> uploads.get(id).isLoaded())
                  .collect(Collectors.toSet());
          for (NodeModels node : internalCluster().getInstances(NodeModels.class)) {
            assertEquals(all, loaded, node.loaded().keySet());
          }
        },
        30,
        TimeUnit.SECONDS);
  }

  static Map<String, Long> breakers() {
    Map<String, Long> used = new HashMap<>();
    for (String node : internalCluster().getNodeNames()) {
      CircuitBreakerService service =
          internalCluster().getInstance(CircuitBreakerService.class, node);
      for (String name : List.of(CircuitBreaker.REQUEST, CircuitBreaker.IN_FLIGHT_REQUESTS)) {
        used.put(node + name, service.getBreaker(name).getUsed());
      }
    }
    return used;
  }

  /** Nothing is left of models that are gone. */
  void checkNothingIsLeft() throws Exception {
    String all = String.join("\n", log);
    assertBusy(
        () -> {
          assertEquals(all, 0, Torch.openHandles());
          for (NodeModels models : internalCluster().getInstances(NodeModels.class)) {
            assertEquals(all, Map.of(), models.loaded());
            assertEquals(all, 0, models.memory().reserved());
          }
          for (NodeEnvironment node : internalCluster().getInstances(NodeEnvironment.class)) {
            Path root = node.nodeDataPaths()[0].resolve("semlux");
            if (Files.exists(root)) {
              try (Stream<Path> files = Files.walk(root)) {
                assertEquals(all, List.of(), files.filter(Files::isRegularFile).toList());
              }
            }
          }
          breakers().forEach((name, used) -> assertEquals(all + name, 0L, (long) used));
          for (ClusterService service : internalCluster().getInstances(ClusterService.class)) {
            assertEquals(all, SemluxMetadata.EMPTY, SemluxMetadata.of(service.state()));
          }
        },
        70,
        TimeUnit.SECONDS);
    assertNoParts(all);
  }

  /** But for the copy of the metadata. */
  static void assertNoParts(String all) throws Exception {
    assertBusy(
        () -> {
          client().admin().indices().prepareRefresh(".semlux-models*").get();
          var found =
              client()
                  .prepareSearch(".semlux-models*")
                  .setQuery(QueryBuilders.existsQuery("part"))
                  .setTrackTotalHits(true)
                  .get();
          try {
            assertEquals(all, 0, found.getHits().getTotalHits().value());
          } finally {
            found.decRef();
          }
        });
  }
}
