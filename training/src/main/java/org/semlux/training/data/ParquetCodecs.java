package org.semlux.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;

/**
 * What Parquet's pages are read with: the library's own codecs, and gzip, which it has of Hadoop.
 */
final class ParquetCodecs implements CompressionCodecFactory {
  /** Those that are read; all others need Hadoop. */
  static final Set<CompressionCodecName> READ =
      Set.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.ZSTD,
          CompressionCodecName.GZIP);

  private final CompressionCodecFactory others = HadoopCodecs.newFactory(0);

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return others.getCompressor(codec);
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return codec == CompressionCodecName.GZIP ? new Gunzip() : others.getDecompressor(codec);
  }

  @Override
  public void release() {
    others.release();
  }

  private static final class Gunzip implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput bytes, int size) throws IOException {
      return BytesInput.from(content(bytes, size));
    }

    @Override
    public void decompress(ByteBuffer bytes, int length, ByteBuffer content, int size)
        throws IOException {
      content.put(content(BytesInput.from(bytes.slice().limit(length)), size));
    }

    private static byte[] content(BytesInput bytes, int size) throws IOException {
      try (InputStream content = new GZIPInputStream(bytes.toInputStream())) {
        return content.readNBytes(size);
      }
    }

    @Override
    public void release() {
      // Nothing is held between pages.
    }
  }
}
