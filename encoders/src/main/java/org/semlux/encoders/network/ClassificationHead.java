package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * The head of a sequence classifier: one state a text, a layer, one product and the activation that
 * the folder stores.
 */
final class ClassificationHead implements ScoreHead {
  /** What an architecture calls the layer before the last product, and that product. */
  private enum Names {
    BERT("pooler.dense", "classifier"),
    DISTILBERT("pre_classifier", "classifier"),
    ROBERTA("classifier.dense", "classifier.out_proj"),
    MODERNBERT("head.dense", "classifier");

    private final String dense;
    private final String out;

    Names(String dense, String out) {
      this.dense = dense;
      this.out = out;
    }
  }

  private static final Map<String, Names> BY_TYPE =
      new TreeMap<>(
          Map.of(
              "bert", Names.BERT,
              "distilbert", Names.DISTILBERT,
              "roberta", Names.ROBERTA,
              "xlm-roberta", Names.ROBERTA,
              "camembert", Names.ROBERTA,
              "mpnet", Names.ROBERTA,
              "modernbert", Names.MODERNBERT));

  private final ModelFolder folder;
  private final Network network;
  private final HeadTransform transform;
  private final List<Parameter> out;
  private final Pooling pooling;
  private final List<String> labels;
  private final String activation;
  private final double firstDropout;
  private final double lastDropout;

  ClassificationHead(ModelFolder folder, JsonFile config, Network network) throws IOException {
    this.folder = folder;
    String model = folder.name();
    String type = config.requireString("model_type");
    Names names = BY_TYPE.get(type);
    if (names == null) {
      throw ModelException.of(
          model,
          "architecture ["
              + ModelException.brief(type)
              + "] scores no pairs, those that do are "
              + BY_TYPE.keySet());
    }
    this.network = network;
    transform = transform(model, config, names, network.hidden());
    labels = ScoreHead.labels(config, size(model, config));
    out =
        List.of(
            Parameter.plain(names.out + ".weight", labels.size(), network.hidden()),
            Parameter.plain(names.out + ".bias", labels.size()));
    pooling =
        Pooling.of(
            model,
            names == Names.MODERNBERT ? config.getString("classifier_pooling", "cls") : "cls");
    activation =
        Activation.ofClass(
            model, "the cross-encoder", ScoreHead.activation(folder, labels.size()), "x");
    lastDropout = lastDropout(config, type, names);
    firstDropout = names == Names.ROBERTA ? lastDropout : 0;
  }

  private static HeadTransform transform(String model, JsonFile config, Names names, int hidden)
      throws IOException {
    if (names == Names.MODERNBERT) {
      Activation activation =
          Activation.of(model, config.getString("classifier_activation", "gelu"));
      boolean bias = config.getBoolean("classifier_bias", false);
      return new HeadTransform(hidden, names.dense, bias, activation)
          .withNorm(
              "head.norm",
              config.getBoolean("norm_bias", false),
              config.getDouble("norm_eps", 1e-5));
    }
    Activation activation = names == Names.DISTILBERT ? Activation.RELU : Activation.TANH;
    return new HeadTransform(hidden, names.dense, true, activation);
  }

  /** How many {@code id2label} names; like the reference, two where a classifier says nothing. */
  private static int size(String model, JsonFile config) throws IOException {
    int counted = config.getInt("num_labels", 2, 1, SizeLimits.KINDS);
    Optional<JsonFile> names = config.getObject("id2label");
    int size = names.isPresent() ? names.get().object().size() : counted;
    if (size < 1 || size > SizeLimits.KINDS) {
      throw ModelException.of(
          model,
          "its id2label has %d labels, 1 to %d are possible".formatted(size, SizeLimits.KINDS));
    }
    return size;
  }

  private static double lastDropout(JsonFile config, String type, Names names) throws IOException {
    return switch (names) {
      case DISTILBERT -> config.getDouble("seq_classif_dropout", 0.2);
      case MODERNBERT -> config.getDouble("classifier_dropout", 0);
      case BERT, ROBERTA -> {
        double hidden = config.getDouble("hidden_dropout_prob", 0.1);
        yield type.equals("mpnet") ? hidden : config.getDouble("classifier_dropout", hidden);
      }
    };
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    text.add("pooling", Map.of("modes", pooling.expression()));
    transform.addTo(text, firstWeight);
    text.add(
        "classifier",
        Map.of(
            "states",
            pooling.statesOf(network),
            "final_activation",
            activation,
            "first_dropout",
            firstDropout,
            "last_dropout",
            lastDropout,
            "out",
            firstWeight + transform.parameters().size()));
  }

  @Override
  public void addTo(WeightList weights) throws IOException {
    weights.add(transform.parameters(), folder.weights(folder.modules().get(0)), network.prefix());
    weights.add(out, folder.weights(folder.modules().get(0)), network.prefix());
  }
}
