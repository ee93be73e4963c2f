package org.semlux.encoders.network;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * The head of a sequence classifier: one state a text, a layer, one product and the activation that
 * the folder stores.
 */
final class ClassificationHead implements ScoreHead {
  private static final String TRANSFORMED =
      "(self).transform((self).fill((self).dropout(states, %s, w)), w)";

  private static final String LATE =
      """
        def transform_tokens(self: __torch__.Program, tokens: Tensor, groups: List[int], plan: List[Tensor], w: List[Tensor]) -> Tensor:
          states = torch.to((self).body(tokens, groups, plan, w), ${float32})
          return torch.slice((self).transform((self).fill(states), w), 0, 0, torch.size(states, 0))

      """;

  private final ModelFolder folder;
  private final Network network;
  private final Classifier classifier;
  private final HeadTransform transform;
  private final Pooling pooling;
  private final List<String> labels;
  private final String activation;

  ClassificationHead(ModelFolder folder, JsonFile config, Network network) throws IOException {
    this.folder = folder;
    String model = folder.name();
    classifier =
        network
            .classifier()
            .orElseThrow(
                () ->
                    ModelException.of(
                        model, "its architecture scores no pairs: it has no known classifier"));
    this.network = network;
    transform = new HeadTransform(classifier.layer(), network.hidden());
    labels = ScoreHead.labels(config, size(model, config));
    pooling = Pooling.of(model, classifier.pooling());
    activation = ScoreHead.activated(folder, labels.size());
  }

  /** How many {@code id2label} names; like the reference, two where a classifier says nothing. */
  private static int size(String model, JsonFile config) throws IOException {
    int counted = config.getInt("num_labels", 2, 1, SizeLimits.KINDS);
    Optional<JsonFile> names = config.getObject("id2label");
    int size = names.isPresent() ? names.get().object().size() : counted;
    if (size < 1 || size > SizeLimits.KINDS) {
      throw ModelException.of(
          model,
          "its id2label has %s labels, 1 to %s are possible".formatted(size, SizeLimits.KINDS));
    }
    return size;
  }

  private NamedWeights out() {
    return new NamedWeights()
        .unpacked("head_out", classifier.out(), labels.size(), network.hidden(), classifier.bias());
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    text.add("pooling", Map.of("modes", pooling.expression()));
    transform.addTo(text, firstWeight);
    if (classifier.late()) {
      text.append(LATE, Map.of());
    }
    Map<String, Object> constants =
        new HashMap<>(out().constants(firstWeight + transform.parameters().size()));
    constants.put("states", states());
    constants.put("final_activation", activation);
    constants.put(
        "transformed",
        classifier.layer().isPresent() && !classifier.late()
            ? TRANSFORMED.formatted(classifier.firstDropout())
            : "states");
    constants.put("last_dropout", classifier.lastDropout());
    text.add("classifier", constants);
  }

  private String states() {
    return classifier.late()
        ? "(self).pool((self).transform_tokens(tokens, groups, plan, w), sequences, groups, plan)"
        : pooling.statesOf(network, classifier.padding());
  }

  @Override
  public void addTo(WeightList weights) throws IOException {
    TensorSource source = folder.weights(folder.modules().get(0));
    weights.add(transform.parameters(), source, network.prefix());
    weights.add(out().parameters(), source, network.prefix());
  }
}
