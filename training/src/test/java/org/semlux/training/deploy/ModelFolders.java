package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Folders with the files of a model, to be moved about and not to be run. */
public final class ModelFolders {
  private ModelFolders() {}

  /** A folder whose weights alone are so large. */
  public static Path of(Path folder, int bytes) throws IOException {
    byte[] weights = safetensors(bytes);
    Files.createDirectories(folder.resolve("1_Pooling"));
    Files.createDirectories(folder.resolve("checkpoint-10"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"bert\"}");
    Files.writeString(folder.resolve("modules.json"), "[{\"path\":\"\"},{\"path\":\"1_Pooling\"}]");
    Files.writeString(folder.resolve("1_Pooling/config.json"), "{}");
    Files.writeString(folder.resolve("README.md"), "# A model");
    Files.writeString(folder.resolve("expected.json"), "{}");
    Files.writeString(folder.resolve("training_log.jsonl"), "{}");
    Files.write(folder.resolve("checkpoint-10/model.safetensors"), weights);
    Files.write(folder.resolve("pytorch_model.bin"), weights);
    Files.write(folder.resolve("model.safetensors"), weights);
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    return folder;
  }

  /** One tensor of random bytes. */
  public static byte[] safetensors(int bytes) {
    String header =
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[%1$s],\"data_offsets\":[0,%1$s]}}".formatted(bytes);
    byte[] numbers = new byte[bytes];
    new Random(3).nextBytes(numbers);
    return ByteBuffer.allocate(Long.BYTES + header.length() + bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length())
        .put(header.getBytes(US_ASCII))
        .put(numbers)
        .array();
  }
}
