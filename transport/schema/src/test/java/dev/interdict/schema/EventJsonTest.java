package dev.interdict.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class EventJsonTest {
  @Test
  void shouldNestFieldsByTheirDottedNames() {
    assertThat(json(SampleEvents.daemon()))
        .isEqualTo(
            "{\"time\":1700000000123456789,\"kind\":\"exit\",\"result\":0,\"process\":{\"id\":3,"
                + "\"pid\":1,\"start_time\":0,\"exe\":\"init\",\"name\":\"init\",\"args\":[\"init\"],"
                + "\"command_line\":\"init\",\"uid\":0,\"gid\":0,\"euid\":0,\"cgroup_id\":0},"
                + "\"exit\":{\"code\":0,\"signal\":0}}");
    assertThat(json(SampleEvents.tick()))
        .isEqualTo("{\"time\":1700000000123456789,\"kind\":\"tick\",\"result\":0}");
  }

  @Test
  void shouldComeBackWithTheSameFields() {
    for (Event event : SampleEvents.all()) {
      assertSameFields(event);
    }
    Random random = new Random(3);
    for (int round = 0; round < 500; round++) {
      assertSameFields(SampleEvents.random(random));
    }
  }

  @Test
  void shouldEscapeWhateverAProcessMaySay() {
    Event event =
        SampleEvents.daemon().toBuilder()
            .setProcess(Process.newBuilder().addArgs("\"\\\n\u0000\u2028😀</script>"))
            .build();
    assertThat(json(event)).doesNotContain("\n");
    assertSameFields(event);
  }

  @Test
  void shouldSkipTheAddressOfAListing() {
    String line = json(SampleEvents.open());
    assertThat(
            EventJson.fromJson("{\"node\":\"n\",\"epoch\":1,\"sequence\":2," + line.substring(1)))
        .isEqualTo(EventJson.fromJson(line));
  }

  @Test
  void shouldNameWhatIsWrongWithALine() {
    refuse("{\"time\":1}", "an event needs time and kind");
    refuse("{\"time\":1,\"kind\":\"exec\",\"process\":{\"ex\":1}}", "unknown field=process.ex");
    refuse("{\"time\":\"1\"}", "invalid value of field=time value=1");
    refuse("{\"kind\":\"dance\"}", "unknown kind=dance");
    refuse("{\"time\":1", "not a line of JSON");
    refuse("{\"time\":1,\"kind\":\"tick\"} x", "not a line of JSON");
    refuse("[]", "invalid value of field=event");
  }

  private static void refuse(String line, String message) {
    assertThatThrownBy(() -> EventJson.fromJson(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static void assertSameFields(Event event) {
    String line = json(event);
    assertThat(json(EventJson.fromJson(line))).isEqualTo(line);
  }

  private static String json(Event event) {
    byte[] bytes = event.toByteArray();
    return EventJson.toJson(new EventView().wrap(bytes, 0, bytes.length));
  }
}
