package org.semlux.training.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.semlux.encoders.folder.JsonText;
import org.semlux.training.data.StrictJson;

/** Asks a hub which files a model has. */
final class HubListing {
  private static final int MOST_BYTES = 32 << 20;
  private static final int MOST_PAGES = 200;
  private static final int NOT_FOUND = 404;

  private final HubClient client;
  private final HubModel model;

  HubListing(HubClient client, HubModel model) {
    this.client = client;
    this.model = model;
  }

  /**
   * All files.
   *
   * @throws IOException when the answer is none that a hub gives
   */
  List<HubFile> files() throws IOException {
    try {
      return tree();
    } catch (HubException e) {
      if (e.status() != NOT_FOUND) {
        throw e;
      }
      // Some mirrors know only the description, and the public hub's reason is better there.
      return described();
    }
  }

  /**
   * The folders that a model's {@code modules.json} names, without the root; none where there is no
   * such file.
   */
  List<String> modules(List<HubFile> files) throws IOException {
    List<String> folders = new ArrayList<>();
    if (files.stream().anyMatch(file -> file.path().equals("modules.json"))) {
      JsonElement modules = page(model.content(client.endpoint(), "modules.json")).json;
      JsonText.look(
          model + " is no model: its modules.json is no list of modules",
          () -> {
            for (JsonElement module : modules.getAsJsonArray()) {
              folders.add(text(module.getAsJsonObject(), "path").orElse(""));
            }
          });
    }
    folders.removeIf(String::isEmpty);
    return folders;
  }

  /** The names of the files that an index of shards says tensors are in. */
  Set<String> shards(HubFile index) throws IOException {
    JsonElement json = page(model.content(client.endpoint(), index.path())).json;
    Set<String> names = new TreeSet<>();
    String nothing =
        model + " is no usable model: its " + index.path() + " maps no tensors to files";
    JsonText.look(
        nothing,
        () -> {
          for (JsonElement name :
              json.getAsJsonObject().getAsJsonObject("weight_map").asMap().values()) {
            names.add(name.getAsString());
          }
        });
    if (names.isEmpty()) {
      throw new IOException(nothing);
    }
    return names;
  }

  private record Page(JsonElement json, Optional<String> next) {}

  private List<HubFile> tree() throws IOException {
    List<HubFile> files = new ArrayList<>();
    URI address = model.tree(client.endpoint());
    for (int page = 0; page < MOST_PAGES; page++) {
      Page answer = page(address);
      files.addAll(files(answer.json, "path"));
      if (answer.next.isEmpty()) {
        return files;
      }
      address = nextPage(address, answer.next.get());
    }
    throw new IOException(model + " has more files than a model can have");
  }

  private URI nextPage(URI address, String next) throws IOException {
    try {
      return address.resolve(next);
    } catch (IllegalArgumentException e) {
      throw noHub("a next page at [" + next + "]", e);
    }
  }

  private List<HubFile> described() throws IOException {
    JsonElement description = page(model.description(client.endpoint())).json;
    if (!description.isJsonObject() || !description.getAsJsonObject().has("siblings")) {
      throw noHub("JSON that lists no files", null);
    }
    return files(description.getAsJsonObject().get("siblings"), "rfilename");
  }

  private Page page(URI address) throws IOException {
    return client.retrying(
        () -> 0,
        () -> {
          try (HubAnswer answer = client.get(address, 0)) {
            String text = answer.text(MOST_BYTES);
            try {
              return new Page(StrictJson.parse(text), answer.next());
            } catch (JsonParseException e) {
              throw noHub(answer.contentType(), e);
            }
          }
        });
  }

  private List<HubFile> files(JsonElement list, String pathKey) throws IOException {
    List<HubFile> files = new ArrayList<>();
    try {
      for (JsonElement element : list.getAsJsonArray()) {
        JsonObject entry = element.getAsJsonObject();
        if (!entry.has("type") || entry.get("type").getAsString().equals("file")) {
          files.add(file(text(entry, pathKey).orElseThrow(IllegalStateException::new), entry));
        }
      }
    } catch (IllegalStateException | UnsupportedOperationException | NumberFormatException e) {
      throw noHub("JSON that lists no files", e);
    }
    return files;
  }

  /** Both answers tell the same, with other names for some of it. */
  private static HubFile file(String path, JsonObject entry) {
    JsonObject lfs =
        entry.has("lfs") && entry.get("lfs").isJsonObject()
            ? entry.getAsJsonObject("lfs")
            : new JsonObject();
    Optional<Checksum> checksum =
        text(lfs, "oid")
            .or(() -> text(lfs, "sha256"))
            .flatMap(it -> Checksum.of(Checksum.Kind.SHA_256, it.replaceFirst("^sha256:", "")));
    if (lfs.isEmpty()) {
      checksum =
          text(entry, "oid")
              .or(() -> text(entry, "blobId"))
              .flatMap(it -> Checksum.of(Checksum.Kind.GIT_BLOB, it));
    }
    JsonObject sized = lfs.has("size") ? lfs : entry;
    long size = sized.has("size") ? sized.get("size").getAsLong() : HubFile.UNKNOWN;
    return new HubFile(path, Math.max(size, HubFile.UNKNOWN), checksum);
  }

  private static Optional<String> text(JsonObject object, String key) {
    return object.has(key) ? Optional.of(object.get(key).getAsString()) : Optional.empty();
  }

  private IOException noHub(String answer, Throwable cause) {
    return new IOException(
        "%s does not answer as a model hub does (%s): check HF_ENDPOINT"
            .formatted(client.endpoint(), answer),
        cause);
  }
}
