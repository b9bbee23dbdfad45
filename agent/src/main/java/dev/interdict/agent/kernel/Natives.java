package dev.interdict.agent.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Every native method of the agent; the C beside it is in {@code src/main/c}. The library is the
 * file named by {@code interdict.library}, or the one packed into the jar.
 */
public final class Natives {
  private static final String RESOURCE = "/native/libinterdict-agent.so";

  static {
    load();
  }

  private Natives() {}

  private static void load() {
    String given = System.getProperty("interdict.library");
    if (given != null) {
      System.load(Path.of(given).toAbsolutePath().toString());
      return;
    }
    try (InputStream in = Natives.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new UnsatisfiedLinkError(
            RESOURCE + " is not in the jar, and interdict.library is not set");
      }
      Path copy = Files.createTempFile("libinterdict-agent", ".so");
      try {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        System.load(copy.toString());
      } finally {
        Files.delete(copy); // it stays mapped
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + RESOURCE, e);
    }
  }

  /** The version of libbpf that is linked in. */
  public static native String libbpfVersion();

  /** Loads the network cut; descriptors of its ingress and egress program, this process's. */
  public static native int[] loadCut() throws IOException;

  public static native void attachCut(int program, boolean egress, String cgroup, String pin)
      throws IOException;

  /**
   * The id of the cgroup that the pinned link hangs on; 0 if that is gone, -1 if there is no pin.
   */
  public static native long cutCgroup(String pin) throws IOException;

  public static native void detachCut(String pin) throws IOException;

  public static native void mountBpffs(String directory) throws IOException;

  /** Loads what lists sockets; a descriptor for {@link #destroySockets}, this process's. */
  public static native int loadSockets() throws IOException;

  /**
   * Destroys the internet sockets that these processes hold and that were made in none of the
   * cgroups, in whatever network namespace. Both arrays are sorted.
   *
   * @return how many
   */
  public static native int destroySockets(int program, int[] pids, long[] cgroups)
      throws IOException;

  /**
   * Signals the process that has the pid and began at that tick since boot, and no other that may
   * have the pid later.
   *
   * @return false if there is none
   */
  public static native boolean signal(int pid, long startTicks, int signal) throws IOException;

  /**
   * Locks a file, which is made if need be, until the descriptor is closed or this process ends.
   *
   * @return the descriptor; -1 if it is locked already, be it by this process
   */
  public static native int lockFile(String file) throws IOException;

  /**
   * Loads and attaches every program but those at the end of system calls' functions, which wait
   * for {@link #select} unless they are for one of {@code kinds}. {@code reasons[i]} stays null
   * where the program of line i of {@link #programs} can be had. The buffers of a handle are
   * unmapped when it is closed: whoever reads them must have stopped.
   *
   * @param cgroupRoot where cgroup v2 is mounted, or null: nothing is attached there
   */
  static native long open(int[] ringSizes, String cgroupRoot, long kinds, String[] reasons)
      throws IOException;

  /**
   * Lines of "symbol hook kinds": the programs, then once more as many for what is at the end of
   * system calls' functions instead.
   */
  static native String programs();

  /** The names of {@code enum operation} in its order, each ended by a space. */
  static native String operations();

  /**
   * Reports these kinds from now on; nothing is attached or detached but what looks at system
   * calls: the programs at the end of their functions, and the hook of all of them, which is held
   * only while one that has no such program is wanted.
   *
   * @param scoped of those, the ones that only cgroups with a rule for them report
   * @param folded of those, the ones whose repetitions are counted and not told one by one
   * @return 0 or a negative errno
   */
  static native int select(long handle, long kinds, long scoped, long folded);

  /**
   * What a cgroup may say.
   *
   * @param kinds those of the scoped kinds that it reports
   * @param caps records a second by lane; 0: as many as there are
   * @return 0 or a negative errno
   */
  static native int rule(long handle, long cgroup, long kinds, int[] caps);

  /** What of it was over the cap of a lane since the rule was made; 0 if it has none. */
  static native long capped(long handle, long cgroup, int lane);

  /** Tables of repetitions, one of each CPU after the other. */
  static native ByteBuffer repeats(long handle);

  static native void close(long handle);

  /**
   * Finds what others have changed of the programs and their filters, and mends it.
   *
   * @param thorough looks through the tables of system calls as well
   * @return lines of "component TAB state TAB detail", or null
   */
  static native String inspect(long handle, boolean thorough);

  /** Set to monotonic, since boot and since the epoch, in nanoseconds. */
  public static native void clocks(long[] clocks);

  /** Lines of "struct member offset" and "struct - size", as the programs were compiled. */
  static native String layout();

  static native ByteBuffer shared(long handle);

  static native ByteBuffer consumer(long handle, int lane);

  static native ByteBuffer producer(long handle, int lane);

  /** The ring's data; a record may go on at its beginning. */
  static native ByteBuffer data(long handle, int lane);

  /**
   * Waits until the kernel wakes the reader, for {@code timeout} milliseconds at most.
   *
   * @param clocks set to boot minus monotonic and real minus boot, in nanoseconds
   */
  static native int await(long handle, int timeout, long[] clocks);

  /**
   * A descriptor to {@link #read} the records of all running processes from, or a negative errno.
   */
  static native int openSnapshot(long handle);

  static native int read(int descriptor, ByteBuffer buffer, int offset, int length);

  public static native void closeFile(int descriptor);

  /** Gives what the C library holds and nobody uses back to the kernel. */
  public static native void releaseFreeMemory();

  /**
   * Opens a regular file to attach to.
   *
   * @param identity set to what it is known by, two numbers that are the same for one file seen
   *     through several overlays, and its size
   * @return the descriptor or a negative errno
   */
  static native int openImage(String path, long[] identity);

  /**
   * Runs the program whenever a process comes to that offset of the file, whoever maps it.
   *
   * @param cookie what its records name the file by
   * @return for {@link #detachUprobe}, or a negative errno
   */
  static native long attachUprobe(
      long handle, String symbol, boolean atReturn, int file, long offset, long cookie);

  static native void detachUprobe(long link);

  /** The kernel need not tell of this file's mappings again. */
  static native int knowImage(long handle, int device, long inode);

  static native void forgetImages(long handle);

  /**
   * Where this cgroup is below the mount of cgroup v2; null if it is gone or may not be asked for.
   */
  public static native String cgroupPath(String mount, long id);
}
