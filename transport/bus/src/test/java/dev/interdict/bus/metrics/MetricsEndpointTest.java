package dev.interdict.bus.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.EventStream;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsEndpointTest {
  private final HttpClient http = HttpClient.newHttpClient();

  private String scrape(MetricsEndpoint endpoint) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + endpoint.address().getPort() + "/metrics"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  @Test
  void shouldTellQueuesCreditsDropsAndLags(@TempDir Path directory) throws Exception {
    try (BackplaneFixture bus = new BackplaneFixture();
        MetricsEndpoint endpoint =
            MetricsEndpoint.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new BackplaneMetrics(bus.backplane()));
        Recorder recorder = Recorder.open(RecorderConfig.of(directory));
        NodeLink link =
            new NodeLink(
                bus.config(bus.issue(Role.NODE, recorder.node().toString())),
                recorder,
                NodeInfo.newBuilder().setName("web-1").build(),
                command -> CommandResult.getDefaultInstance())) {
      BusClient client = bus.client(Role.CONSUMER, "job");
      EventStream stream =
          client.subscribe(
              Subscribe.newBuilder()
                  .setNode(recorder.node().toString())
                  .setCredit(1000)
                  .setCheckpointed(true)
                  .build());
      await().until(() -> stream.resume() != null);
      assertThat(link.connections()).isEqualTo(1);
      for (int i = 0; i < 5; i++) {
        byte[] event = Event.newBuilder().setTime(1 + i).setKind(Kind.EXEC).build().toByteArray();
        recorder.append(0, event, 0, event.length);
      }
      recorder.flush();

      String node = recorder.node().toString();
      await()
          .untilAsserted(
              () ->
                  assertThat(scrape(endpoint))
                      .contains("interdict_backplane_nodes 1.0")
                      .contains("interdict_backplane_frames_total 1.0")
                      .contains("interdict_backplane_queued_bytes 0.0")
                      .contains("interdict_backplane_overflows_total 0.0")
                      .contains("interdict_backplane_goodbyes_total{reason=\"limit\"} 0.0")
                      .contains("interdict_backplane_client_streams{client=\"job/job\"} 1.0")
                      .contains("interdict_backplane_client_credit_bytes{client=\"job/job\"} ")
                      .contains(
                          "interdict_backplane_node_head_sequence{name=\"web-1\",node=\""
                              + node
                              + "\"} 5.0")
                      .contains(
                          "interdict_backplane_stream_behind_events{client=\"job/job\",node=\""
                              + node
                              + "\",stream=\"0\"} 0.0")
                      .contains("interdict_backplane_stream_shed_events{"));
      stream.close();
      await()
          .untilAsserted(
              () -> assertThat(scrape(endpoint)).doesNotContain("stream_behind_events{client"));
    }
  }
}
