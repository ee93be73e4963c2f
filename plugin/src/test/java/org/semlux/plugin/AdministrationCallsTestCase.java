package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.TIME;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.rest.RestStatus;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.action.PutPartAction;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.action.UpdateAliasAction;

/** Calls to administrate models, each with random arguments and what must come of it. */
public abstract class AdministrationCallsTestCase extends AdministrationTestCase {
  static String name() {
    return rarely() ? randomFrom(ALIASES) : randomFrom(IDS);
  }

  void putManifest(String id) throws Exception {
    Content content = rarely() ? Content.NO_NUMBER : randomFrom(Content.values());
    TinyModel model = content.model(randomFrom(PART_SIZE, PART_SIZE + 1));
    Upload before = uploads.get(id);
    boolean same = before != null && before.model.manifest().equals(model.manifest());
    RestStatus expected = RestStatus.OK;
    if (aliases.containsKey(id)) {
      expected = RestStatus.BAD_REQUEST;
    } else if (before != null && before.deployed && !same) {
      expected = RestStatus.CONFLICT;
    }
    expect(
        expected,
        "put " + id + " " + content + " " + model.manifest().parts(),
        begin(PutModelAction.TYPE, new PutModelAction.Request(TIME, TIME, id, model.manifest())));
    if (expected == RestStatus.OK && !same) {
      uploads.put(id, new Upload(content, model));
    }
  }

  private void putPart(String id, int part, int damage) {
    Upload upload = uploads.get(id);
    TinyModel model = upload == null ? null : upload.model;
    byte[] data =
        model == null ? new byte[7] : model.part(Math.clamp(part, 0, model.manifest().parts() - 1));
    String hash = TinyModel.sha256(data);
    RestStatus expected = RestStatus.OK;
    Optional<String> sent = Optional.of(hash);
    boolean last = model != null && part == model.manifest().parts() - 1;
    boolean spoils = false;
    if (upload == null) {
      expected = RestStatus.NOT_FOUND;
    } else if (upload.deployed) {
      expected = RestStatus.CONFLICT;
    } else if (part < 0 || part >= model.manifest().parts()) {
      expected = RestStatus.BAD_REQUEST;
    } else if (damage == 1) {
      sent = Optional.of(TinyModel.sha256(new byte[] {1}));
      expected = RestStatus.BAD_REQUEST;
    } else if (damage == 2) {
      data = Arrays.copyOf(data, data.length - 1);
      expected = RestStatus.BAD_REQUEST;
    } else if (damage == 3
        && last
        && (upload.content == Content.DENSE || upload.content == Content.NO_NUMBER)) {
      data[data.length - 1]++; // their weights come last
      sent = Optional.empty();
      spoils = true;
    }
    expect(
        expected,
        "part " + part + " of " + id + " damage " + damage,
        begin(PutPartAction.TYPE, new PutPartAction.Request(id, part, sent, new BytesArray(data))));
    if (expected == RestStatus.OK) {
      upload.received.add(part);
      upload.spoiled = last ? spoils : upload.spoiled;
    }
  }

  void putSomeParts(String id) {
    Upload upload = uploads.get(id);
    int parts = upload == null ? 1 : upload.model.manifest().parts();
    if (rarely()) {
      putPart(id, randomFrom(-1, parts, 99), 0);
      return;
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, parts).boxed().toList());
    if (rarely()) {
      order = randomSubsetOf(order);
    }
    Collections.shuffle(order, random());
    for (int part : order) {
      putPart(id, part, rarely() ? between(1, 3) : 0);
      if (rarely()) {
        putPart(id, part, 0);
      }
    }
  }

  void deploy(String id) {
    Upload upload = uploads.get(id);
    RestStatus expected = RestStatus.OK;
    if (upload == null) {
      expected = RestStatus.NOT_FOUND;
    } else if (!upload.deployed && !upload.isComplete()) {
      expected = RestStatus.CONFLICT;
    } else {
      upload.deployed = true;
      expected = upload.isLoaded() ? RestStatus.OK : RestStatus.BAD_REQUEST;
    }
    expect(
        expected, "deploy " + id, begin(DeployModelAction.TYPE, new ModelRequest(TIME, TIME, id)));
  }

  void undeploy() {
    takeOutOfUse("undeploy", UndeployModelAction.TYPE, id -> uploads.get(id).deployed = false);
  }

  void delete() {
    takeOutOfUse(
        "delete",
        DeleteModelAction.TYPE,
        id -> {
          uploads.remove(id);
          aliases.values().removeIf(id::equals);
        });
  }

  private void takeOutOfUse(
      String what, ActionType<? extends ActionResponse> type, Consumer<String> taken) {
    String id = name();
    boolean force = randomBoolean();
    RestStatus expected =
        uploads.get(id) == null
            ? RestStatus.NOT_FOUND
            : !force && inUse(id) ? RestStatus.CONFLICT : RestStatus.OK;
    expect(
        expected,
        what + " " + id + " " + force,
        begin(type, new ModelRequest(TIME, TIME, id, force)));
    if (expected == RestStatus.OK) {
      taken.accept(id);
    }
  }

  void putAlias(String alias, String id) {
    boolean force = rarely();
    Upload upload = uploads.get(id);
    Upload former = uploads.get(aliases.getOrDefault(alias, ""));
    boolean named = mapped != null && alias.equals(FIELD);
    RestStatus expected = RestStatus.OK;
    if (uploads.containsKey(alias)) {
      expected = RestStatus.BAD_REQUEST;
    } else if (upload == null) {
      expected = RestStatus.NOT_FOUND;
    } else if (!upload.isLoaded()) {
      expected = RestStatus.CONFLICT;
    } else if (!force
        && named
        && former != null
        && former.isLoaded()
        && !former.content.fits(upload.content)) {
      expected = RestStatus.CONFLICT;
    }
    expect(
        expected,
        "alias " + alias + " to " + id + " " + force,
        begin(
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, alias, Optional.of(id), force)));
    if (expected == RestStatus.OK) {
      aliases.put(alias, id);
    }
  }

  void deleteAlias() {
    String alias = randomFrom(ALIASES);
    boolean force = randomBoolean();
    RestStatus expected =
        !aliases.containsKey(alias)
            ? RestStatus.NOT_FOUND
            : !force && mapped != null && alias.equals(FIELD) ? RestStatus.CONFLICT : RestStatus.OK;
    expect(
        expected,
        "delete alias " + alias + " " + force,
        begin(
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, alias, Optional.empty(), force)));
    if (expected == RestStatus.OK) {
      aliases.remove(alias);
    }
  }

  void encode() {
    String name = randomBoolean() ? randomFrom(ALIASES) : randomFrom(IDS);
    expect(
        asked(resolve(name)),
        "encode " + name,
        begin(EncodeAction.TYPE, ModelCalls.request(name, List.of("river " + between(0, 99)))));
  }
}
