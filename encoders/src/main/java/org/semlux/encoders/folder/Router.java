package org.semlux.encoders.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;

/**
 * Where a folder sends queries and documents: {@code router_config.json} of a first module {@code
 * Router} (older: {@code Asym} with {@code config.json}). Without one there is one route for all.
 *
 * {@snippet lang=java :
 * Router router = Router.of(ModelFolder.open(Path.of("inference-free-splade")));
 * String route = router.route(Optional.of(InputType.QUERY)); // such as "query"
 * List<ModelFolder.Module> modules = router.routes().get(route).modules();
 * }
 *
 * @param model the folder's name, for messages
 * @param routes each as a folder of its own, with its modules and those behind the router
 * @param mappings routes by {@code task, modality}, before any other rule
 * @param otherwise the route of a text without input type
 */
public record Router(
    String model,
    Map<String, ModelFolder> routes,
    Map<String, String> mappings,
    Optional<String> otherwise) {
  private static final String ONLY = "";

  /** Each may hold a network of its own; real models have two. */
  private static final int MAX_ROUTES = 8;

  /** Of a route. */
  private static final int MAX_MODULES = 64;

  /**
   * Reads a folder's routes.
   *
   * @throws ModelException when the config names a route or a module that is not there
   */
  public static Router of(ModelFolder folder) throws IOException {
    ModelFolder.Module first = folder.modules().get(0);
    if (!isRouter(first)) {
      return new Router(folder.name(), Map.of(ONLY, folder), Map.of(), Optional.of(ONLY));
    }
    JsonFile config = config(first);
    JsonFile types = config.requireObject("types");
    JsonFile structure = config.requireObject("structure");
    int count = structure.object().size();
    if (count < 1 || count > MAX_ROUTES) {
      throw ModelException.of(
          folder.name(),
          "its router has %s routes, 1 to %s are possible".formatted(count, MAX_ROUTES));
    }
    Map<String, ModelFolder> routes = new LinkedHashMap<>();
    for (String route : structure.object().keySet()) {
      routes.put(route, route(folder, first, structure.requireStrings(route), types));
    }
    return withParameters(folder, routes, config.getObject("parameters"));
  }

  private static JsonFile config(ModelFolder.Module router) throws IOException {
    Path file = router.folder().resolve("router_config.json");
    return JsonFile.read(Files.exists(file) ? file : router.folder().resolve("config.json"));
  }

  /**
   * The folders of a router's own modules, whether they are there or not; none where the folder has
   * no router.
   *
   * @throws ModelException when one lies outside the model
   */
  public static List<Path> children(ModelFolder folder) throws IOException {
    ModelFolder.Module first = folder.modules().get(0);
    List<Path> children = new ArrayList<>();
    if (isRouter(first)) {
      for (String name : config(first).requireObject("types").object().keySet()) {
        children.add(folder.inside(first.folder(), name));
      }
    }
    return children;
  }

  static boolean isRouter(ModelFolder.Module module) {
    return module.type().equals("Router") || module.type().equals("Asym");
  }

  private static ModelFolder route(
      ModelFolder folder, ModelFolder.Module router, List<String> ids, JsonFile types)
      throws IOException {
    List<ModelFolder.Module> modules = new ArrayList<>();
    for (String name : ids) {
      Path path = folder.inside(router.folder(), name);
      if (!Files.isDirectory(path)) {
        throw ModelException.of(
            folder.name(),
            "%s names the module %s, it has no folder"
                .formatted(types.file().getFileName(), ModelException.brief(name)));
      }
      modules.add(ModelFolder.Module.of(folder.name(), types.requireString(name), path));
    }
    modules.addAll(folder.modules().subList(1, folder.modules().size()));
    if (modules.isEmpty() || modules.size() > MAX_MODULES) {
      throw ModelException.of(
          folder.name(),
          "its router has a route of %s modules, 1 to %s are possible"
              .formatted(modules.size(), MAX_MODULES));
    }
    return folder.withModules(modules);
  }

  private static Router withParameters(
      ModelFolder folder, Map<String, ModelFolder> routes, Optional<JsonFile> parameters)
      throws IOException {
    Map<String, String> mappings = new LinkedHashMap<>();
    Optional<String> otherwise = routes.keySet().stream().findFirst();
    if (parameters.isPresent()) {
      JsonFile stored = parameters.get();
      if (stored.has("default_route")) {
        otherwise = Optional.of(stored.requireString("default_route"));
      } else if (!stored.getBoolean("allow_empty_key", true)) {
        otherwise = Optional.empty();
      }
      Optional<JsonFile> rules = stored.getObject("route_mappings");
      if (rules.isPresent()) {
        for (String key : rules.get().object().keySet()) {
          // Written by Python: ('query', 'text'), (None, 'image')
          String plain = key.replaceAll("[()'\" ]", "");
          mappings.put(plain, rules.get().requireString(key));
        }
      }
    }
    List<String> targets = new ArrayList<>(mappings.values());
    otherwise.ifPresent(targets::add);
    for (String target : targets) {
      if (!routes.containsKey(target)) {
        throw ModelException.of(
            folder.name(),
            "its router points to the route [%s], there are %s"
                .formatted(
                    ModelException.brief(target),
                    ModelException.brief(routes.keySet().toString())));
      }
    }
    return new Router(folder.name(), routes, mappings, otherwise);
  }

  /**
   * The route of a text, by the reference's rules: mappings from the most to the least particular,
   * a route of the input type's own name, then the default.
   *
   * @throws ModelException when there is none
   */
  public String route(Optional<InputType> type) {
    if (routes.containsKey(ONLY)) {
      return ONLY;
    }
    String task = type.map(t -> t.name().toLowerCase(Locale.ROOT)).orElse("None");
    for (String key : List.of(task + ",text", task + ",None", "None,text", "None,None")) {
      if (mappings.containsKey(key)) {
        return mappings.get(key);
      }
    }
    for (String name : List.of(task, "text")) {
      if (routes.containsKey(name)) {
        return name;
      }
    }
    if (type.isPresent() || otherwise.isEmpty()) {
      throw ModelException.of(
          model,
          "there is no route for "
              + (type.isPresent() ? "the input type [" + task + "]" : "a text without input type")
              + ", its routes are "
              + routes.keySet());
    }
    return otherwise.get();
  }
}
