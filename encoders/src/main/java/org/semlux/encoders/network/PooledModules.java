package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * The modules behind a network that make one row of a text's token states: pooling, then any {@link
 * RowModules}. The program method is {@code vectors(tokens [3, tokens], sequences [3, sequences],
 * groups, w) -> [sequences, width]}.
 */
final class PooledModules {
  private final ModelFolder folder;
  private final Network network;
  private Pooling pooling;
  private RowModules rows;

  private PooledModules(ModelFolder folder, Network network) throws IOException {
    this.folder = folder;
    this.network = network;
    this.pooling = Pooling.byDefault(folder);
    this.rows = new RowModules(folder, RowModules.EMBEDDING, network.hidden());
  }

  /**
   * Reads the modules behind a network; the default pooling where the folder names none.
   *
   * @throws ModelException when one is unknown, asks for what is not supported, or its width is not
   *     that of the one before
   */
  static PooledModules of(ModelFolder folder, Network network) throws IOException {
    PooledModules modules = new PooledModules(folder, network);
    List<Module> all = folder.modules();
    for (Module module : all.subList(network.modules(), all.size())) {
      modules.add(module);
    }
    return modules;
  }

  private void add(Module module) throws IOException {
    if (module.type().equals("Pooling") && !rows.output().equals(RowModules.SCORES)) {
      addPooling(module);
    } else if (!rows.add(module)) {
      throw ModelException.of(
          folder.name(),
          "module ["
              + module.type()
              + "] is not supported after the network, supported are Pooling, Dense, "
              + "LayerNorm, Normalize and Dropout");
    }
  }

  private void addPooling(Module module) throws IOException {
    if (!rows.types().isEmpty()) {
      throw ModelException.of(
          folder.name(), "a Pooling comes after [" + rows.types().get(0) + "], not first");
    }
    pooling = Pooling.of(folder.name(), module.config("config.json", Pooling.KEYS));
    if (network instanceof WordVectors && pooling.modes().contains("cls")) {
      throw ModelException.of(folder.name(), "pooling [cls]: word vectors have no first token");
    }
    int width = network.hidden() * pooling.modes().size();
    rows = new RowModules(folder, RowModules.EMBEDDING, width);
  }

  /** Numbers in a row. */
  int width() {
    return rows.width();
  }

  /** What the last module hands on: {@link RowModules#EMBEDDING} or {@link RowModules#SCORES}. */
  String output() {
    return rows.output();
  }

  Pooling pooling() {
    return pooling;
  }

  /**
   * Adds the method to a program that has the network's.
   *
   * @param firstWeight where these modules' weights begin in the program's list
   */
  void addTo(ProgramText text, int firstWeight) {
    if (!network.pools()) {
      text.add("pooling", Map.of("modes", pooling.expression()));
    }
    text.add("normalize", Map.of());
    text.append(
        (network.pools() ? POOLED : TOKENS.formatted(pooling.statesOf(network)))
            + "    count = torch.size(x, 0)\n    x = (self).fill(x)\n"
            + rows.lines(firstWeight)
            + "    return torch.slice(x, 0, 0, count)\n");
  }

  private static final String TOKENS =
      """
        def vectors(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          plan = (self).plan(torch.select(sequences, 0, 0), groups)
          x = %s
      """;

  private static final String POOLED =
      """
        def vectors(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          x = (self).body(tokens, sequences, w)
      """;

  /** Reads the modules' weights. */
  void addTo(WeightList weights) throws IOException {
    rows.addTo(weights);
  }
}
