package org.semlux.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.cluster.snapshots.features.ResetFeatureStateResponse.ResetFeatureStateStatus;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.NamedDiff;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.project.ProjectResolver;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.IndexModule;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.indices.SystemIndexDescriptor;
import org.elasticsearch.ingest.Processor;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.IngestPlugin;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.plugins.SearchPlugin;
import org.elasticsearch.plugins.SystemIndexPlugin;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.search.fetch.FetchSubPhase;
import org.elasticsearch.search.fetch.subphase.highlight.Highlighter;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ExecutorBuilder;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ParseField;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.batch.BatchLimits;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.processor.SemluxProcessor;
import org.semlux.ingest.processor.SemluxProcessorFactory;
import org.semlux.plugin.action.NodesWithoutPlugin;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.forward.Peers;
import org.semlux.plugin.mapping.IndexMappings;
import org.semlux.plugin.model.ClusterModels;
import org.semlux.plugin.model.EncoderLoader;
import org.semlux.plugin.model.MetadataKeeper;
import org.semlux.plugin.model.ModelMemory;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.ModelsIndex;
import org.semlux.plugin.model.NodeModels;
import org.semlux.plugin.model.SemluxMetadata;
import org.semlux.plugin.query.QueryEncodings;
import org.semlux.plugin.query.SemluxQueryVectorBuilder;
import org.semlux.plugin.query.SemluxSparseQueryBuilder;
import org.semlux.plugin.reencode.ReencodeStatus;
import org.semlux.plugin.rescore.CrossEncoderRescorerBuilder;
import org.semlux.plugin.retriever.PassagePhase;
import org.semlux.plugin.retriever.Retrievers;
import org.semlux.plugin.search.FirstReason;
import org.semlux.plugin.search.RunningSearch;

