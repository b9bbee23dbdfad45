package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Level;
import java.time.Instant;

final class SampleAlerts {
  static final String NODE = "5d2c1e0a-7a30-4e0f-9a53-111111111111";
  static final Instant TIME = Instant.parse("2026-11-01T12:00:00Z");

  private SampleAlerts() {}

  static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  static Alert onHost(String id) {
    return Alert.newBuilder()
        .setId(id)
        .setRuleId("reverse-shell-credentials")
        .setRuleTitle("Reverse shell reads credentials")
        .setLevel(Level.HIGH)
        .addTechniques("T1059.004")
        .addTechniques("T1003")
        .setTime(nanos(TIME))
        .setDetectedTime(nanos(TIME) + 20_000_000)
        .setEntity(
            Entity.newBuilder()
                .setNode(NODE)
                .setPid(4711)
                .setStartTime(123_450_000_000L)
                .setCgroupId(9001)
                .setCgroup("/shop/web"))
        .build();
  }

  static Alert inContainer(String id) {
    return inContainer(id, 9001);
  }

  static Alert inContainer(String id, long cgroupId) {
    Alert.Builder alert = onHost(id).toBuilder();
    alert
        .getEntityBuilder()
        .setCgroupId(cgroupId)
        .setContainer(
            Container.newBuilder()
                .setId("3f2a9c")
                .setName("shop-web")
                .setImage("registry.example/shop/web:1.4")
                .setRuntime("containerd")
                .setNamespace("shop")
                .setPod("web-5d9c"));
    return alert.build();
  }
}
