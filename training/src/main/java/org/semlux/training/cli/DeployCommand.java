package org.semlux.training.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.Calibration;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.adapt.AdaptationReport;
import org.semlux.training.data.DataFile;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.Manifest;
import org.semlux.training.deploy.ModelUpload;
import org.semlux.training.folder.Adapters;
import org.semlux.training.folder.ModelCheck;
import org.semlux.training.run.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code semlux deploy}: a model folder into a cluster. */
@Command(
    name = "deploy",
    description = {
      "Uploads a model into an Elasticsearch cluster and has its nodes load it.",
      "",
      "An upload that was broken off goes on where it stopped when the command is run again. Prints"
          + " what the cluster says of the model as one JSON object.",
      ""
    },
    footer = {
      "",
      "The environment variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name the way to the"
          + " cluster.",
      "",
      "Examples:",
      "  semlux deploy models/minilm --to http://localhost:9200 --id all-minilm-l6-v2",
      "  semlux deploy models/minilm --to https://node1:9200 --id all-minilm-l6-v2 \\",
      "      --api-key-env SEARCH_API_KEY --replace",
      "  semlux deploy models/minilm-2 --to http://localhost:9200 --id minilm-2 --alias minilm",
      "  semlux deploy models/adapted --to http://localhost:9200 --id adapted --alias minilm \\",
      "      --require 'ndcg@10 >= base + .01'"
    })
final class DeployCommand implements Callable<Integer> {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

  @Spec CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The model folder.")
  Path folder;

  @Option(
      names = "--id",
      paramLabel = "ID",
      required = true,
      description =
          "What the model is called in the cluster: lower-case letters, digits, '.', '_' and '-',"
              + " of which the first is a letter or a digit.")
  String id;

  @Mixin TargetCluster target;

