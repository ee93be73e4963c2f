package org.semlux.plugin.model;

import static org.hamcrest.Matchers.matchesPattern;

import java.io.IOException;
import java.nio.file.Path;
import org.elasticsearch.env.Environment;
import org.elasticsearch.test.ESTestCase;

/** On the disk of this test's folder, however much is free there. */
public class DiskRoomTests extends ESTestCase {
  public void testTwoDoNotTakeTheSameRoom() throws Exception {
    Path root = createTempDir().resolve("semlux").resolve("models");
    DiskRoom disk = new DiskRoom(root);
    disk.reserve(1).close();
    long free = Environment.getUsableSpace(root);
    IOException refused = expectThrows(IOException.class, () -> disk.reserve(free));
    assertThat(
        refused.getMessage(),
        matchesPattern("it needs [^ ]+ of disk and 64mb that stay free, [^ ]+ are left"));

    long most = free / 10 * 6;
    DiskRoom.Reservation first = disk.reserve(most);
    expectThrows(IOException.class, () -> disk.reserve(most));
    first.written(most / 2); // which this disk does not have, so there is room again
    DiskRoom.Reservation second = disk.reserve(most / 2);
    expectThrows(IOException.class, () -> disk.reserve(most));
    first.close();
    second.close();
    disk.reserve(most).close();
  }
}
