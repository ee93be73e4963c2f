package org.semlux.encoders.network;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.program.WeightReader;

/**
 * The head of a language model that answers yes or no: how much likelier the one token is to come
 * next than the other. Of the decoder only their two rows are read. It serves, and is not trained.
 */
final class LogitScoreHead implements ScoreHead {
  /** What sentence-transformers calls the module. */
  static final String MODULE = "LogitScore";

  private static final String ROWS = "decoder rows";

  private static final String ENCODE =
      """
        def activate(self: __torch__.Program, x: Tensor) -> Tensor:
          return ${final_activation}

        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          plan = (self).plan(torch.select(sequences, 0, 0), groups)
          states = ${states}  # [sequences, hidden]
          logits = (self).product((self).fill(states), ${w.decoder})  # [sequences filled up, 1 or 2]
          raw = ${raw}
          return torch.slice(torch.cat([(self).activate(raw), raw], 1), 0, 0, torch.size(states, 0))
      """;

  private final ModelFolder folder;
  private final Network network;
  private final int yes;
  private final OptionalInt no;
  private final String activation;

  LogitScoreHead(ModelFolder folder, Network network) throws IOException {
    this.folder = folder;
    this.network = network;
    String model = folder.name();
    if (network.maskedLanguageHead().isPresent()) {
      throw ModelException.of(
          model, "a LogitScore reads a causal language model, this network is none");
    }
    if (folder.modules().get(0).config("config.json").has("final_logit_softcapping")) {
      throw ModelException.of(
          model, "final_logit_softcapping is set, which a LogitScore does not compute");
    }
    List<Module> modules = folder.modules().subList(network.modules(), folder.modules().size());
    if (modules.size() != 1) {
      throw ModelException.of(
          model,
          "a LogitScore stands alone behind the network, after this one come "
              + modules.stream().map(Module::type).toList());
    }
    JsonFile config =
        modules
            .get(0)
            .config("config.json", Set.of("true_token_id", "false_token_id", "module_input_name"));
    yes = config.requireInt("true_token_id", 0, network.vocabularySize() - 1);
    no =
        config.has("false_token_id")
            ? OptionalInt.of(config.requireInt("false_token_id", 0, network.vocabularySize() - 1))
            : OptionalInt.empty();
    activation = ScoreHead.activated(folder, 1);
  }

  @Override
  public List<String> labels() {
    return List.of("LABEL_0");
  }

  @Override
  public boolean trains() {
    return false;
  }

  private NamedWeights weights() {
    int rows = no.isPresent() ? 2 : 1;
    return new NamedWeights().unpacked("decoder", ROWS, rows, network.hidden(), false);
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    Pooling last = Pooling.of(folder.name(), "lasttoken");
    Map<String, Object> constants = new HashMap<>(weights().constants(firstWeight));
    constants.put("final_activation", activation);
    constants.put("states", last.statesOf(network));
    constants.put(
        "raw",
        no.isPresent()
            ? "torch.sub(torch.slice(logits, 1, 0, 1), torch.slice(logits, 1, 1, 2))"
            : "logits");
    text.add("pooling", Map.of("modes", last.expression())).append(ENCODE, constants);
  }

  @Override
  public void addTo(WeightList weights) throws IOException {
    weights.add(weights().parameters(), rows(), "");
  }

  /** The decoder's rows, which are the word embedding's where none is stored. */
  private TensorSource rows() throws IOException {
    TensorSource source = folder.weights(folder.modules().get(0));
    String words = network.parameters().get(0).names().get(0);
    StoredTensor decoder =
        source
            .find("lm_head.weight")
            .or(() -> WeightReader.stored(words, source, network.prefix()))
            .orElseThrow(
                () -> ModelException.of(folder.name(), "weight lm_head.weight is missing"));
    if (decoder.shape().length != 2
        || decoder.shape()[0] != network.vocabularySize()
        || decoder.shape()[1] != network.hidden()) {
      throw ModelException.of(
          folder.name(), "weight " + decoder.name() + " is no decoder onto the vocabulary");
    }
    int hidden = network.hidden();
    float[] numbers = new float[(no.isPresent() ? 2 : 1) * hidden];
    System.arraycopy(decoder.rows(yes, yes + 1L).toFloats(), 0, numbers, 0, hidden);
    no.ifPresent(
        id -> System.arraycopy(decoder.rows(id, id + 1L).toFloats(), 0, numbers, hidden, hidden));
    String name = ROWS + ".weight";
    StoredTensor rows = StoredTensor.ofFloats(name, numbers, numbers.length / hidden, hidden);
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return Set.of(name);
      }

      @Override
      public Optional<StoredTensor> find(String wanted) {
        return wanted.equals(name) ? Optional.of(rows) : Optional.empty();
      }
    };
  }
}
