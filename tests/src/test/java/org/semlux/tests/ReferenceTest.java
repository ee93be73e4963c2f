package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.ingest.chunk.Chunking;

/**
 * docs/reference.md and rest-api-spec name what the code has, and nothing else. Settings are looked
 * at by the plugin's SemluxSettingsTests.
 */
class ReferenceTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path REST = ROOT.resolve("plugin/src/main/java/org/semlux/plugin/rest");
  private static final Path MODEL = ROOT.resolve("plugin/src/main/java/org/semlux/plugin/model");
  private static final String PUT_MODEL = "PUT /_semlux/models/{id}";
  private static final Path SPEC =
      ROOT.resolve("rest-api-spec/src/main/resources/rest-api-spec/api");
  private static final Pattern ROUTE =
      Pattern.compile("new Route\\((\\w+), (?:PATH(?: \\+ )?)?(?:\"([^\"]+)\")?\\)");
  private static final Pattern PATH = Pattern.compile("String PATH = \"([^\"]+)\"");
  private static final Pattern PARAMETER = Pattern.compile("\\.param(?:As\\w+)?\\(\\s*\"(\\w+)\"");
  private static final Pattern FIELD = Pattern.compile("new ParseField\\(\\s*\"(\\w+)\"");
  private static final Pattern NAME = Pattern.compile("`([a-zA-Z0-9_.]+)`");

  private static final String PAGE = read(ROOT.resolve("docs/reference.md"));

  /** The sources of a handler's calls. */
  private static Map<String, String> handlers() throws IOException {
    Map<String, String> handlers = new TreeMap<>();
    try (Stream<Path> files = Files.list(REST)) {
      for (Path file : files.sorted().toList()) {
        String source = read(file);
        String path = String.join("", all(PATH, source, found -> found.group(1)));
        all(
                ROUTE,
                source,
                route ->
                    route.group(1) + " " + path + (route.group(2) == null ? "" : route.group(2)))
            .forEach(call -> handlers.put(call, source));
      }
    }
    return handlers;
  }

  /** What the specification says of each call. */
  private static Map<String, JsonObject> specified() throws IOException {
    Map<String, JsonObject> calls = new TreeMap<>();
    try (Stream<Path> files = Files.list(SPEC)) {
      for (Path file : files.sorted().toList()) {
        JsonObject json = JsonParser.parseString(read(file)).getAsJsonObject();
        JsonObject api = json.entrySet().iterator().next().getValue().getAsJsonObject();
        for (JsonElement path : api.getAsJsonObject("url").getAsJsonArray("paths")) {
          JsonObject one = path.getAsJsonObject();
          for (JsonElement method : one.getAsJsonArray("methods")) {
            calls.put(method.getAsString() + " " + one.get("path").getAsString(), api);
          }
        }
      }
    }
    return calls;
  }

  /** The part of the page below the heading that names a call. */
  private static String section(String call) {
    for (String section : PAGE.split("\n##+ ")) {
      if (section.lines().findFirst().orElse("").contains("`" + call + "`")) {
        return section;
      }
    }
    throw new AssertionError("docs/reference.md has no heading with `" + call + "`");
  }

  private static Set<String> parameters(JsonObject api) {
    JsonObject named = api.getAsJsonObject("params");
    return named == null ? Set.of() : named.keySet();
  }

  @Test
  void everyCallIsSpecifiedAndDescribed() throws Exception {
    Set<String> calls = handlers().keySet();
    assertThat(calls).hasSizeGreaterThan(12).isEqualTo(specified().keySet());
    calls.forEach(ReferenceTest::section);
    assertThat(all(Pattern.compile("`([A-Z]+ /_semlux[^`]*)`"), PAGE, call -> call.group(1)))
        .isEqualTo(calls);
  }

  @Test
  void everyParameterOfACallIsReadSpecifiedAndDescribed() throws Exception {
    Map<String, JsonObject> specified = specified();
    for (Map.Entry<String, String> handler : handlers().entrySet()) {
      String call = handler.getKey();
      String source = handler.getValue();
      Set<String> read = all(PARAMETER, source, found -> found.group(1));
      read.removeIf(name -> source.contains("{" + name + "}")); // of the path
      if (source.contains("getMasterNodeTimeout")) {
        read.add("master_timeout");
      }
      if (source.contains("getAckTimeout")) {
        read.add("timeout");
      }
      if (source.contains("Route(GET") && source.contains("Route(POST")) {
        read.retainAll(parameters(specified.get(call))); // a handler of two calls
      }
      assertThat(parameters(specified.get(call))).as(call).isEqualTo(read);
      assertThat(parameterNames(rows(section(call), "query"))).as(call).isEqualTo(read);
    }
  }

  @Test
  void everyFieldOfABodyIsDescribed() throws Exception {
    for (Map.Entry<String, String> handler : handlers().entrySet()) {
      boolean takesBody = specified().get(handler.getKey()).has("body");
      Set<String> fields = all(FIELD, handler.getValue(), found -> found.group(1));
      if (takesBody) {
        Set<String> described = parameterNames(rows(section(handler.getKey()), "body"));
        assertThat(described)
            .as(handler.getKey())
            .isEqualTo(
                handler.getKey().equals(PUT_MODEL) ? fields(MODEL, "ModelManifest") : fields);
      }
    }
    Set<String> ofModels = fields(MODEL, "ModelManifest", "ModelFile", "ModelOptions");
    ofModels.addAll(values(Precision.values()));
    assertThat(names(rows(section(PUT_MODEL), "body"))).isEqualTo(ofModels);
  }

  @Test
  void everyOptionOfTheProcessorIsDescribed() throws Exception {
    Pattern option =
        Pattern.compile(
            "read\\w*(?:Property|Map|List|Double)\\(\\s*(?:TYPE,\\s*tag,\\s*)?\\w+,\\s*\"?(\\w+)");
    Path folder = ROOT.resolve("ingest/src/main/java/org/semlux/ingest/processor");
    Set<String> options = new TreeSet<>();
    for (String name : Set.of("SemluxProcessorFactory", "FieldConfig")) {
      String source = read(folder.resolve(name + ".java"));
      for (String found : all(option, source, one -> one.group(1))) {
        Matcher constant = Pattern.compile("String " + found + " = \"(\\w+)\"").matcher(source);
        options.add(constant.find() ? constant.group(1) : found);
      }
    }
    options.remove("name"); // of the helper that reads a number
    String section = PAGE.substring(PAGE.indexOf("\n## Processor"), PAGE.indexOf("\n## Search"));
    assertThat(options).hasSizeGreaterThan(14).contains("skip_unchanged", "min_ratio", "overlap");
    options.addAll(values(InputType.values()));
    options.addAll(values(Chunking.Strategy.values()));
    options.add("semlux"); // what the heading names
    assertThat(names(section)).isEqualTo(options);
  }

  @Test
  void everyParameterOfASearchAndAMappingIsDescribed() throws Exception {
    Path plugin = ROOT.resolve("plugin/src/main/java/org/semlux/plugin");
    String section = PAGE.substring(PAGE.indexOf("\n## Search"));
    Set<String> read =
        new TreeSet<>(Set.of("meta", "min_score", "rank_window_size")); // by Elasticsearch
    for (String folder : Set.of("query", "retriever", "rescore", "field")) {
      try (Stream<Path> files = Files.list(plugin.resolve(folder))) {
        files.forEach(file -> read.addAll(all(FIELD, read(file), found -> found.group(1))));
      }
    }
    Pattern constant =
        Pattern.compile(
            "String (?:MODEL_ID|SEARCH_MODEL_ID|SIMILARITY|INDEX_OPTIONS|CHUNKING|PRUNING|NAME) = \"(\\w+)\"");
    for (String file : Set.of("SemluxTextFieldMapper", "EncodingOptions", "ModelSettings")) {
      String source = read(plugin.resolve("field").resolve(file + ".java"));
      read.addAll(all(constant, source, found -> found.group(1)));
    }
    String parameters =
        section
            .lines()
            .filter(line -> line.startsWith("| "))
            .map(line -> line.split(" \\| ", 2)[1])
            .collect(Collectors.joining("\n"));
    assertThat(names(parameters)).isEqualTo(read);
  }

  /** What classes of a folder read. */
  private static Set<String> fields(Path folder, String... classes) {
    Set<String> fields = new TreeSet<>();
    for (String name : classes) {
      String source = read(folder.resolve(name + ".java"));
      fields.addAll(all(FIELD, source, found -> found.group(1)));
    }
    return fields;
  }

  /** The constants of an enum, as requests have them. */
  private static Set<String> values(Enum<?>... constants) {
    return Stream.of(constants)
        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  /** Rows of a table whose second cell says where a parameter stands. */
  private static String rows(String section, String where) {
    return section
        .lines()
        .filter(line -> line.contains(" | " + where + " | "))
        .collect(Collectors.joining("\n"));
  }

  private static Set<String> names(String text) {
    return all(NAME, text, found -> found.group(1));
  }

  /** Names in the first cells. */
  private static Set<String> parameterNames(String rows) {
    return names(
        rows.lines().map(line -> line.split(" \\| ")[0]).collect(Collectors.joining("\n")));
  }

  private static Set<String> all(Pattern pattern, String text, Function<Matcher, String> made) {
    Set<String> all = new TreeSet<>();
    for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
      all.add(made.apply(matcher));
    }
    return all;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
