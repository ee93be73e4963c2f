package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.TIME;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.DocWriteResponse;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.action.PutPartAction;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.model.ModelState;

/** Any calls to administrate models, beside a plain model of what must come of each. */
public class RandomAdministrationTests extends AdministrationCallsTestCase {
  private static final int STEPS = 80;

  /** Brings a model on its way. */
  private void advance() throws Exception {
    String id = randomFrom(IDS);
    Upload upload = uploads.get(id);
    if (upload == null) {
      putManifest(id);
    } else if (!upload.deployed && !upload.isComplete()) {
      putSomeParts(id);
    } else if (!upload.deployed) {
      deploy(id);
    } else if (mapped == null || rarely()) {
      putAlias(randomFrom(ALIASES), id);
    } else {
      index();
    }
  }

  private void index() {
    if (mapped == null) {
      prepareCreate(INDEX)
          .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 1))
          .setMapping(
              "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"live\"}}}")
          .get();
      ensureGreen(INDEX);
      log.add("index");
      mapped = new TreeSet<>();
      inField = null;
      documents = 0;
    } else if (rarely()) {
      client().admin().indices().prepareDelete(INDEX).get();
      log.add("no index");
      mapped = null;
    } else {
      writeAndSearch();
    }
  }

  private void writeAndSearch() {
    Upload upload = resolve(FIELD);
    RestStatus expected = asked(upload);
    if (expected == RestStatus.OK && inField != null && !inField.fits(upload.content)) {
      expected = RestStatus.BAD_REQUEST;
    }
    PlainActionFuture<DocWriteResponse> written = new PlainActionFuture<>();
    any().prepareIndex(INDEX).setSource("body", "river " + between(0, 99)).execute(written);
    expect(expected, "write", written);
    if (expected == RestStatus.OK) {
      mapped.add(aliases.getOrDefault(FIELD, FIELD));
      inField = upload.content;
      documents++;
    }
    client().admin().indices().prepareRefresh(INDEX).get();
    boolean answers =
        resolve(FIELD) != null
            && resolve(FIELD).isLoaded()
            && (inField == null || inField.fits(resolve(FIELD).content))
            && mapped.stream()
                .allMatch(id -> uploads.get(id) != null && uploads.get(id).isLoaded());
    try {
      SearchResponse found =
          any()
              .prepareSearch(INDEX)
              .setSize(1_000)
              .setQuery(
                  QueryBuilders.wrapperQuery(
                      "{\"semlux\":{\"field\":\"body\",\"query\":\"river\",\"k\":1000}}"))
              .get();
      try {
        log.add("search: " + found.getHits().getTotalHits());
        if (answers) {
          assertEquals(String.join("\n", log), documents, found.getHits().getTotalHits().value());
        }
      } finally {
        found.decRef();
      }
    } catch (Exception e) {
      RestStatus status = ExceptionsHelper.status(ExceptionsHelper.unwrapCause(e));
      log.add("search: " + status);
      if (answers
          || !Set.of(
                  RestStatus.NOT_FOUND,
                  RestStatus.CONFLICT,
                  RestStatus.SERVICE_UNAVAILABLE,
                  RestStatus.BAD_REQUEST)
              .contains(status)) {
        throw new AssertionError(String.join("\n", log), e);
      }
    }
  }

  private void restart() throws Exception {
    String node = randomFrom(internalCluster().getNodeNames());
    log.add("restart " + node);
    internalCluster().restartNode(node);
    ensureGreen();
  }

  private void withoutRoom() throws Exception {
    String id = randomFrom(IDS);
    Upload upload = uploads.get(id);
    if (upload == null || upload.deployed || !upload.isComplete() || !loads(upload)) {
      return;
    }
    setLimit("1kb");
    upload.deployed = true;
    expect(
        RestStatus.BAD_REQUEST,
        "deploy without room " + id,
        begin(DeployModelAction.TYPE, new ModelRequest(TIME, TIME, id)));
    setLimit(null);
    assertBusy(
        () -> assertEquals(id, ModelState.DEPLOYED, ModelCalls.get(client(), id).state()),
        60,
        TimeUnit.SECONDS);
  }

  /**
   * Calls that run at once may come in any order; what is left must be one of a cluster at rest.
   */
  private void storm() throws Exception {
    List<PlainActionFuture<?>> answers = new ArrayList<>();
    log.add("storm");
    for (int i = between(2, 12); i > 0; i--) {
      String id = randomFrom(IDS);
      boolean force = randomBoolean();
      Upload upload = uploads.get(id);
      switch (between(0, 5)) {
        case 0 -> {
          TinyModel model = randomFrom(Content.values()).model(PART_SIZE);
          answers.add(
              begin(
                  PutModelAction.TYPE,
                  new PutModelAction.Request(TIME, TIME, id, model.manifest())));
        }
        case 1 -> {
          if (upload != null) {
            int part = between(0, upload.model.manifest().parts() - 1);
            byte[] data = upload.model.part(part);
            answers.add(
                begin(
                    PutPartAction.TYPE,
                    new PutPartAction.Request(id, part, Optional.empty(), new BytesArray(data))));
          }
        }
        case 2 -> answers.add(begin(DeployModelAction.TYPE, new ModelRequest(TIME, TIME, id)));
        case 3 ->
            answers.add(begin(UndeployModelAction.TYPE, new ModelRequest(TIME, TIME, id, force)));
        case 4 ->
            answers.add(begin(DeleteModelAction.TYPE, new ModelRequest(TIME, TIME, id, force)));
        default ->
            answers.add(begin(EncodeAction.TYPE, ModelCalls.request(id, List.of("river " + i))));
      }
    }
    for (PlainActionFuture<?> answer : answers) {
      failure = null;
      RestStatus status = status(answer);
      if (!Set.of(
              RestStatus.OK,
              RestStatus.BAD_REQUEST,
              RestStatus.NOT_FOUND,
              RestStatus.CONFLICT,
              RestStatus.SERVICE_UNAVAILABLE)
          .contains(status)) {
        throw new AssertionError(String.join("\n", log), failure);
      }
    }
    Set<String> all = new TreeSet<>(IDS);
    all.addAll(uploads.keySet());
    for (String id : all) {
      PlainActionFuture<?> gone =
          begin(DeleteModelAction.TYPE, new ModelRequest(TIME, TIME, id, true));
      assertTrue(Set.of(RestStatus.OK, RestStatus.NOT_FOUND).contains(status(gone)));
    }
    uploads.clear();
    aliases.clear();
  }

  public void testEveryCallDoesWhatItSays() throws Exception {
    int restarts = between(0, 1);
    for (int i = 0; i < STEPS; i++) {
      switch (between(0, 19)) {
        case 0 -> putManifest(name());
        case 1 -> putSomeParts(name());
        case 2 -> deploy(name());
        case 3 -> undeploy();
        case 4 -> delete();
        case 5 -> putAlias(rarely() ? randomFrom(IDS) : randomFrom(ALIASES), name());
        case 6 -> deleteAlias();
        case 7 -> encode();
        case 8, 9 -> index();
        case 10 -> {
          if (restarts > 0 && rarely()) {
            restarts--;
            restart();
          }
        }
        case 11 -> withoutRoom();
        case 12 -> {
          if (randomBoolean()) {
            storm();
          }
        }
        default -> advance();
      }
      if (between(0, 9) == 0) {
        check();
      }
    }
    check();
    for (String id : List.copyOf(uploads.keySet())) {
      ModelCalls.delete(client(), id, true);
    }
    checkNothingIsLeft();
  }
}
