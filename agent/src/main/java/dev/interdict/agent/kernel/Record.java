package dev.interdict.agent.kernel;

/**
 * Offsets of {@code event.h}, by the names used there. A test compares them with the built object.
 */
final class Record {
  static final int LIMIT = 32_768;

  static final int TIME = 0;
  static final int SIZE = 8;
  static final int KIND = 12;
  static final int FLAGS = 14;
  static final int PID = 16;
  static final int TID = 20;
  static final int START = 24;
  static final int PARENT_START = 32;
  static final int PARENT_PID = 40;
  static final int CPU = 44;
  static final int CGROUP = 48;
  static final int RESULT = 56;
  static final int UID = 60;
  static final int GID = 64;
  static final int EUID = 68;
  static final int HEADER = 72;

  static final int FLAG_TRUNCATED = 1;
  static final int FLAG_ARGS_TRUNCATED = 1 << 1;
  static final int FLAG_MEMFD = 1 << 2;
  static final int FLAG_DELETED = 1 << 3;
  static final int FLAG_WATCHED = 1 << 4;
  static final int FLAG_CREATED = 1 << 5;
  static final int FLAG_WRITE = 1 << 6;

  static final int DESCRIPTOR_CLOSED = 255;

  private Record() {}

  /** {@code struct endpoint}. */
  static final class Endpoint {
    static final int FAMILY = 0;
    static final int PROTOCOL = 2;
    static final int LOCAL_PORT = 4;
    static final int REMOTE_PORT = 6;
    static final int LOCAL = 8;
    static final int REMOTE = 24;
    static final int SIZE = 40;

    private Endpoint() {}
  }

  /** {@code struct descriptor}. */
  static final class Descriptor {
    static final int INODE = 0;
    static final int NUMBER = 8;
    static final int TYPE = 12;
    static final int SOCKET = 16;
    static final int PATH = 56;
    static final int SIZE = 64;

    private Descriptor() {}
  }

  /** {@code struct exec_record}. */
  static final class Exec {
    static final int INODE = 72;
    static final int DEVICE = 80;
    static final int COMM = 88;
    static final int TTY = 104;
    static final int EXE = 120;
    static final int INVOKED = 124;
    static final int ARGS = 128;
    static final int CWD = 132;
    static final int CGROUP_PATH = 136;
    static final int FDS = 144;
    static final int SIZE = 336;

    private Exec() {}
  }

  /** {@code struct exit_record}. */
  static final class Exit {
    static final int CODE = 72;
    static final int SIZE = 80;

    private Exit() {}
  }

  /** {@code struct fork_record}. */
  static final class Fork {
    static final int CHILD_START = 72;
    static final int CHILD_CGROUP = 80;
    static final int CHILD_PID = 88;
    static final int SIZE = 96;

    private Fork() {}
  }

  /** {@code struct open_record}. */
  static final class Open {
    static final int INODE = 72;
    static final int DEVICE = 80;
    static final int OPEN_FLAGS = 84;
    static final int PATH = 88;
    static final int GIVEN = 92;
    static final int SIZE = 96;

    private Open() {}
  }

  /** {@code struct connection_record}. */
  static final class Connection {
    static final int SOCKET = 72;
    static final int SIZE = 112;

    private Connection() {}
  }

  /** {@code struct dup_record}. */
  static final class Dup {
    static final int FROM = 72;
    static final int TO = 76;
    static final int FD = 80;
    static final int SIZE = 144;

    private Dup() {}
  }

  /** {@code struct shared}. */
  static final class Shared {
    static final int KINDS = 0;
    static final int SELF = 8;
    static final int AWAKE = 12;
    static final int WATCHED_LEAVES = 16;
    static final int WATCHED_FOLDERS = 528;
    static final int COUNTERS = 1040;

    private Shared() {}
  }

  /** {@code struct counters}. */
  static final class Counters {
    static final int SUBMITTED = 0;
    static final int FILTERED = 512;
    static final int LOST = 1024;
    static final int SIZE = 1536;
    static final int ROWS = 64;

    private Counters() {}
  }
}