  @Option(
      names = "--dry-run",
      description =
          "Check the folder, ask the cluster what the id holds, say what would be sent, and send"
              + " nothing.")
  boolean dryRun;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "auto",
      description = "What the nodes compute in: bfloat16, float32, int8 or auto.")
  Precision precision;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = {
        ModelOptions.CALIBRATION,
        "It travels with the model as its calibration.txt, so that every node rounds alike."
      })
  Optional<Path> calibration;

  @Option(
      names = "--replace",
      description =
          "Delete another model that the id holds, instead of failing, once the new one has been"
              + " loaded here; not one that an alias, a pipeline, a template or a mapping names. Until"
              + " the new one is up the id answers nothing: --alias moves searches without a gap.")
  boolean replace;

  @Option(
      names = "--alias",
      paramLabel = "ALIAS",
      description = {
        "Point this name to the model once the nodes have loaded it. Pipelines and searches that"
            + " name the alias change models with it; what is in an index already stays as the"
            + " former model made it until _reencode."
      })
  Optional<String> alias;

  @Option(
      names = "--require",
      paramLabel = "TEXT",
      description = {
        "Do nothing unless a report says so: \"ndcg@10 >= base + .01\". The mean must be that much"
            + " better, and the 95 percent interval above 0; with \"base - .005\" no more may be lost."
            + " With --alias the base must be what the alias stands for now, with --replace alone what"
            + " the id holds."
      })
  Optional<String> require;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "The report, of adapt or compare (default: adaptation.json in the model's folder).")
  Optional<Path> report;

  @Option(names = "--no-wait", description = "Return before the nodes have loaded the model.")
  boolean noWait;

  @Option(
      names = "--timeout",
      paramLabel = "T",
      defaultValue = "5m",
      converter = DurationConverter.class,
      description = "How long to wait for the nodes, such as 90s, 5m or 1h.")
  Duration timeout;

  @Override
  public Integer call() throws IOException {
    checkOptions();
    EncoderOptions options = EncoderOptions.defaults().withPrecision(precision);
    if (calibration.isPresent()) { // better refused here than by the nodes
      DataFile.requireLasting(calibration.get()); // it is hashed and sent too
      options = options.withCalibration(Calibration.read(calibration.get()));
    }
    PrintWriter err = spec.commandLine().getErr();
    Cluster cluster = target.open();
    Optional<DeployGate> gate = gate();
    long size = Manifest.size(folder);
    ModelCheck.of(folder); // what no node can load is not sent
    AssumedPooling.tell(ModelFolder.open(folder), err);
    Adapters.leftOut(folder).ifPresent(err::println);
    Manifest manifest;
    try (Progress progress = progress("Hashing", size)) {
      manifest = Manifest.of(folder, precision, calibration, progress::step);
    }
    ModelUpload model = new ModelUpload(cluster, id);
    ModelUpload.Replacing replacing = held -> {};
    if (gate.isPresent()) {
      gate.get().requireSame(folder, manifest);
      Optional<JsonObject> live = alias.isPresent() ? model.aliased(alias.get()) : Optional.empty();
      if (live.isPresent()) {
        requireBase(gate.get(), live.get(), manifest);
      } else if (replace) {
        replacing = held -> gate.get().requireBase("the id [" + id + "] holds", held, manifest);
        Optional<JsonObject> held = model.held();
        if (held.isPresent()) {
          replacing.check(held.get());
        }
      }
      err.println("Required and so: " + gate.get().check());
    }
    boolean replaces = model.replaces(manifest, replace);
    if (dryRun) {
      print(plan(manifest, model));
      return 0;
    }
    if (replaces) {
      // The other is deleted first: what nodes would not load must not cost it.
      err.println("Loading it here, before it takes the place of what [" + id + "] holds");
      Encoder.load(folder, options).close();
    }
    model.announce(manifest, replace, replacing); // another may have come while it was loaded
    try (Progress progress = progress("Uploading", manifest.size())) {
      model.upload(manifest, progress::step);
    }
    err.println(noWait ? "Deploying" : "Deploying: waiting for the nodes to load the model");
    JsonObject state = noWait ? model.deploy() : model.deployAndWait(timeout);
    if (alias.isPresent()) {
      Optional<JsonObject> former = model.aliased(alias.get());
      if (gate.isPresent() && former.isPresent()) { // it may have moved while the nodes loaded it
        requireBase(gate.get(), former.get(), manifest);
      }
      model.alias(alias.get());
      err.println("The alias [" + alias.get() + "] stands for [" + id + "]");
      former
          .map(before -> before.get("id").getAsString())
          .filter(before -> !before.equals(id))
          .ifPresent(
              before ->
                  err.printf(
                      "Back: PUT /_semlux/aliases/%s {\"model_id\":\"%s\"}%n",
                      alias.get(), before));
    }
    print(state);
    return 0;
  }

  private void requireBase(DeployGate gate, JsonObject live, Manifest manifest) throws IOException {
    gate.requireBase("the alias [" + alias.orElseThrow() + "] stands for", live, manifest);
  }

  private JsonObject plan(Manifest manifest, ModelUpload model) throws IOException {
    JsonObject plan = new JsonObject();
    plan.addProperty("dry_run", true);
    plan.addProperty("id", id);
    plan.addProperty("files", manifest.files());
    plan.addProperty("size_in_bytes", manifest.size());
    plan.addProperty("parts", manifest.parts());
    model.state().ifPresent(state -> plan.addProperty("id_holds_a_model", state));
    return plan;
  }

  private void print(JsonObject answer) {
    spec.commandLine().getOut().println(answer);
    spec.commandLine().getOut().flush();
  }

  private Optional<DeployGate> gate() throws IOException {
    return require.isEmpty()
        ? Optional.empty()
        : Optional.of(
            DeployGate.open(require.get(), report.orElse(folder.resolve(AdaptationReport.FILE))));
  }

  private Progress progress(String task, long bytes) {
    return new Progress(spec.commandLine().getErr(), task, Progress.Unit.MEGABYTES, bytes);
  }

  private void checkOptions() {
    checkName("--id", id);
    alias.ifPresent(name -> checkName("--alias", name));
    GivenOptions given = new GivenOptions(spec);
    given.require(
        alias.isEmpty() || !noWait, "--alias needs a model that is loaded: leave out --no-wait");
    given.require(
        !noWait || !given.has("--timeout"), "--timeout says how long to wait: leave out --no-wait");
    given.require(
        report.isEmpty() || require.isPresent(),
        "--report changes nothing without --require, which says what it must hold");
    given.require(
        calibration.isEmpty() || precision == Precision.INT8, ModelOptions.CALIBRATION_OF_INT8);
  }

  private void checkName(String option, String name) {
    var unused = name(spec, option, name);
  }

  /** A model's or an alias's name that can be one. */
  static String name(CommandSpec spec, String option, String name) {
    new GivenOptions(spec)
        .require(
            ID.matcher(name).matches(), option + " [" + name + "] does not match " + ID.pattern());
    return name;
  }
}
