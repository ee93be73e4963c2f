package org.semlux.encoders.folder;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;

/** What kind of encoder a folder holds: what it says, or what its modules and its network tell. */
final class FolderKind {
  private static final Set<String> SPARSE = Set.of("SpladePooling", "SparseStaticEmbedding");

  private FolderKind() {}

  static EncoderKind of(ModelFolder folder) throws IOException {
    JsonFile settings = folder.storedSettings();
    return switch (settings.getString("model_type", "")) {
      case "SentenceTransformer" -> EncoderKind.DENSE;
      case "SparseEncoder" -> EncoderKind.SPARSE;
      case "CrossEncoder" -> EncoderKind.CROSS;
      case "MultiVectorEncoder", "ColBERT" -> EncoderKind.MULTI_VECTOR;
      case "" -> ofModules(folder);
      default ->
          throw ModelException.of(
              folder.name(),
              "it is a ["
                  + ModelException.brief(settings.requireString("model_type"))
                  + "], supported are SentenceTransformer, SparseEncoder, CrossEncoder and"
                  + " MultiVectorEncoder");
    };
  }

  /** Of a folder that does not say it, as releases before 5 wrote them: its modules decide. */
  private static EncoderKind ofModules(ModelFolder folder) throws IOException {
    List<ModelFolder.Module> modules = folder.modules();
    if (Router.isRouter(modules.get(0))) {
      return ofModules(Router.of(folder).routes().values().iterator().next());
    }
    if (modules.stream().anyMatch(module -> SPARSE.contains(module.type()))) {
      return EncoderKind.SPARSE;
    }
    if (LateInteraction.isIn(folder)) {
      return EncoderKind.MULTI_VECTOR;
    }
    if (modules.size() > 1) {
      return EncoderKind.DENSE;
    }
    String architecture = architecture(modules.get(0));
    if (architecture.endsWith("ForSequenceClassification")) {
      return EncoderKind.CROSS;
    }
    return architecture.endsWith("ForMaskedLM") ? EncoderKind.SPARSE : EncoderKind.DENSE;
  }

  private static String architecture(ModelFolder.Module network) throws IOException {
    JsonFile config = network.config("config.json");
    List<String> names =
        config.has("architectures") ? config.requireStrings("architectures") : List.of();
    return names.isEmpty() ? "" : names.get(0);
  }
}
