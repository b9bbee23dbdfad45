package dev.interdict.agent.command;

import dev.interdict.agent.kernel.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Drops every packet of a cgroup by two programs attached to it. The attachments are pinned below a
 * folder of this node, {@code ID/ingress} and {@code ID/egress}, and so outlive the agent; each cut
 * has its own, so that cuts of one cgroup do not undo each other.
 */
final class NetworkCut {
  static final Path BPFFS = Path.of("/sys/fs/bpf");
  private static final Path PINS = BPFFS.resolve("interdict");
  private static final List<String> DIRECTIONS = List.of("ingress", "egress");

  private final Path pins;
  private final int[] programs;

  private NetworkCut(Path pins, int[] programs) {
    this.pins = pins;
    this.programs = programs;
  }

  static NetworkCut open(String node) throws IOException {
    Natives.mountBpffs(BPFFS.toString());
    sweep();
    Path pins = PINS.resolve(node);
    Files.createDirectories(pins);
    return new NetworkCut(pins, Natives.loadCut());
  }

  /** Cuts, or completes a cut that is there in part. */
  void apply(String id, Path cgroup, long cgroupId) throws IOException {
    Path folder = Files.createDirectories(pins.resolve(id));
    for (int i = 0; i < DIRECTIONS.size(); i++) {
      String pin = folder.resolve(DIRECTIONS.get(i)).toString();
      if (Natives.cutCgroup(pin) == cgroupId) {
        continue;
      }
      Natives.detachCut(pin);
      Natives.attachCut(programs[i], DIRECTIONS.get(i).equals("egress"), cgroup.toString(), pin);
    }
  }

  /** Whether the kernel says that both directions are attached to this very cgroup. */
  boolean inForce(String id, long cgroupId) throws IOException {
    for (String direction : DIRECTIONS) {
      if (Natives.cutCgroup(pins.resolve(id).resolve(direction).toString()) != cgroupId) {
        return false;
      }
    }
    return true;
  }

  void remove(String id) throws IOException {
    removeFolder(pins.resolve(id));
  }

  /** Ids that have pins, whether or not they are known otherwise. */
  List<String> pinned() throws IOException {
    try (Stream<Path> folders = Files.list(pins)) {
      return folders.map(folder -> folder.getFileName().toString()).toList();
    }
  }

  /** Removes the folder of this node if no cut is in force. */
  void close() throws IOException {
    if (children(pins).isEmpty()) {
      Files.deleteIfExists(pins);
    }
  }

  /** Removes the pins, of whatever node, whose cgroup is gone: they hold nothing any more. */
  private static void sweep() throws IOException {
    if (!Files.isDirectory(PINS)) {
      return;
    }
    for (Path node : children(PINS)) {
      for (Path containment : children(node)) {
        List<Path> links = children(containment);
        boolean dead = !links.isEmpty();
        for (Path pin : links) {
          dead &= Natives.cutCgroup(pin.toString()) == 0;
        }
        if (dead) {
          removeFolder(containment);
        }
      }
      if (children(node).isEmpty()) {
        Files.deleteIfExists(node);
      }
    }
  }

  private static void removeFolder(Path folder) throws IOException {
    for (String direction : DIRECTIONS) {
      Natives.detachCut(folder.resolve(direction).toString());
    }
    Files.deleteIfExists(folder);
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    } catch (NoSuchFileException gone) {
      return List.of();
    }
  }
}
