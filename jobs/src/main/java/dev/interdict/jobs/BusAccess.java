package dev.interdict.jobs;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Identity;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a task comes to its {@link BusConfig}. It stands in the job graph, so it says where the key
 * lies and never holds it.
 *
 * @param backplanes host:port; empty if {@code local} is given
 * @param identity directory with key.pem, cert.pem and ca.pem on every machine that runs tasks
 * @param local key of a {@link Local} configuration, null outside one process
 */
public record BusAccess(List<String> backplanes, String identity, String local)
    implements Serializable {

  public BusAccess {
    backplanes = List.copyOf(backplanes);
  }

  public static BusAccess files(List<String> backplanes, Path identity) {
    backplanes.forEach(BusAccess::address);
    return new BusAccess(backplanes, identity.toString(), null);
  }

  /** Where jobs and bus share this process. Take it back with {@link Local#remove}. */
  static BusAccess inProcess(BusConfig config) {
    return new BusAccess(List.of(), null, Local.put(config));
  }

  public BusConfig open() throws IOException {
    if (local != null) {
      return Local.get(local, BusConfig.class);
    }
    List<InetSocketAddress> addresses = new ArrayList<>();
    backplanes.forEach(text -> addresses.add(address(text)));
    return new BusConfig(addresses, Identity.load(Path.of(identity)));
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && port > 0 && port < 65536) {
        return InetSocketAddress.createUnresolved(text.substring(0, colon), port);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid backplane=" + text + " expected=host:port", e);
    }
    throw new IllegalArgumentException("invalid backplane=" + text + " expected=host:port");
  }
}
