package dev.interdict.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interdict.jobs.archive.ArchiveFetch;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.domain.BlobAccess;
import org.jclouds.blobstore.domain.BlobMetadata;
import org.jclouds.blobstore.domain.MultipartPart;
import org.jclouds.blobstore.domain.MultipartUpload;
import org.jclouds.blobstore.util.ForwardingBlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive in a bucket of a real server that speaks S3. */
class ArchiveOnS3Test {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final URI ARCHIVE = URI.create("s3://evidence/archive");
  private static final long NO_LIMIT = Long.MAX_VALUE;

  @TempDir static Path directory;
  private static BlobStoreContext store;
  private static S3Proxy server;
  private static EmbeddedFlinks flink;

  @TempDir Path data;

  @BeforeAll
  static void start() throws Exception {
    store =
        ContextBuilder.newBuilder("transient-nio2")
            .credentials("any", "any")
            .build(BlobStoreContext.class);
    store.getBlobStore().createContainerInLocation(null, "evidence");
    server =
        S3Proxy.builder()
            .blobStore(new Completing(store.getBlobStore()))
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "test-key", "test-secret")
            .ignoreUnknownHeaders(true) // it knows no checksums
            .build();
    server.start();
    ArchiveFetch.configure(
        Map.of(
            "s3.endpoint", "http://127.0.0.1:" + server.getPort(),
            "s3.region", "us-east-1",
            "s3.path-style-access", "true",
            "s3.checksum-validation.enabled", "false",
            "s3.chunked-encoding.enabled", "false",
            "s3.access-key", "test-key",
            "s3.secret-key", "test-secret"));
    flink = EmbeddedFlinks.start(directory, 2);
  }

  @AfterAll
  static void stop() throws Exception {
    flink.close();
    server.stop();
    store.close();
    ArchiveFetch.configure(Map.of());
  }

  /**
   * An upload that is completed again, as a job does that fails right after: S3 says NoSuchUpload,
   * which Flink knows how to take; this server says NoSuchKey, which is told for neither.
   */
  private static final class Completing extends ForwardingBlobStore {
    private final Map<String, String> completed = new ConcurrentHashMap<>();
    private final Map<String, BlobMetadata> begun = new ConcurrentHashMap<>();
    private final Map<String, List<MultipartPart>> parts = new ConcurrentHashMap<>();

    Completing(BlobStore store) {
      super(store);
    }

    @Override
    public BlobMetadata blobMetadata(String container, String name) {
      BlobMetadata found = super.blobMetadata(container, name);
      if (found != null) {
        begun.put(name, found); // an upload has one by its id
      }
      return completed.containsKey(name) ? begun.get(name) : found;
    }

    @Override
    public BlobAccess getBlobAccess(String container, String name) {
      return completed.containsKey(name)
          ? BlobAccess.PRIVATE
          : super.getBlobAccess(container, name);
    }

    @Override
    public List<MultipartPart> listMultipartUpload(MultipartUpload upload) {
      return completed.containsKey(upload.id())
          ? parts.get(upload.id())
          : super.listMultipartUpload(upload);
    }

    @Override
    public String completeMultipartUpload(MultipartUpload upload, List<MultipartPart> of) {
      parts.putIfAbsent(upload.id(), List.copyOf(of));
      return completed.computeIfAbsent(
          upload.id(), id -> super.completeMultipartUpload(upload, of));
    }
  }

  private ArchiveFetch.Result fetch(LocalDate from, LocalDate until) throws IOException {
    return new ArchiveFetch(ARCHIVE, new Catalog(data), from, until).run(NO_LIMIT, line -> {});
  }

  @Test
  void shouldHoldEachPositionOnceAfterAFailureAndBeFetched() throws Exception {
    URI table = URI.create(ARCHIVE + "/events");
    try (ArchiveRun run = new ArchiveRun(flink, 3, table)) {
      run.append(1, 300);
      EmbeddedJob job = run.start(null);
      job.awaitRunning(TIMEOUT);
      job.awaitCheckpoint(TIMEOUT);
      run.injected().armAfter(300);
      run.append(301, 600);
      await().atMost(TIMEOUT).until(() -> run.injected().failures() == 1);
      await()
          .atMost(TIMEOUT)
          .ignoreExceptions()
          .until(() -> !job.awaitCheckpoint(TIMEOUT).isEmpty());
      await()
          .atMost(TIMEOUT)
          .until(
              () -> {
                job.awaitCheckpoint(TIMEOUT);
                fetch(null, null);
                return ArchivedPositions.in(new Catalog(data)).size() >= run.recorded().size();
              });

      List<String> archived = ArchivedPositions.in(new Catalog(data));
      assertThat(archived).doesNotHaveDuplicates();
      assertThat(new TreeSet<>(archived)).isEqualTo(run.recorded());
    }
    shouldFetchWhatChanged();
  }

  private void shouldFetchWhatChanged() throws IOException {
    ArchiveFetch.Result again = fetch(null, null);
    assertThat(again.files()).isPositive();
    assertThat(again.fetched()).isZero();
    assertThat(again.deleted()).isZero();
    Path one = Catalog.files(new Catalog(data).events()).get(0);
    Files.delete(one);
    assertThat(fetch(null, null).fetched()).isEqualTo(1);
    assertThat(one).exists();

    // The events are of 2023.
    assertThat(fetch(LocalDate.parse("2026-01-01"), null).files()).isZero();
    assertThat(one).doesNotExist();
    assertThat(fetch(null, LocalDate.parse("2023-12-31")).files()).isEqualTo(again.files());
  }

  @Test
  void shouldRefuseWhatWouldDoHarmOrHasNoRoom() throws Exception {
    store.getBlobStore().createContainerInLocation(null, "other");
    store
        .getBlobStore()
        .putBlob(
            "other",
            store
                .getBlobStore()
                .blobBuilder("a/events/date=2026-11-27/hour=01/node_prefix=0a/part-1.parquet")
                .payload(new byte[1000])
                .build());
    ArchiveFetch fetch =
        new ArchiveFetch(URI.create("s3://other/a"), new Catalog(data), null, null);
    assertThatThrownBy(() -> fetch.run(999, line -> {}))
        .hasMessageContaining("1 files with 1000 bytes")
        .hasMessageContaining("limit=999");
    assertThat(fetch.run(1000, line -> {}).fetchedBytes()).isEqualTo(1000);

    assertThatThrownBy(() -> fetch(null, null)).hasMessageContaining("s3://other/a");
    Path own = Files.createDirectories(data.resolve("own"));
    Files.writeString(own.resolve("file"), "of somebody");
    assertThatThrownBy(
            () -> new ArchiveFetch(ARCHIVE, new Catalog(own), null, null).run(NO_LIMIT, line -> {}))
        .hasMessageContaining("is not empty");
  }
}
