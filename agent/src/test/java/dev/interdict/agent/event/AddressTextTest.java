package dev.interdict.agent.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AddressTextTest {
  private final ProtoBuffer out = new ProtoBuffer(64, 1024);
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16);

  private String v6(byte[] address) {
    out.clear();
    buffer.put(0, address);
    AddressText.appendV6(out, buffer, 0);
    return new String(out.array(), 0, out.length(), StandardCharsets.US_ASCII);
  }

  private String v6(String address) throws UnknownHostException {
    return v6(InetAddress.getByName(address).getAddress());
  }

  @Test
  void shouldWriteVersion6AsRfc5952() throws UnknownHostException {
    assertThat(v6("0:0:0:0:0:0:0:0")).isEqualTo("::");
    assertThat(v6("0:0:0:0:0:0:0:1")).isEqualTo("::1");
    assertThat(v6("2001:db8:0:0:0:0:0:0")).isEqualTo("2001:db8::");
    assertThat(v6("2001:DB8:0:1:1:1:1:1")).isEqualTo("2001:db8:0:1:1:1:1:1");
    assertThat(v6("2001:0:0:1:0:0:0:1")).isEqualTo("2001:0:0:1::1");
    assertThat(v6("2001:db8:0:0:1:0:0:1")).isEqualTo("2001:db8::1:0:0:1");
  }

  @Test
  void shouldWriteWhatReadsAsTheSameAddress() throws UnknownHostException {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      byte[] address = new byte[16];
      for (int at = 0; at < 16; at++) {
        address[at] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0);
      }
      address[0] = 0x20;
      assertThat(InetAddress.getByName(v6(address)).getAddress()).isEqualTo(address);
    }
  }

  @Test
  void shouldWriteVersion4() {
    buffer.put(0, new byte[] {(byte) 192, 0, 2, (byte) 255});
    AddressText.appendV4(out, buffer, 0);
    assertThat(new String(out.array(), 0, out.length(), StandardCharsets.US_ASCII))
        .isEqualTo("192.0.2.255");
  }
}
