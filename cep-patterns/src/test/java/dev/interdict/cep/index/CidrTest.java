package dev.interdict.cep.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "192.168.1.128/25, 192.168.1.127, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "127.0.0.1, 127.0.0.1, true",
    "10.0.0.0/8, ::ffff:10.1.1.1, true",
    "fe80::/10, fe80::1%eth0, true",
    "fe80::/10, fec0::1, false",
    "2001:db8::/32, 2001:db8:1:2:3:4:5:6, true",
    "::1/128, ::1, true",
    "::/127, ::2, false",
    "2001:db8::/33, 2001:db8:8000::, false",
    "10.0.0.0/8, 10.0.0, false",
    "10.0.0.0/8, 10.0.0.256, false",
    "10.0.0.0/8, '', false",
    "::/0, 1:2:3, false",
    "::/0, 1::2::3, false",
    "::/0, 1:2:3:4:5:6:7:8:9, false"
  })
  void shouldDecide(String network, String address, boolean inside) {
    assertThat(matches(Cidr.parse(network), address)).isEqualTo(inside);
  }

  @Test
  void shouldReadAddressesAsTheJdkDoes() throws UnknownHostException {
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[16];
      for (int j = 0; j < 16; j++) {
        bytes[j] = random.nextInt(3) == 0 ? (byte) random.nextInt() : 0;
      }
      bytes[0] = 0x20;
      String text = InetAddress.getByAddress(bytes).getHostAddress();
      assertThat(matches(Cidr.parse(shortened(text) + "/128"), text)).as(text).isTrue();
      bytes[15] ^= 1;
      String other = InetAddress.getByAddress(bytes).getHostAddress();
      assertThat(matches(Cidr.parse(text + "/128"), other)).as(text).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0/8", "::/129", "a.b.c.d", "10.0.0.0/x", ""})
  void shouldRefuseWhatIsNoNetwork(String network) {
    assertThatThrownBy(() -> Cidr.parse(network)).hasMessage("invalid network " + network);
  }

  /** The first run of zero groups as "::". */
  private static String shortened(String text) {
    return text.replaceFirst("(^|:)0(:0)+(:|$)", "::");
  }

  private static boolean matches(Cidr cidr, String address) {
    byte[] bytes = ("[" + address + "]").getBytes(StandardCharsets.US_ASCII);
    return cidr.matches(bytes, 1, bytes.length - 2);
  }
}
