package org.semlux.plugin.model;

import java.util.OptionalLong;
import org.elasticsearch.test.ESTestCase;

public class ModelMemoryTests extends ESTestCase {
  private static final long MB = 1 << 20;

  public void testDefaultIsWhatHeapAndProcessLeaveOfTheLesserOfMachineAndContainer() {
    assertEquals(
        (16_384 - 4_096 - 512) * MB,
        ModelMemory.defaultLimit(16_384 * MB, OptionalLong.empty(), 4_096 * MB).getBytes());
    assertEquals(
        (2_048 - 1_024 - 512) * MB,
        ModelMemory.defaultLimit(16_384 * MB, OptionalLong.of(2_048 * MB), 1_024 * MB).getBytes());
    assertEquals(
        "a cgroup without limit says a large number",
        (4_096 - 1_024 - 512) * MB,
        ModelMemory.defaultLimit(4_096 * MB, OptionalLong.of(Long.MAX_VALUE - 4_095), 1_024 * MB)
            .getBytes());
    assertEquals(
        0, ModelMemory.defaultLimit(1_024 * MB, OptionalLong.empty(), 1_024 * MB).getBytes());
    assertTrue(ModelMemory.defaultLimit(0, OptionalLong.empty(), MB).getBytes() > 1_000_000 * MB);
  }

  public void testReservations() throws Exception {
    ModelMemory memory = new ModelMemory(100 * MB);
    int[] told = {0};
    memory.whenRoom(() -> told[0]++);
    ModelMemory.Reservation first = memory.reserve(50 * MB, 10 * MB);
    assertEquals(60 * MB, memory.reserved());
    var refused =
        expectThrows(ModelMemory.NoRoomException.class, () -> memory.reserve(41 * MB, 10 * MB));
    assertEquals(
        "it needs 41mb of memory outside of the heap, 40mb of 100mb are left: undeploy other models,"
            + " or raise semlux.memory.limit",
        refused.getMessage());
    assertTrue("the first is loading", refused.passes());
    assertFalse("nor will it fit then", passes(memory, 101 * MB));
    expectThrows(ModelMemory.NoRoomException.class, () -> memory.reserve(36 * MB, 15 * MB));
    first.shrinkTo(45 * MB);
    assertEquals(1, told[0]);
    assertFalse("the first stays", passes(memory, 60 * MB));
    first.retire();
    assertTrue("the first goes", passes(memory, 60 * MB));
    ModelMemory.Reservation second = memory.reserve(36 * MB, 15 * MB);
    assertEquals("batches share their room", 96 * MB, memory.reserved());
    first.close();
    first.close();
    assertEquals(51 * MB, memory.reserved());
    assertEquals(36 * MB, second.bytes());
    memory.limit(30 * MB);
    expectThrows(ModelMemory.NoRoomException.class, () -> memory.reserve(MB, 0));
    second.close();
    assertEquals(0, memory.reserved());
  }

  public void testWhatStaysDecidesWhetherWantOfRoomPasses() throws Exception {
    ModelMemory memory = new ModelMemory(100 * MB);
    memory.reserve(20 * MB, 10 * MB).shrinkTo(20 * MB);
    memory.reserve(10 * MB, 50 * MB).retire();
    assertTrue("batches go with their model", passes(memory, 70 * MB));
    assertFalse(passes(memory, 71 * MB));
    memory.limit(40 * MB);
    assertTrue(passes(memory, 10 * MB));
    assertFalse("more is held than may be", passes(memory, 11 * MB));
  }

  private static boolean passes(ModelMemory memory, long bytes) {
    return expectThrows(ModelMemory.NoRoomException.class, () -> memory.reserve(bytes, 0)).passes();
  }
}