/** Where Elasticsearch meets Semlux: this class only says what there is. */
public final class SemluxPlugin extends Plugin
    implements ActionPlugin, IngestPlugin, MapperPlugin, SearchPlugin, SystemIndexPlugin {
  private static final String NAME = "semlux";

  private final LateModels encoders = new LateModels();
  private volatile ModelUpdates updates;
  private volatile RunningSearch.Filter searches;
  private volatile ClusterService clusterService;
  private volatile CircuitBreaker breaker;
  private volatile Client client;
  private final QueryEncodings encodings = new QueryEncodings(encoders);
  private final TextFields fields =
      new TextFields(encoders, encodings, () -> clusterService.state());

  @Override
  public List<Setting<?>> getSettings() {
    return SemluxSettings.all();
  }

  @Override
  public List<ExecutorBuilder<?>> getExecutorBuilders(Settings settings) {
    return EncodePool.builders(settings);
  }

  @Override
  public Collection<?> createComponents(PluginServices services) {
    Settings settings = services.environment().settings();
    clusterService = services.clusterService();
    client = services.client();
    breaker = services.bigArrays().breakerService().getBreaker(CircuitBreaker.REQUEST);
    Path installed = services.environment().pluginsDir().resolve(NAME).resolve("native");
    EncodingSettings encoding =
        new EncodingSettings(services.clusterService().getClusterSettings());
    BatchLimits limits =
        BatchLimits.defaults()
            .withQueueBytes(SemluxSettings.QUEUE_SIZE.get(settings).getBytes())
            .withMaxWait(encoding::maxWait);
    EncoderLoader loader =
        new EncoderLoader(
            Optional.of(installed).filter(Files::isDirectory),
            new EncoderOptions(Precision.AUTO, EncodePool.workers(services.threadPool()), limits)
                .withLog(encoding));
    ModelMemory memory = new ModelMemory(SemluxSettings.MEMORY_LIMIT.get(settings).getBytes());
    services
        .clusterService()
        .getClusterSettings()
        .addSettingsUpdateConsumer(
            SemluxSettings.MEMORY_LIMIT, limit -> memory.limit(limit.getBytes()));
    ModelStore store = new ModelStore(services.client());
    Peers peers =
        new Peers(
            services.clusterService(),
            services.client(),
            services.taskManager(),
            SemluxSettings.QUEUE_SIZE.get(settings).getBytes(),
            encoding::maxWait);
    NodeModels nodeModels =
        new NodeModels(
            services.clusterService(),
            services.threadPool(),
            store,
            SemluxSettings.NODE_ENABLED.get(settings),
            services.nodeEnvironment().nodeDataPaths()[0].resolve(NAME).resolve("models"),
            loader,
            memory,
            peers);
    ClusterModels models = new ClusterModels(services.clusterService(), nodeModels, peers);
    encoders.set(models);
    updates = new ModelUpdates(services.clusterService());
    services.clusterService().addListener(new NodesWithoutPlugin(services.client()));
    services
        .clusterService()
        .addListener(
            new MetadataKeeper(
                services.threadPool(),
                store,
                updates,
                l ->
                    NodesWithoutPlugin.requireNone(
                        client, clusterService.state().nodes(), NodesWithoutPlugin.TIMEOUT, l)));
    searches =
        new RunningSearch.Filter(services.threadPool().getThreadContext(), services.taskManager());
    return List.of(store, updates, peers, nodeModels, models, encodings, fields);
  }

  @Override
  public List<ActionHandler> getActions() {
    return Endpoints.actions();
  }

  @Override
  public List<RestHandler> getRestHandlers(
      RestHandlersServices services,
      Supplier<DiscoveryNodes> nodes,
      Predicate<NodeFeature> clusterSupports) {
    return Endpoints.restHandlers();
  }

  @Override
  public Map<String, Processor.Factory> getProcessors(Processor.Parameters parameters) {
    ThreadPool threads = parameters.client.threadPool();
    return Map.of(
        SemluxProcessor.TYPE,
        new SemluxProcessorFactory(
            encoders,
            parameters.threadContext,
            new IndexMappings(() -> parameters.ingestService.getClusterService().state()),
            threads.executor(Chunker.POOL),
            threads.info(Chunker.POOL).getMax()));
  }

  @Override
  public Collection<MappedActionFilter> getMappedActionFilters() {
    return Stream.of(
            Stream.of(searches),
            fields.writes(client, clusterService, breaker).stream(),
            FirstReason.whereQueriesAreKept())
        .<MappedActionFilter>flatMap(filters -> filters)
        .toList();
  }

  @Override
  public void onIndexModule(IndexModule index) {
    TextFields.check(index);
  }

  @Override
  public Map<String, Mapper.TypeParser> getMappers() {
    return TextFields.mappers();
  }

  @Override
  public Map<String, Highlighter> getHighlighters() {
    return TextFields.highlighters();
  }

  @Override
  public List<QuerySpec<?>> getQueries() {
    return List.of(SemluxSparseQueryBuilder.spec(encodings), fields.query());
  }

  @Override
  public List<QueryVectorBuilderSpec<?>> getQueryVectorBuilders() {
    return List.of(SemluxQueryVectorBuilder.spec(encodings));
  }

  @Override
  public List<RescorerSpec<?>> getRescorers() {
    return List.of(CrossEncoderRescorerBuilder.spec(encoders));
  }

  @Override
  public List<RetrieverSpec<?>> getRetrievers() {
    return Retrievers.specs(encoders, fields);
  }

  @Override
  public List<FetchSubPhase> getFetchSubPhases(FetchPhaseConstructionContext context) {
    return List.of(new PassagePhase());
  }

  @Override
  public List<NamedWriteableRegistry.Entry> getNamedWriteables() {
    return Stream.concat(
            Retrievers.namedWriteables().stream(),
            Stream.of(
                new NamedWriteableRegistry.Entry(
                    Metadata.ProjectCustom.class, SemluxMetadata.TYPE, SemluxMetadata::new),
                new NamedWriteableRegistry.Entry(
                    NamedDiff.class, SemluxMetadata.TYPE, SemluxMetadata::readDiffFrom),
                new NamedWriteableRegistry.Entry(
                    Task.Status.class, ReencodeStatus.NAME, ReencodeStatus::new)))
        .toList();
  }

  @Override
  public List<NamedXContentRegistry.Entry> getNamedXContent() {
    return List.of(
        new NamedXContentRegistry.Entry(
            Metadata.ProjectCustom.class,
            new ParseField(SemluxMetadata.TYPE),
            SemluxMetadata::fromXContent));
  }

  @Override
  public List<SystemIndexDescriptor> getSystemIndexDescriptors(Settings settings) {
    return List.of(ModelsIndex.descriptor());
  }

  @Override
  public String getFeatureName() {
    return NAME;
  }

  @Override
  public String getFeatureDescription() {
    return "Models that turn text into vectors";
  }

  @Override
  public void cleanUpFeature(
      ClusterService clusterService,
      ProjectResolver projectResolver,
      Client client,
      TimeValue masterNodeTimeout,
      ActionListener<ResetFeatureStateStatus> listener) {
    updates.submit(
        "reset",
        new AcknowledgedRequest.Plain(masterNodeTimeout, masterNodeTimeout),
        SemluxMetadata::withoutModels,
        listener.delegateFailureAndWrap(
            (l, forgotten) ->
                SystemIndexPlugin.super.cleanUpFeature(
                    clusterService, projectResolver, client, masterNodeTimeout, l)));
  }
}
