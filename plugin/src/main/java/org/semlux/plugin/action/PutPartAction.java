package org.semlux.plugin.action;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.BytesRefIterator;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.block.ClusterBlockLevel;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.semlux.encoders.folder.Sha256;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelManifest;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.SemluxMetadata;

/** Takes one part of an upload. Sending a part again is safe: it replaces the one before. */
public final class PutPartAction {
  public static final ActionType<AcknowledgedResponse> TYPE =
      new ActionType<>("cluster:admin/semlux/models/put_part");

  private static final Logger LOGGER = LogManager.getLogger(PutPartAction.class);

  private PutPartAction() {}

  public static final class Request extends UntypedActionRequest {
    private final String id;
    private final int part;
    private final Optional<String> sha256;
    private final BytesReference data;

    /**
     * @param sha256 what the sender computed of {@code data}, in hexadecimal digits
     * @param data the part's bytes; not copied, so the caller keeps them until it is answered
     */
    public Request(String id, int part, Optional<String> sha256, BytesReference data) {
      this.id = id;
      this.part = part;
      this.sha256 = sha256;
      this.data = data;
    }

    public Request(StreamInput in) throws IOException {
      super(in);
      id = in.readString();
      part = in.readInt();
      sha256 = Optional.ofNullable(in.readOptionalString());
      data = in.readBytesReference();
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(id);
      out.writeInt(part);
      out.writeOptionalString(sha256.orElse(null));
      out.writeBytesReference(data);
    }

    @Override
    public ActionRequestValidationException validate() {
      return null;
    }

    /**
     * @throws IllegalArgumentException when this is no part of the manifest, or was changed on the
     *     way
     */
    void check(ModelManifest manifest) {
      if (part < 0 || part >= manifest.parts()) {
        throw new IllegalArgumentException(
            "model ["
                + id
                + "] has the parts 0 to "
                + (manifest.parts() - 1)
                + ", there is no part ["
                + part
                + "]");
      }
      if (data.length() != manifest.partLength(part)) {
        throw new IllegalArgumentException(
            "part ["
                + part
                + "] of model ["
                + id
                + "] must have "
                + manifest.partLength(part)
                + " bytes, it has "
                + data.length());
      }
      sha256.ifPresent(this::checkHash);
    }

    private void checkHash(String expected) {
      String found = hash(data);
      if (!found.equals(expected.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "part ["
                + part
                + "] of model ["
                + id
                + "] has sha256 ["
                + found
                + "], the request says ["
                + expected
                + "]: send it again");
      }
    }

    static String hash(BytesReference data) {
      MessageDigest digest = Sha256.newDigest();
      try {
        BytesRefIterator slices = data.iterator();
        for (BytesRef slice = slices.next(); slice != null; slice = slices.next()) {
          digest.update(slice.bytes, slice.offset, slice.length);
        }
      } catch (IOException e) {
        throw new IllegalStateException("memory is read here", e);
      }
      return Sha256.hex(digest);
    }
  }

  /** On the generic pool: hashing 4 MB takes longer than a transport thread has. */
  public static final class Transport
      extends HandledTransportAction<Request, AcknowledgedResponse> {
    private final ClusterService clusterService;
    private final ModelStore store;

    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ClusterService clusterService,
        ThreadPool threadPool,
        ModelStore store) {
      super(TYPE.name(), transportService, actionFilters, Request::new, threadPool.generic());
      this.clusterService = clusterService;
      this.store = store;
    }

    @Override
    protected void doExecute(
        Task task, Request request, ActionListener<AcknowledgedResponse> listener) {
      ClusterState state = clusterService.state();
      state.blocks().globalBlockedRaiseException(ClusterBlockLevel.METADATA_READ);
      ModelDefinition model = SemluxMetadata.of(state).require(request.id);
      model.requireKept();
      if (model.deployed()) {
        throw new ElasticsearchStatusException(
            "model [{}] is deployed and complete: undeploy it before sending parts",
            RestStatus.CONFLICT,
            request.id);
      }
      request.check(model.manifest());
      ConfigCheck.check(request.id, model.manifest(), request.part, request.data);
      store.put(
          model,
          request.part,
          request.data,
          listener.delegateFailureAndWrap((l, done) -> answer(model, request.part, l)));
    }

    /**
     * The model may have been deleted or replaced while the part was on its way to the store, and
     * its other parts with it: this one would stay for ever.
     */
    private void answer(
        ModelDefinition model, int part, ActionListener<AcknowledgedResponse> listener) {
      try {
        requirePresent(model);
      } catch (ElasticsearchException gone) {
        store.delete(
            model,
            part,
            ActionListener.wrap(
                deleted -> listener.onFailure(gone),
                e -> {
                  LOGGER.warn("part [{}] of model [{}] is left of its upload", part, model.id(), e);
                  listener.onFailure(gone);
                }));
        return;
      }
      listener.onResponse(AcknowledgedResponse.TRUE);
    }

    private void requirePresent(ModelDefinition model) {
      ModelDefinition present = SemluxMetadata.of(clusterService.state()).require(model.id());
      if (!present.sameUpload(model)) {
        throw new ElasticsearchStatusException(
            "model [{}] was replaced while a part of it was being sent",
            RestStatus.CONFLICT,
            model.id());
      }
      present.requireKept();
    }
  }
}
