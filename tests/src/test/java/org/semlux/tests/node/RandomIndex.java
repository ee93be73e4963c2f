package org.semlux.tests.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random index: its mapping, what its {@code _source} keeps, its documents, a pipeline for them.
 */
final class RandomIndex {
  private static final String[] WORDS = "rain bread river snow sun baker day dog".split(" ");
  private static final int DOCUMENTS = 7;

  /** Fields that documents bring, each with its mapping and a query that finds some of them. */
  private static final Map<String, String[]> FIELDS = new TreeMap<>();

  static {
    field("title", "'type':'text','copy_to':'all'", "{'match':{'title':'rain'}}");
    field("tag", "'type':'keyword'", "{'terms':{'tag':['rain','snow']}}");
    field(
        "name",
        "'type':'text','fields':{'raw':{'type':'keyword'}}",
        "{'term':{'name.raw':'rain'}}");
    field("n", "'type':'long'", "{'range':{'n':{'gte':4}}}");
    field("real", "'type':'double','doc_values':false", "{'exists':{'field':'real'}}");
    field("day", "'type':'date'", "{'range':{'day':{'gte':'2024-01-05'}}}");
    field("flag", "'type':'boolean'", "{'term':{'flag':true}}");
    field("place", "'type':'geo_point'", "{'exists':{'field':'place'}}");
    field("labels", "'type':'flattened'", "{'term':{'labels.a':'rain'}}");
    field(
        "by",
        "'properties':{'first':{'type':'keyword'},'last':{'type':'text'}}",
        "{'term':{'by.first':'rain'}}");
    field(
        "own",
        "'type':'dense_vector','dims':2,'similarity':'l2_norm'",
        "{'exists':{'field':'own'}}");
    field(
        "bytes",
        "'type':'dense_vector','dims':2,'element_type':'byte'",
        "{'exists':{'field':'bytes'}}");
    field(
        "weights",
        "'type':'sparse_vector'",
        "{'sparse_vector':{'field':'weights','query_vector':{'rain':1},'prune':false}}");
    field(
        "parts",
        "'type':'nested','properties':{'text':{'type':'text'},'label':{'type':'keyword'},"
            + "'vector':{'type':'dense_vector','dims':32},'own':{'type':'dense_vector','dims':2}}",
        "{'nested':{'path':'parts','query':{'bool':{'must':[{'term':{'parts.label':'rain'}},"
            + "{'exists':{'field':'parts.own'}}]}}}}");
  }

  private final int seed;
  private final Random random;
  private final List<String> used = new ArrayList<>();
  private final String settings;
  private final String source;
  private final String dynamic;
  private final List<String> outputs = new ArrayList<>();
  private final boolean ignoresMissing;
  private final List<Map<String, Object>> documents = new ArrayList<>();
  private final Map<Integer, String> updates = new TreeMap<>();

  RandomIndex(int seed) {
    this.seed = seed;
    random = new Random(seed);
    FIELDS.keySet().stream().filter(field -> random.nextInt(3) > 0).forEach(used::add);
    outputs.add(entry("text", "vector", ""));
    if (random.nextBoolean()) {
      outputs.add(entry("text", "terms", ",'model_id':'splade'"));
    }
    if (random.nextInt(3) == 0) {
      outputs.add(
          entry("text", "passages", ",'chunking':{'strategy':'words','size':2,'overlap':0}"));
    }
    if (used.contains("parts") && random.nextBoolean()) {
      outputs.add(entry("parts.text", "parts.vector", ""));
    }
    ignoresMissing = random.nextInt(4) > 0;
    settings =
        switch (random.nextInt(12)) {
          case 0 -> "'index.mapping.source.mode':'synthetic'";
          case 1, 2, 3 -> "'index.mapping.exclude_source_vectors':false";
          default -> "";
        };
    dynamic = random.nextInt(3) == 0 ? "false" : "true";
    source = settings.contains("synthetic") ? "" : randomSource(); // no index can have both
    for (int i = 0; i < DOCUMENTS; i++) {
      documents.add(document());
    }
    for (int i = 0; i < DOCUMENTS; i++) {
      if (random.nextInt(4) == 0) {
        updates.put(
            i, json(random.nextBoolean() ? "{'text':'" + word() + "'}" : "{'vector':null}"));
      }
    }
  }

  private static void field(String name, String mapping, String query) {
    FIELDS.put(name, new String[] {json(mapping), json(query)});
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static String entry(String input, String output, String more) {
    return json("{'input_field':'%s','output_field':'%s'%s}".formatted(input, output, more));
  }

  private String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }

