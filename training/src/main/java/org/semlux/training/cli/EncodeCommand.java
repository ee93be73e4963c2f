package org.semlux.training.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.training.data.TextLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code semlux encode}: a text a line in, a JSON object a line out. */
@Command(
    name = "encode",
    description = {
      "Turns texts into embeddings or weighted terms.",
      "",
      "Every line of the input is one text: a JSON string if it starts with a quote, else plain text"
          + " as it stands. Every line of the output is one JSON object, in the same order:"
          + " {\"embedding\":[...]} of a dense model, {\"weights\":{\"token\":w,...}} of a sparse"
          + " one, heaviest first, {\"token_embeddings\":[[...],...]} of a multi-vector one.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  semlux encode --model models/minilm --input texts.txt --output vectors.jsonl",
      "  echo 'How do I reset my password?' | \\",
      "      semlux encode --model models/splade --input - --input-type query --top-k 20"
    })
final class EncodeCommand implements Callable<Integer> {
  @Mixin ModelOptions model;
  @Mixin LineOptions stream;

  @Option(
      names = "--input-type",
      paramLabel = "TYPE",
      description =
          "query or document: adds the prompt that the model has for it and takes its route."
              + " Default: none.")
  InputType inputType;

  @Option(
      names = "--prompt-name",
      paramLabel = "N",
      description = "Adds the model's prompt of this name. Default: the model's own choice.")
  String promptName;

  @Mixin TermOptions terms;

  @Override
  public Integer call() throws IOException {
    try (TextLines lines = stream.open(model)) {
      switch (model.kind()) {
        case DENSE, MULTI_VECTOR -> {
          if (terms.given()) {
            throw model.unsuited("--token-ids and the choice of terms are for sparse ones");
          }
        }
        case SPARSE -> {}
        case CROSS -> throw model.unsuited("which scores pairs: use semlux score");
      }
      try (TextEncoder<?> encoder = TextEncoder.load(model.folder, model.options())) {
        answer(lines, encoder);
      }
    }
    return 0;
  }

  private <A extends Encoding> void answer(TextLines lines, TextEncoder<A> encoder)
      throws IOException {
    stream.answer(lines, LineFormat.ofTexts(texts -> encoder.submit(request(texts)), this::append));
  }

  private EncodeRequest request(List<String> texts) {
    EncodeRequest request = EncodeRequest.of(texts).withTerms(terms.sparse());
    request = inputType == null ? request : request.withInputType(inputType);
    return promptName == null ? request : request.withPromptName(promptName);
  }

  private void append(StringBuilder text, Encoding encoding) {
    switch (encoding) {
      case DenseVector vector -> appendEmbedding(text, vector);
      case TermWeights weights -> terms.append(text, weights);
      case TokenVectors vectors -> appendEmbeddings(text, vectors);
    }
  }

  /** Numbers in the fewest digits that read back as the same float32. */
  private static void appendEmbedding(StringBuilder text, DenseVector vector) {
    append(text.append("{\"embedding\":"), vector.values());
    text.append('}');
  }

  private static void appendEmbeddings(StringBuilder text, TokenVectors vectors) {
    text.append("{\"token_embeddings\":[");
    String separator = "";
    for (float[] vector : vectors.vectors()) {
      append(text.append(separator), vector);
      separator = ",";
    }
    text.append("]}");
  }

  private static void append(StringBuilder text, float[] values) {
    text.append('[');
    String separator = "";
    for (float value : values) {
      text.append(separator).append(value);
      separator = ",";
    }
    text.append(']');
  }
}
