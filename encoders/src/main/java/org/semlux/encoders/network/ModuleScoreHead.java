package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * The head of a cross-encoder that sentence-transformers saves as modules: {@link PooledModules}
 * whose last {@code Dense} gives the scores.
 */
final class ModuleScoreHead implements ScoreHead {
  private static final String ENCODE =
      """
        def activate(self: __torch__.Program, x: Tensor) -> Tensor:
          return %s

        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          raw = (self).vectors(tokens, sequences, groups, w)
          scores = torch.slice((self).activate((self).fill(raw)), 0, 0, torch.size(raw, 0))
          return torch.cat([scores, raw], 1)
      """;

  private final PooledModules modules;
  private final List<String> labels;
  private final String activation;

  ModuleScoreHead(ModelFolder folder, Network network) throws IOException {
    modules = PooledModules.of(folder, network);
    if (!modules.output().equals(RowModules.SCORES)) {
      throw ModelException.of(
          folder.name(),
          "it is a cross-encoder of modules, of which the last one gives no scores: expected a Dense"
              + " with module_output_name "
              + RowModules.SCORES);
    }
    labels = ScoreHead.labels(folder, modules.width());
    activation = ScoreHead.activated(folder, labels.size());
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    modules.addTo(text, firstWeight);
    text.append(ENCODE.formatted(activation));
  }

  @Override
  public void addTo(WeightList weights) throws IOException {
    modules.addTo(weights);
  }
}
