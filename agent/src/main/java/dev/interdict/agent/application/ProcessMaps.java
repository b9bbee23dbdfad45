package dev.interdict.agent.application;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The executable files that a process has mapped, as /proc tells. */
public final class ProcessMaps {
  private static final int LINES_LIMIT = 65_536; // of one process, as vm.max_map_count

  private final Path proc;

  public ProcessMaps(Path proc) {
    this.proc = proc;
  }

  /**
   * @param device and inode as maps tells them
   * @param links the file itself by its address, then by its name as the process sees it
   * @param path as the process sees it
   */
  public record Mapping(String device, long inode, List<String> links, String path) {}

  /**
   * @throws IOException if the process is gone or may not be looked at
   */
  public List<Mapping> of(int pid) throws IOException {
    Path process = proc.resolve(Integer.toString(pid));
    List<Mapping> mappings = new ArrayList<>();
    try (BufferedReader lines =
        Files.newBufferedReader(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
      String line;
      for (int i = 0; i < LINES_LIMIT && (line = lines.readLine()) != null; i++) {
        Mapping mapping = parse(process, line);
        if (mapping != null) {
          mappings.add(mapping);
        }
      }
    }
    return mappings;
  }

  /** {@code 7f00-7f10 r-xp 00001000 08:01 1234 /usr/lib/libssl.so.3}; null for others. */
  private static Mapping parse(Path process, String line) {
    int addressEnd = line.indexOf(' ');
    if (addressEnd < 0 || line.length() < addressEnd + 5 || line.charAt(addressEnd + 3) != 'x') {
      return null;
    }
    String[] parts = line.split(" +", 6);
    if (parts.length < 6 || parts[4].equals("0") || !parts[5].startsWith("/")) {
      return null;
    }
    String name = parts[5];
    String path = new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    return new Mapping(
        parts[3],
        Long.parseLong(parts[4]),
        List.of(process + "/map_files/" + withoutZeros(parts[0]), process + "/root" + path),
        path);
  }

  /** Files are named without the zeros that maps begins low addresses with. */
  private static String withoutZeros(String range) {
    int dash = range.indexOf('-');
    return Long.toHexString(Long.parseUnsignedLong(range, 0, dash, 16))
        + '-'
        + Long.toHexString(Long.parseUnsignedLong(range, dash + 1, range.length(), 16));
  }

  /** Every process there is. */
  public List<Integer> all() throws IOException {
    List<Integer> pids = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path entry : entries) {
        pids.add(Integer.parseInt(entry.getFileName().toString()));
      }
    }
    return pids;
  }
}
