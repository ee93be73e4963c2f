package org.semlux.training.train;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Low-rank adaptation, in PEFT's words.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * arguments.lora.loraRank = 16;
 * arguments.lora.loraTargetModules = List.of("query", "value");
 * }
 */
public final class LoraArguments {
  /** Every product of the network. */
  static final String ALL = "all-linear";

  @Option(
      names = "--lora-rank",
      paramLabel = "N",
      description =
          "Learn two narrow matrices beside each product of the network in place of the product"
              + " (LoRA), of so many columns; 0: all weights learn (default: ${DEFAULT-VALUE})."
              + " What stands behind the network learns as a whole, but for a sparse encoder's"
              + " terms. The saved model is an ordinary one.")
  public int loraRank;

  @Option(
      names = "--lora-alpha",
      paramLabel = "R",
      description = "What the two add counts alpha / rank times (default: twice the rank).")
  public Double loraAlpha;

  @Option(
      names = "--lora-target-modules",
      paramLabel = "NAME",
      split = ",",
      description =
          "The last part of the products' names, such as query,value (default: all-linear).")
  public List<String> loraTargetModules = List.of(ALL);

  boolean isAsked() {
    return loraRank > 0;
  }

  /** Whether adapters stand beside the product of a stored tensor. */
  boolean means(String tensor) {
    return loraTargetModules.stream().anyMatch(name -> isCalled(tensor, name));
  }

  /** Whether a tensor's module is meant, by the end of its name or by {@code all-linear}. */
  static boolean isCalled(String tensor, String module) {
    return module.equals(ALL) || ("." + module(tensor)).endsWith("." + module);
  }

  /** A tensor's module, without the path to it. */
  static String lastName(String tensor) {
    String module = module(tensor);
    return module.substring(module.lastIndexOf('.') + 1);
  }

  private static String module(String tensor) {
    return tensor.replaceFirst("\\.weight$", "");
  }

  /** What the product of the two matrices is multiplied with. */
  float scale() {
    return (float) (alpha() / loraRank);
  }

  private double alpha() {
    return loraAlpha == null ? 2.0 * loraRank : loraAlpha;
  }

  void check() {
    TrainingArguments.require(loraRank >= 0, "--lora-rank", loraRank);
    TrainingArguments.require(
        loraAlpha == null || (loraAlpha > 0 && Double.isFinite(loraAlpha)),
        "--lora-alpha",
        loraAlpha);
    if (!isAsked() && (loraAlpha != null || !loraTargetModules.equals(List.of(ALL)))) {
      throw new IllegalArgumentException(
          "--lora-alpha and --lora-target-modules say nothing without --lora-rank");
    }
  }

  void addTo(Map<String, Object> map) {
    if (isAsked()) {
      map.put("lora_rank", loraRank);
      map.put("lora_alpha", alpha());
      map.put("lora_target_modules", String.join(",", loraTargetModules));
    }
  }
}
