package dev.interdict.cli;

import java.net.InetSocketAddress;

/** Addresses as people write them: HOST:PORT. */
final class HostPort {
  private HostPort() {}

  /** To be dialled. A name is asked again and again; it may stand for several instances. */
  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      if (colon > 0) {
        String host = text.substring(0, colon).replace("[", "").replace("]", "");
        return InetSocketAddress.createUnresolved(
            host, Integer.parseInt(text.substring(colon + 1)));
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "invalid address `" + text + "`: " + e.getMessage(), e);
    }
    throw new CommandFailure(ExitCode.USAGE, "invalid address `" + text + "` expected HOST:PORT");
  }

  /** To be listened at. */
  static InetSocketAddress bound(String text) {
    InetSocketAddress address = parse(text);
    return new InetSocketAddress(address.getHostString(), address.getPort());
  }

  static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
