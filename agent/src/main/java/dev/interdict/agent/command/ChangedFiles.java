package dev.interdict.agent.command;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Packs the files of a container into a tar, compressed with zstd; no other file system is entered
 * and no link followed. An attacker chooses names and contents, so that room is reckoned by what
 * they may take and not by what is left of them.
 */
final class ChangedFiles extends SimpleFileVisitor<Path> {
  private static final int MAX_FILES = 100_000;
  private static final String ATTRIBUTES = "unix:mode,uid,gid,rdev,ctime";
  private static final int FILE_TYPE = 0170000;
  private static final int CHARACTER_DEVICE = 0020000;

  private final Path root;
  private final long device;
  private final FileTime since;
  private final StateFolder to;
  private final TarWriter tar;
  private final byte[] buffer = new byte[1 << 16];
  private long room;
  private int files;

  private ChangedFiles(ContainerFiles from, StateFolder to, OutputStream out) throws IOException {
    this.root = from.root();
    this.device = (Long) Files.getAttribute(root, "unix:dev");
    this.since = from.since();
    this.to = to;
    this.room = to.room();
    tar = new TarWriter(new ZstdOutputStream(out));
  }

  static void copy(ContainerFiles from, StateFolder to, String name) throws IOException {
    to.stream(
        name,
        out -> {
          ChangedFiles changed = new ChangedFiles(from, to, out);
          try (TarWriter unused = changed.tar) {
            Files.walkFileTree(changed.root, changed);
          }
          to.addFiles(changed.files);
        });
  }

  @Override
  public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes found) {
    try {
      return (Long) Files.getAttribute(directory, "unix:dev") == device
          ? FileVisitResult.CONTINUE
          : FileVisitResult.SKIP_SUBTREE;
    } catch (IOException gone) {
      return FileVisitResult.SKIP_SUBTREE;
    }
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes found) throws IOException {
    String path = file.toString().substring(root.toString().length() + 1);
    Map<String, Object> attributes;
    try {
      attributes = Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException gone) {
      to.leaveOut(path + ": " + gone.getMessage(), 1);
      return FileVisitResult.CONTINUE;
    }
    if (since != null && ((FileTime) attributes.get("ctime")).compareTo(since) < 0) {
      return FileVisitResult.CONTINUE;
    }
    if (files == MAX_FILES) {
      to.leaveOut("files beyond " + MAX_FILES, 1);
      return FileVisitResult.TERMINATE;
    }
    long most = TarWriter.most(path, found.isRegularFile() ? found.size() : 0);
    if (most > room) {
      to.leaveOut(path + ": no room for " + most + " bytes", 1);
    } else if (found.isRegularFile()) {
      regular(file, path, found, attributes);
    } else {
      other(file, path, found, attributes);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) {
    to.leaveOut(file + ": " + e.getMessage(), 1);
    return FileVisitResult.CONTINUE;
  }

  private void regular(
      Path file, String path, BasicFileAttributes found, Map<String, Object> attributes)
      throws IOException {
    InputStream in;
    try {
      in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      to.leaveOut(path + ": " + e.getMessage(), 1);
      return;
    }
    try (in) {
      begin(TarWriter.FILE, path, "", found.size(), found, attributes);
      if (!content(in, found.size())) {
        to.leaveOut("the end of " + path + ", which became shorter while it was read", 1);
      }
    }
  }

  /** False if less was there, and zeros took its place. One that has grown is cut. */
  private boolean content(InputStream in, long size) throws IOException {
    boolean whole = true;
    for (long left = size; left > 0; ) {
      int most = (int) Math.min(buffer.length, left);
      int n = whole ? in.read(buffer, 0, most) : -1;
      if (n < 0) {
        whole = false;
        Arrays.fill(buffer, 0, most, (byte) 0);
        n = most;
      }
      tar.write(buffer, 0, n);
      left -= n;
    }
    return whole;
  }

  private void other(
      Path file, String path, BasicFileAttributes found, Map<String, Object> attributes)
      throws IOException {
    if (found.isSymbolicLink()) {
      begin(TarWriter.SYMBOLIC_LINK, path, StateCopy.link(file), 0, found, attributes);
    } else if (((Integer) attributes.get("mode") & FILE_TYPE) == CHARACTER_DEVICE) {
      // An overlay marks what was deleted by one of number 0.
      begin(TarWriter.CHARACTER_DEVICE, path, "", 0, found, attributes);
    } else {
      to.leaveOut(path + " is neither file nor link", 1);
    }
  }

  private void begin(
      char type,
      String path,
      String link,
      long size,
      BasicFileAttributes found,
      Map<String, Object> attributes)
      throws IOException {
    tar.begin(
        new TarWriter.Entry(
            type,
            path,
            link,
            size,
            (Integer) attributes.get("mode") & 07777,
            (Integer) attributes.get("uid"),
            (Integer) attributes.get("gid"),
            found.lastModifiedTime().to(TimeUnit.SECONDS),
            (Long) attributes.get("rdev")));
    files++;
    room -= TarWriter.most(path, size);
  }
}
