package org.semlux.training.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.semlux.training.adapt.Requirement;
import org.semlux.training.card.BaseModel;
import org.semlux.training.data.DataFile;
import org.semlux.training.data.StrictJson;
import org.semlux.training.deploy.Manifest;

/**
 * What a report must say, and of which two models, before a model is deployed.
 *
 * @param file that the report was read from
 * @param said the report, of adapt or compare
 */
record DeployGate(Requirement requirement, Path file, JsonObject said) {
  /**
   * Reads the report.
   *
   * @throws IllegalArgumentException when the requirement is none
   */
  static DeployGate open(String required, Path file) throws IOException {
    Requirement requirement = Requirement.of(required);
    if (!Files.exists(file)) {
      throw new IOException("--require needs a report, and " + file + " is not there");
    }
    return new DeployGate(
        requirement, file, StrictJson.object(file.toString(), DataFile.read(file)));
  }

  /** What the report says, where that is enough. */
  String check() throws IOException {
    return requirement.check(said);
  }

  /** A report is of the files that were judged, whatever they are called now. */
  void requireSame(Path folder, Manifest manifest) throws IOException {
    boolean same;
    if (said.has("sha256")) {
      same = said.get("sha256").getAsString().equals(BaseModel.of(folder).sha256());
    } else if (said.has("other_version")) {
      same = said.get("other_version").getAsString().equals(manifest.version());
    } else {
      throw new IOException(
          file + " does not say which files it judges: make one by adapt or compare");
    }
    if (!same) {
      throw new IOException(file + " is of another model than " + folder);
    }
  }

  /**
   * Refuses to take the place of another model than the one that the report holds this one against:
   * of that one the report says nothing.
   *
   * @param place whose it takes, such as {@code the alias [search] stands for}
   * @param live the model that is there
   */
  void requireBase(String place, JsonObject live, Manifest manifest) throws IOException {
    String version = live.get("version").getAsString();
    if (version.equals(manifest.version())) { // a run that was broken off behind the switch
      return;
    }
    boolean adapted = said.has("base");
    JsonObject base = adapted ? said.getAsJsonObject("base") : said;
    if (!base.has("version")) {
      throw new IOException(
          file + " does not say what it is held against: make it anew by adapt or compare");
    }
    String before = base.get("version").getAsString();
    if (!before.equals(version)) {
      throw new IOException(
          "%s is held against [%s] (version %s), but %s [%s] (version %s) now: compare with that, and give its report by --report"
              .formatted(
                  file,
                  base.get(adapted ? "name" : "model").getAsString(),
                  before,
                  place,
                  live.get("id").getAsString(),
                  version));
    }
  }
}