  private String randomSource() {
    return switch (random.nextInt(10)) {
      case 0 -> "\"enabled\":false";
      case 1, 2, 3 -> "\"excludes\":[" + patterns() + "]";
      case 4, 5 ->
          "\"includes\":[\"text*\",\"vector*\",\"terms*\",\"passages*\""
              + (random.nextBoolean() ? ",\"parts.*\",\"*t*\"" : "")
              + ","
              + patterns()
              + "]";
      default -> "";
    };
  }

  private String patterns() {
    List<String> all =
        new ArrayList<>(
            List.of("vector", "vector", "terms", "all", "text", "passages.vector", "parts.vector"));
    all.addAll(List.of("*.own", "by.*", "labels.a", "*_encoded", "unmapped", "place.lat", "p*"));
    all.addAll(used);
    List<String> some = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      some.add("\"" + all.get(random.nextInt(all.size())) + "\"");
    }
    return String.join(",", some);
  }

  private Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    int kind = random.nextInt(6);
    if (kind > 0) {
      document.put("text", kind == 1 ? List.of(word(), random.nextInt(9)) : word() + " " + word());
    }
    for (String field : used) {
      if (random.nextInt(3) > 0) {
        document.put(field, value(field));
      }
    }
    return document;
  }

  private Object value(String field) {
    return switch (field) {
      case "title", "tag", "name" ->
          random.nextBoolean() ? word() : Arrays.asList(word(), null, word());
      case "n" -> random.nextInt(9);
      case "real" -> random.nextDouble();
      case "day" -> "2024-01-0" + (1 + random.nextInt(9));
      case "flag" -> random.nextBoolean();
      case "place" -> Map.of("lat", random.nextInt(80), "lon", random.nextInt(80));
      case "labels" -> Map.of("a", word(), "b", Map.of("c", random.nextInt(9)));
      case "by" -> Map.of("first", word(), "last", word());
      case "own" -> List.of(random.nextFloat(), 1);
      case "bytes" -> List.of(random.nextInt(99), 1);
      case "weights" -> Map.of(word(), 1.5);
      case "parts" -> Arrays.asList(null, part(), part());
      default -> throw new IllegalStateException(field);
    };
  }

  private Map<String, Object> part() {
    Map<String, Object> part = new LinkedHashMap<>(Map.of("label", word()));
    if (random.nextInt(3) > 0) {
      part.put("text", word());
    }
    if (random.nextBoolean()) {
      part.put("own", List.of(1, random.nextFloat()));
    }
    return part;
  }

  String index() {
    List<String> properties = new ArrayList<>();
    properties.add(
        json("'text':{'type':'text'},'all':{'type':'text'},'terms':{'type':'sparse_vector'}"));
    properties.add(json("'vector':{'type':'dense_vector','dims':32}"));
    properties.add(
        json(
            "'passages':{'type':'nested','properties':{'text':{'type':'text'},"
                + "'vector':{'type':'dense_vector','dims':32}}}"));
    used.forEach(field -> properties.add("\"" + field + "\":{" + FIELDS.get(field)[0] + "}"));
    return """
    {"settings":{"number_of_shards":1,"number_of_replicas":0%s},
     "mappings":{"dynamic":"%s","_source":{%s},"properties":{%s}}}\
    """
        .formatted(
            settings.isEmpty() ? "" : "," + json(settings),
            dynamic,
            source,
            String.join(",", properties));
  }

  String pipeline() {
    return """
    {"processors":[{"semlux":{"model_id":"exact","ignore_missing":%s,"input_output":[%s]}}]}\
    """
        .formatted(ignoresMissing, String.join(",", outputs));
  }

  /** In the order of their identifiers. */
  List<Map<String, Object>> documents() {
    return documents;
  }

  /** Those that go through the pipeline, by identifier. */
  Map<String, Object> encoded() {
    Map<String, Object> some = new TreeMap<>();
    for (int i = 0; i < DOCUMENTS; i += 2) {
      some.put(String.valueOf(i), documents.get(i));
    }
    return some;
  }

  /** Identifiers of those that get a vector. */
  List<String> withText() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      if (documents.get(i).containsKey("text") || updates().getOrDefault(i, "").contains("text")) {
        ids.add(String.valueOf(i));
      }
    }
    return ids;
  }

  /** Parts of some documents, written past the pipeline, by identifier. */
  Map<Integer, String> updates() {
    return updates;
  }

  /** What documents bring is found by. */
  List<String> queries() {
    List<String> queries = new ArrayList<>();
    used.forEach(field -> queries.add(FIELDS.get(field)[1]));
    if (used.contains("title")) {
      queries.add(json("{'match':{'all':'rain'}}"));
    }
    for (String word : WORDS) {
      queries.add(json("{'match':{'text':'" + word + "'}}"));
    }
    return queries;
  }

  @Override
  public String toString() {
    return "seed %s: %s by %s, %s, updates %s"
        .formatted(seed, index(), pipeline(), documents, updates);
  }
}
