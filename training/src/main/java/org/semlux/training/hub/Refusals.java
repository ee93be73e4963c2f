package org.semlux.training.hub;

/** What to do when a hub says no. */
final class Refusals {
  private Refusals() {}

  /**
   * One sentence.
   *
   * @param status of the answer
   * @param code the hub's own name for the reason, such as {@code GatedRepo}; empty without one
   */
  static String sentence(int status, String code, HubModel model, HubOptions options) {
    boolean gated = code.equals("GatedRepo");
    String page = options.endpoint() + "/" + model.id();
    if (gated || status == 403) {
      return "the hub gives %s only to some (%s): ask for access at %s, then set HF_TOKEN to a"
              .formatted(model.id(), status, page)
          + " token that may read it";
    }
    if (code.equals("RevisionNotFound")) {
      return "%s has no revision [%s]: name a branch, a tag or a commit of it by --revision"
          .formatted(model.id(), model.revision());
    }
    return switch (status) {
      // A hub does not tell strangers which private models there are.
      case 401 ->
          options.token().isEmpty()
              ? "the hub shows no model %s to strangers (401): check the name, and set HF_TOKEN if"
                      .formatted(model.id())
                  + " it is private"
              : "the hub does not take the token in HF_TOKEN for %s (401): renew it or check the"
                      .formatted(model.id())
                  + " name";
      case 404 ->
          "no model %s at %s (404): check the name and the revision, and set HF_TOKEN if it is"
                  .formatted(model, options.endpoint())
              + " private";
      default -> "%s answers %s for %s".formatted(options.endpoint(), status, model);
    };
  }
}
