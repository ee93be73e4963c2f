package org.semlux.plugin.model;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.cluster.AbstractNamedDiffable;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.NamedDiff;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.common.collect.Iterators;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.xcontent.ChunkedToXContentHelper;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.encoders.api.Excerpt;

/**
 * The models that the cluster knows and their aliases, in its metadata: every node sees them, and
 * they survive restarts. A node without the plugin cannot read it, so every node of a cluster needs
 * the plugin. Immutable. Begins with its format's number, so that later versions may add to it.
 */
public final class SemluxMetadata extends AbstractNamedDiffable<Metadata.ProjectCustom>
    implements Metadata.ProjectCustom {
  public static final String TYPE = "semlux";
  public static final SemluxMetadata EMPTY = new SemluxMetadata(0, List.of(), Map.of());

  /** Models with their files' names and hashes are in the heap of every node. */
  static final int MAX_MODELS = 1_000;

  static final int MAX_ALIASES = 1_000;

  /** 2: with aliases; 3: deployments are counted; 4: a model that is being deleted says so. */
  static final int FORMAT = 4;

  private static final ParseField FORMAT_FIELD = new ParseField("format");
  private static final ParseField LAST_GENERATION = new ParseField("last_generation");
  private static final ParseField MODELS = new ParseField("models");
  private static final ParseField ALIASES = new ParseField("aliases");
  private static final ConstructingObjectParser<SemluxMetadata, Void> PARSER =
      new ConstructingObjectParser<>(TYPE, true, SemluxMetadata::fromParsed);

  static {
    PARSER.declareInt(constructorArg(), FORMAT_FIELD);
    PARSER.declareLong(constructorArg(), LAST_GENERATION);
    PARSER.declareObjectArray(constructorArg(), ModelDefinition.lenientParser(), MODELS);
    PARSER.declareObject(
        optionalConstructorArg(), (parser, context) -> parser.mapStrings(), ALIASES);
  }

  private final long lastGeneration;
  private final Map<String, ModelDefinition> models;
  private final Map<String, String> aliases;

  SemluxMetadata(
      long lastGeneration, Collection<ModelDefinition> definitions, Map<String, String> aliases) {
    this.lastGeneration = lastGeneration;
    TreeMap<String, ModelDefinition> byId = new TreeMap<>();
    definitions.forEach(definition -> byId.put(definition.id(), definition));
    this.models = Collections.unmodifiableMap(byId);
    this.aliases = Collections.unmodifiableMap(new TreeMap<>(aliases));
  }

  public SemluxMetadata(StreamInput in) throws IOException {
    this(checkFormat(in.readVInt()), in);
  }

  private SemluxMetadata(int format, StreamInput in) throws IOException {
    this(
        in.readVLong(),
        in.readCollectionAsList(model -> new ModelDefinition(model, format)),
        format >= 2 ? in.readMap(StreamInput::readString) : Map.of());
  }

  private static int checkFormat(int format) {
    if (format > FORMAT) {
      throw new IllegalStateException(
          "a newer Semlux wrote the cluster's models (format "
              + format
              + ", this node reads "
              + FORMAT
              + "): install the same version on every node");
    }
    return format;
  }

  public static NamedDiff<Metadata.ProjectCustom> readDiffFrom(StreamInput in) throws IOException {
    return readDiffFrom(Metadata.ProjectCustom.class, TYPE, in);
  }

  public static SemluxMetadata fromXContent(XContentParser parser) throws IOException {
    return PARSER.parse(parser, null);
  }

  @SuppressWarnings("unchecked")
  private static SemluxMetadata fromParsed(Object[] values) {
    checkFormat((int) values[0]);
    // What was written before there were aliases has none.
    Map<String, String> aliases = values[3] == null ? Map.of() : (Map<String, String>) values[3];
    return new SemluxMetadata((long) values[1], (List<ModelDefinition>) values[2], aliases);
  }

  /** What a cluster state holds; {@link #EMPTY} until a model is put. */
  public static SemluxMetadata of(ClusterState state) {
    return state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID).custom(TYPE, EMPTY);
  }

  /**
   * The state with this in place of what it held. Without models nothing of ours is left in it, so
   * that nodes without the plugin can join again.
   */
  ClusterState putInto(ClusterState state) {
    var project = ProjectMetadata.builder(state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID));
    return ClusterState.builder(state)
        .putProjectMetadata(
            models.isEmpty() ? project.removeCustom(TYPE) : project.putCustom(TYPE, this))
        .build();
  }

  /** The models by id, in the order of their ids. */
  public Map<String, ModelDefinition> models() {
    return models;
  }

  /** The models' other names: from an alias to the id of its model, in the order of the aliases. */
  public Map<String, String> aliases() {
    return aliases;
  }

  /** The id of the model that an alias stands for; what is no alias is an id already. */
  public String resolve(String idOrAlias) {
    return aliases.getOrDefault(idOrAlias, idOrAlias);
  }

  /** The aliases of one model, in their order. */
  public List<String> aliasesOf(String id) {
    return aliases.keySet().stream().filter(alias -> aliases.get(alias).equals(id)).toList();
  }

  public Optional<ModelDefinition> find(String id) {
    return Optional.ofNullable(models.get(id));
  }

  /**
   * @throws ResourceNotFoundException when there is no such model: 404
   */
  public ModelDefinition require(String id) {
    return find(id)
        .orElseThrow(
            () ->
                aliases.containsKey(id)
                    ? new ResourceNotFoundException(
                        "[{}] is an alias of model [{}]: name the model", id, aliases.get(id))
                    : new ResourceNotFoundException("there is no model [{}]", Excerpt.of(id)));
  }

  /**
   * With a new upload in place of any model of that id. Generations begin at the clock: they are
   * forgotten with the last model, and none may come again, since a node that was away may still
   * have a copy of it.
   *
   * @throws ElasticsearchStatusException when it would be one model more than a cluster keeps: 400
   */
  public SemluxMetadata put(String id, ModelManifest manifest, long nowMillis) {
    requireRoom("model", id, models, MAX_MODELS);
    long generation = nextGeneration(nowMillis);
    return with(generation, new ModelDefinition(id, generation, nowMillis, manifest));
  }

  /** The least generation that a model put from now on may have. */
  long nextGeneration(long nowMillis) {
    return Math.max(lastGeneration + 1, nowMillis);
  }

  /**
   * With the models that come out of a snapshot, but for those whose parts are not in it, and for
   * ids whose own upload has its parts and is not being deleted; and with their aliases where these
   * are free. An alias that a model's id takes the place of goes.
   *
   * @param lacking uploads of here and there that have no parts
   */
  SemluxMetadata restore(SemluxMetadata stored, Collection<ModelDefinition> lacking) {
    Map<String, ModelDefinition> restored = new TreeMap<>(models);
    stored.models.forEach(
        (id, model) -> {
          ModelDefinition here = models.get(id);
          boolean isKept =
              here != null
                  && !here.deleting()
                  && (here.sameUpload(model) || lacking.stream().noneMatch(here::sameUpload));
          if (!isKept && lacking.stream().noneMatch(model::sameUpload)) {
            restored.put(id, model);
          }
        });
    Map<String, String> names = new TreeMap<>(aliases);
    names.keySet().removeAll(restored.keySet());
    stored.aliases.forEach(
        (alias, id) -> {
          if (restored.containsKey(id) && !restored.containsKey(alias)) {
            names.putIfAbsent(alias, id);
          }
        });
    long generation = Math.max(lastGeneration, stored.lastGeneration);
    return new SemluxMetadata(generation, restored.values(), names);
  }

  /** With one definition changed. */
  public SemluxMetadata with(ModelDefinition definition) {
    return with(lastGeneration, definition);
  }

  private SemluxMetadata with(long generation, ModelDefinition definition) {
    Map<String, ModelDefinition> changed = new TreeMap<>(models);
    changed.put(definition.id(), definition);
    return new SemluxMetadata(generation, changed.values(), aliases);
  }

  /** Without a model and its aliases; its generation stays used. */
  public SemluxMetadata without(String id) {
    List<ModelDefinition> others = new ArrayList<>(models.values());
    others.removeIf(definition -> definition.id().equals(id));
    Map<String, String> left = new TreeMap<>(aliases);
    left.values().removeIf(id::equals);
    return new SemluxMetadata(lastGeneration, others, left);
  }

  /** Without any model or alias; the models' generations stay used. */
  public SemluxMetadata withoutModels() {
    return new SemluxMetadata(lastGeneration, List.of(), Map.of());
  }

  /**
   * With an alias for a model, in place of what the alias stood for.
   *
   * @throws ElasticsearchStatusException when it would be one alias more than a cluster keeps: 400
   */
  public SemluxMetadata withAlias(String alias, String id) {
    requireRoom("alias", alias, aliases, MAX_ALIASES);
    Map<String, String> changed = new TreeMap<>(aliases);
    changed.put(alias, id);
    return new SemluxMetadata(lastGeneration, models.values(), changed);
  }

  private static void requireRoom(String what, String name, Map<String, ?> present, int most) {
    if (present.size() >= most && !present.containsKey(name)) {
      throw new ElasticsearchStatusException(
          "{} [{}] would be one more than the {} that a cluster keeps: delete one that nobody needs",
          RestStatus.BAD_REQUEST,
          what,
          name,
          most);
    }
  }

  public SemluxMetadata withoutAlias(String alias) {
    Map<String, String> changed = new TreeMap<>(aliases);
    changed.remove(alias);
    return new SemluxMetadata(lastGeneration, models.values(), changed);
  }

  @Override
  public EnumSet<Metadata.XContentContext> context() {
    // Snapshots too: the parts are in them as the feature's state.
    return Metadata.ALL_CONTEXTS;
  }

  @Override
  public String getWriteableName() {
    return TYPE;
  }

  @Override
  public TransportVersion getMinimalSupportedVersion() {
    return TransportVersion.minimumCompatible();
  }

  /**
   * Builds that know no deletion read what tells of none: in mixed clusters, and after a downgrade.
   */
  private int format() {
    return models.values().stream().anyMatch(ModelDefinition::deleting) ? FORMAT : 3;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    int format = format();
    out.writeVInt(format);
    out.writeVLong(lastGeneration);
    out.writeCollection(models.values(), (o, model) -> model.writeTo(o, format));
    out.writeMap(aliases, StreamOutput::writeString);
  }

  @Override
  public Iterator<? extends ToXContent> toXContentChunked(ToXContent.Params params) {
    return Iterators.concat(
        Iterators.single(
            (builder, p) ->
                builder
                    .field(FORMAT_FIELD.getPreferredName(), format())
                    .field(LAST_GENERATION.getPreferredName(), lastGeneration)),
        ChunkedToXContentHelper.array(MODELS.getPreferredName(), models.values().iterator()),
        Iterators.single((builder, p) -> builder.field(ALIASES.getPreferredName(), aliases)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SemluxMetadata that
        && lastGeneration == that.lastGeneration
        && models.equals(that.models)
        && aliases.equals(that.aliases);
  }

  @Override
  public int hashCode() {
    return Objects.hash(lastGeneration, models, aliases);
  }
}
