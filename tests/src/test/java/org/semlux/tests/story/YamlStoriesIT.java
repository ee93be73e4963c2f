package org.semlux.tests.story;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.tests.node.ModelUpload;
import org.semlux.tests.node.OnRealNode;
import org.semlux.tests.node.RealNode;
import org.semlux.tests.node.Rest;

/** Every story of {@code rest-api-spec}, each on a node without models, pipelines and indices. */
@OnRealNode
class YamlStoriesIT {
  private static final Path STORIES =
      Path.of("..", "rest-api-spec", "src", "main", "resources", "rest-api-spec", "test", "semlux");

  @TestFactory
  Stream<DynamicContainer> stories(RealNode node) {
    Map<String, Object> stash = new HashMap<>();
    add(stash, "", RealNode.MODEL);
    add(stash, "sparse_", RealNode.MODEL.resolveSibling("sparse-bert"));
    add(stash, "cross_", RealNode.CROSS_MODEL);
    add(stash, "late_", RealNode.MODEL.resolveSibling("multi-vector-bert-fixed"));
    Map<String, List<Story>> byFile =
        Story.readAll(STORIES).stream()
            .collect(Collectors.groupingBy(Story::file, TreeMap::new, Collectors.toList()));
    return byFile.entrySet().stream()
        .map(
            file ->
                DynamicContainer.dynamicContainer(
                    file.getKey(),
                    file.getValue().stream().map(story -> test(node.rest(), stash, story))));
  }

  /** {@code $manifest}, and {@code $part_0}, {@code $part_1}, …, with a prefix for each model. */
  private static void add(Map<String, Object> stash, String prefix, Path model) {
    ModelUpload upload = ModelUpload.of(model);
    stash.put(prefix + "manifest", upload.manifest());
    for (int part = 0; part < upload.parts().size(); part++) {
      stash.put(prefix + "part_" + part, upload.parts().get(part));
    }
  }

  private static DynamicTest test(Rest rest, Map<String, Object> stash, Story story) {
    return DynamicTest.dynamicTest(
        story.name(),
        () -> {
          try {
            new StoryRunner(rest, stash).run(story);
          } finally {
            clean(rest);
          }
        });
  }

  private static void clean(Rest rest) {
    rest.succeed("DELETE", "/*?expand_wildcards=open", "");
    rest.succeed("DELETE", "/_ingest/pipeline/*", "");
    List<?> models = (List<?>) rest.succeed("GET", "/_semlux/models", "").at("models");
    for (Object model : models) {
      for (Object alias : (List<?>) ((Map<?, ?>) model).get("aliases")) {
        rest.succeed("DELETE", "/_semlux/aliases/" + alias, "");
      }
      String path = "/_semlux/models/" + ((Map<?, ?>) model).get("id");
      rest.call("POST", path + "/_undeploy", "");
      rest.succeed("DELETE", path, "");
    }
  }
}
