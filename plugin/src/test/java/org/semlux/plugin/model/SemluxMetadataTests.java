package org.semlux.plugin.model;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.cluster.Diff;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.io.stream.BytesStreamOutput;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.common.xcontent.ChunkedToXContent;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ChunkedToXContentDiffableSerializationTestCase;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.plugin.SemluxPlugin;

public class SemluxMetadataTests
    extends ChunkedToXContentDiffableSerializationTestCase<Metadata.ProjectCustom> {
  @Override
  protected SemluxMetadata createTestInstance() {
    Map<String, ModelDefinition> models = new TreeMap<>();
    for (int i = randomIntBetween(0, 4); i > 0; i--) {
      String id = RandomModels.id();
      models.put(id, RandomModels.definition(id));
    }
    Map<String, String> aliases = new TreeMap<>();
    for (String id : models.keySet()) {
      if (randomBoolean()) {
        aliases.put("alias-" + RandomModels.id(), id);
      }
    }
    return new SemluxMetadata(randomLongBetween(0, 1L << 40), models.values(), aliases);
  }

  @Override
  protected SemluxMetadata mutateInstance(Metadata.ProjectCustom instance) {
    SemluxMetadata metadata = (SemluxMetadata) instance;
    if (randomBoolean()) {
      return metadata.aliases().isEmpty()
          ? metadata.withAlias("another", "model")
          : metadata.withoutAlias(randomFrom(metadata.aliases().keySet()));
    }
    if (randomBoolean() && !metadata.models().isEmpty()) {
      return metadata.without(randomFrom(metadata.models().keySet()));
    }
    return metadata.put("another", RandomModels.manifest(), 1);
  }

  @Override
  protected Metadata.ProjectCustom makeTestChanges(Metadata.ProjectCustom instance) {
    return randomBoolean() ? instance : mutateInstance(instance);
  }

  @Override
  protected Writeable.Reader<Metadata.ProjectCustom> instanceReader() {
    return SemluxMetadata::new;
  }

  @Override
  protected Writeable.Reader<Diff<Metadata.ProjectCustom>> diffReader() {
    return SemluxMetadata::readDiffFrom;
  }

  @Override
  protected NamedWriteableRegistry getNamedWriteableRegistry() {
    return new NamedWriteableRegistry(new SemluxPlugin().getNamedWriteables());
  }

  @Override
  protected Metadata.ProjectCustom doParseInstance(XContentParser parser) throws IOException {
    return SemluxMetadata.fromXContent(parser);
  }

  @Override
  protected boolean supportsUnknownFields() {
    return true;
  }

  /** Every name among the aliases is one. */
  @Override
  protected Predicate<String> getRandomFieldsExcludeFilter() {
    return field -> field.equals("aliases");
  }

  public void testGenerationsAreNeverUsedTwice() {
    SemluxMetadata one = SemluxMetadata.EMPTY.put("a", RandomModels.manifest(), 0);
    SemluxMetadata two = one.without("a").put("a", RandomModels.manifest(), 0);
    assertEquals(1, one.require("a").generation());
    assertEquals(2, two.require("a").generation());
    assertFalse(one.require("a").sameUpload(two.require("a")));
    // Nor after all was forgotten.
    SemluxMetadata later = SemluxMetadata.EMPTY.put("a", RandomModels.manifest(), 1_000);
    assertEquals(1_000, later.require("a").generation());
  }

  public void testAClusterKeepsSoManyModelsAndAliases() {
    ModelManifest manifest = RandomModels.manifest();
    SemluxMetadata full = SemluxMetadata.EMPTY;
    for (int i = 0; i < SemluxMetadata.MAX_MODELS; i++) {
      full = full.put("m" + i, manifest, 0).withAlias("a" + i, "m0");
    }
    SemluxMetadata most = full;
    var model =
        expectThrows(ElasticsearchStatusException.class, () -> most.put("more", manifest, 0));
    assertEquals(
        "model [more] would be one more than the 1000 that a cluster keeps: delete one that nobody"
            + " needs",
        model.getMessage());
    assertEquals(RestStatus.BAD_REQUEST, model.status());
    var alias =
        expectThrows(ElasticsearchStatusException.class, () -> most.withAlias("more", "m1"));
    assertThat(alias.getMessage(), containsString("alias [more] would be one more than the 1000"));
    assertEquals("m1", most.withAlias("a7", "m1").resolve("a7"));
    assertEquals(1_000, most.put("m7", manifest, 0).models().size());
    assertEquals(1_000, most.without("m7").put("more", manifest, 0).models().size());
    assertEquals("m1", most.withoutAlias("a7").withAlias("more", "m1").resolve("more"));
  }

  public void testDeployingKeepsTheUpload() {
    SemluxMetadata put = SemluxMetadata.EMPTY.put("a", RandomModels.manifest(), 0);
    SemluxMetadata deployed = put.with(put.require("a").withDeployed(true));
    assertTrue(deployed.require("a").deployed());
    assertTrue(deployed.require("a").sameUpload(put.require("a")));
    assertFalse(put.require("a").deployed());
  }

  public void testDeployingAgainIsAnotherTry() {
    SemluxMetadata put = SemluxMetadata.EMPTY.put("a", RandomModels.manifest(), 0);
    ModelDefinition once = put.require("a").withDeployed(true);
    assertEquals(1, once.deployments());
    assertEquals(1, once.withDeployed(false).deployments());
    assertEquals(2, once.withDeployed(true).deployments());
  }

  /** And written, where it tells nothing that is new: former builds may read it. */
  public void testStateOfFormerFormatsIsRead() throws IOException {
    ModelDefinition model = RandomModels.definition("a").withDeployed(true);
    for (int format : new int[] {2, 3}) {
      BytesStreamOutput out = new BytesStreamOutput();
      out.writeVInt(format);
      out.writeVLong(3);
      out.writeVInt(1);
      out.writeString("a");
      out.writeVLong(model.generation());
      out.writeVLong(model.createdMillis());
      out.writeBoolean(true);
      if (format == 3) {
        out.writeVLong(7);
      }
      model.manifest().writeTo(out);
      out.writeMap(Map.of("b", "a"), StreamOutput::writeString);
      SemluxMetadata read = new SemluxMetadata(out.bytes().streamInput());
      assertEquals(format == 3 ? 7 : 0, read.require("a").deployments());
      assertFalse(read.require("a").deleting());
      assertEquals(model.manifest(), read.require("a").manifest());
      assertEquals("a", read.resolve("b"));
      if (format == 3) {
        assertEquals(out.bytes(), bytes(read));
        assertThat(
            Strings.toString(ChunkedToXContent.wrapAsToXContent(read)),
            containsString("\"format\":3"));
      }
      SemluxMetadata deleting = read.with(read.require("a").withDeleting());
      assertEquals(4, bytes(deleting).streamInput().readVInt());
      assertThat(
          Strings.toString(ChunkedToXContent.wrapAsToXContent(deleting)),
          containsString("\"format\":4"));
    }
  }

  private static BytesReference bytes(SemluxMetadata metadata) throws IOException {
    BytesStreamOutput out = new BytesStreamOutput();
    metadata.writeTo(out);
    return out.bytes();
  }

  public void testAliasesStandForTheirModel() {
    SemluxMetadata put = SemluxMetadata.EMPTY.put("a", RandomModels.manifest(), 0);
    SemluxMetadata named = put.withAlias("y", "a").withAlias("x", "a").withAlias("z", "b");
    assertEquals("a", named.resolve("x"));
    assertEquals("a", named.resolve("a"));
    assertEquals("none", named.resolve("none"));
    assertEquals(List.of("x", "y"), named.aliasesOf("a"));
    assertEquals(List.of("y"), named.withAlias("x", "b").aliasesOf("a"));
    assertEquals(List.of("y"), named.withoutAlias("x").aliasesOf("a"));
    assertEquals(named.aliases(), named.put("b", RandomModels.manifest(), 0).aliases());
    assertEquals(Map.of(), named.withoutModels().aliases());
  }

  public void testStateFromBeforeAliasesIsRead() throws IOException {
    String stored = "{\"format\":1,\"last_generation\":3,\"models\":[]}";
    try (XContentParser parser = createParser(JsonXContent.jsonXContent, stored)) {
      assertEquals(new SemluxMetadata(3, List.of(), Map.of()), SemluxMetadata.fromXContent(parser));
    }
  }

  public void testTheCopyBesideThePartsIsTheSame() throws IOException {
    StoredMetadata stored = new StoredMetadata(randomAlphaOfLength(22), createTestInstance());
    assertEquals(stored, StoredMetadata.parse(BytesReference.toBytes(stored.bytes())));
  }

  public void testWhatComesOutOfASnapshotTakesThePlaceOfItsIds() {
    ModelManifest manifest = RandomModels.manifest();
    SemluxMetadata stored =
        SemluxMetadata.EMPTY
            .put("same", manifest, 10)
            .put("other", manifest, 20)
            .put("new", manifest, 30)
            .withAlias("free", "new")
            .withAlias("taken", "new")
            .withAlias("kept", "same");
    SemluxMetadata here =
        SemluxMetadata.EMPTY
            .put("same", manifest, 10)
            .put("other", manifest, 15)
            .put("kept", manifest, 16)
            .withAlias("taken", "same");
    SemluxMetadata deployed = here.with(here.require("same").withDeployed(true));

    // The index that they came in has no parts of what is here alone.
    List<ModelDefinition> lacking = List.of(here.require("other"), here.require("kept"));
    SemluxMetadata restored = deployed.restore(stored, lacking);
    assertEquals(Set.of("kept", "new", "other", "same"), restored.models().keySet());
    assertTrue("as it is here", restored.require("same").deployed());
    assertEquals(20, restored.require("other").generation());
    assertEquals(Map.of("free", "new", "taken", "same"), restored.aliases());
    assertEquals(31, restored.nextGeneration(0));
    assertEquals(restored, restored.restore(stored, lacking));

    // Again, after others have changed models: a deleted one has no parts, a new one has.
    SemluxMetadata later = restored.without("new").put("other", manifest, 50);
    List<ModelDefinition> gone = List.of(stored.require("new"), stored.require("other"));
    assertEquals(later, later.restore(stored, gone));

    SemluxMetadata aliased = SemluxMetadata.EMPTY.put("same", manifest, 5).withAlias("new", "same");
    assertEquals(
        Map.of("free", "new", "taken", "new", "kept", "same"),
        aliased.restore(stored, List.of()).aliases());
  }

  /** It is whole again with its parts, and stays where it was without them. */
  public void testWhatWasBeingDeletedComesBackWithItsParts() {
    SemluxMetadata stored = SemluxMetadata.EMPTY.put("a", RandomModels.manifest(), 10);
    ModelDefinition deleting = stored.require("a").withDeleting();
    SemluxMetadata here = stored.with(deleting);
    assertEquals(stored, here.restore(stored, List.of()));
    assertEquals(here, here.restore(stored, List.of(deleting)));
  }

  public void testUnknownModelIsNamed() {
    var e = expectThrows(ResourceNotFoundException.class, () -> SemluxMetadata.EMPTY.require("b"));
    assertThat(e.getMessage(), containsString("[b]"));
  }

  public void testNewerFormatIsRefusedWithAReason() throws IOException {
    BytesStreamOutput out = new BytesStreamOutput();
    out.writeVInt(99);
    out.writeVLong(1);
    out.writeCollection(List.of());
    var e =
        expectThrows(
            IllegalStateException.class, () -> new SemluxMetadata(out.bytes().streamInput()));
    assertThat(e.getMessage(), containsString("newer Semlux"));
  }
}
