package org.semlux.encoders.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.Int8Form;
import org.semlux.encoders.program.ObservedForm;
import org.semlux.encoders.program.ProductForm;

/** A node's jar holds no program fragment that it never compiles: training's are with training. */
class ServedFragmentsTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");
  private static final Path FRAGMENTS = Path.of("src/main/resources/org/semlux/encoders/program");

  /** For CPUs that lack oneDNN's products. */
  private static final Set<String> ELSEWHERE = Set.of("integers-plain", "products-plain");

  @Test
  void everyFragmentIsPartOfAModelThatIsServed() throws IOException {
    String served = String.join("\n", programs());
    Set<String> unused = new TreeSet<>();
    for (Path file : list(FRAGMENTS)) {
      String name = file.getFileName().toString().replace(".torchscript", "");
      if (!ELSEWHERE.contains(name) && !asFilledIn(file).matcher(served).find()) {
        unused.add(name);
      }
    }
    assertThat(unused).isEmpty();
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** A fragment with anything in the places of a model's constants. */
  private static Pattern asFilledIn(Path file) throws IOException {
    return Pattern.compile(
        Stream.of(Files.readString(file, UTF_8).split("\\$\\{[\\w.]+}", -1))
            .map(Pattern::quote)
            .collect(joining("[^\n]*?")));
  }

  private static List<String> programs() throws IOException {
    List<String> programs = new ArrayList<>();
    for (Path golden : list(GOLDENS)) {
      if (!Files.isRegularFile(golden.resolve("expected.json"))) {
        continue;
      }
      for (ModelFolder folder : Router.of(ModelFolder.open(golden)).routes().values()) {
        if (folder.modules().get(0).type().equals("SparseStaticEmbedding")) {
          continue; // looks terms up
        }
        Network network = Networks.of(folder);
        Head head = Head.of(folder, network);
        for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16, Precision.INT8)) {
          ProductForm form =
              switch (precision) {
                case INT8 -> new Int8Form(new ObservedForm());
                case FLOAT32 -> new ObservedForm(); // what int8 is made by
                default -> ProductForm.PACKED;
              };
          programs.add(LoadedModel.text(network, head, precision, form).toString());
        }
      }
    }
    return programs;
  }
}
