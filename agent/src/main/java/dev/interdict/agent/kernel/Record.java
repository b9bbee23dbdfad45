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
  static final int COUNT = 44;
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
  static final int FLAG_HANDLE = 1 << 11;
  static final int FLAG_WRITE = 1 << 6;
  static final int FLAG_RING = 1 << 7;
  static final int FLAG_UPPER_LAYER = 1 << 8;
  static final int FLAG_SCRIPT = 1 << 9;
  static final int FLAG_AT_AGENT = 1 << 10;

  static final int DESCRIPTOR_CLOSED = 255;

  /** {@code KIND_MAPPING}: never an event. */
  static final int KIND_MAPPING = 61;

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
    static final int MOUNT_NAMESPACE = 84;
    static final int COMM = 88;
    static final int TTY = 104;
    static final int EXE = 120;
    static final int INVOKED = 124;
    static final int ARGS = 128;
    static final int CWD = 132;
    static final int CGROUP_PATH = 136;
    static final int ENVIRONMENT = 140;
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
    static final int NAMESPACES = 92;
    static final int SIZE = 96;

    private Fork() {}
  }

  /** {@code struct file_record}. */
  static final class FileRecord {
    static final int INODE = 72;
    static final int LENGTH = 80;
    static final int DEVICE = 88;
    static final int OPEN_FLAGS = 92;
    static final int MODE = 96;
    static final int OWNER = 100;
    static final int GROUP = 104;
    static final int SPECIAL_DEVICE = 108;
    static final int PATH = 112;
    static final int GIVEN = 116;
    static final int TARGET = 120;
    static final int TARGET_GIVEN = 124;
    static final int SIZE = 128;

    private FileRecord() {}
  }

  /** {@code struct socket_record}. */
  static final class SocketRecord {
    static final int SOCKET = 72;
    static final int SENT = 112;
    static final int RECEIVED = 120;
    static final int DURATION = 128;
    static final int PEER_PID = 136;
    static final int SOCKET_TYPE = 140;
    static final int FAMILY = 142;
    static final int SOCKET_PATH = 144;
    static final int PAYLOAD = 148;
    static final int SIZE = 152;

    private SocketRecord() {}
  }

  /** {@code struct call_record}. */
  static final class Call {
    static final int NUMBERS = 72;
    static final int TARGET_START = 120;
    static final int TARGET_PID = 128;
    static final int OPERATION = 132;
    static final int TEXTS = 136;
    static final int PATHS = 152;
    static final int SIZE = 160;

    private Call() {}
  }

  /** {@code struct dup_record}. */
  static final class Dup {
    static final int FROM = 72;
    static final int TO = 76;
    static final int FD = 80;
    static final int SIZE = 144;

    private Dup() {}
  }

  /** {@code struct app_record}. */
  static final class App {
    static final int IMAGE = 72;
    static final int OPERATION = 80;
    static final int STATUS = 84;
    static final int TEXTS = 88;
    static final int SIZE = 104;

    private App() {}
  }

  /** {@code struct mapping_record}. */
  static final class Mapping {
    static final int INODE = 72;
    static final int DEVICE = 80;
    static final int SIZE = 88;

    private Mapping() {}
  }

  /** {@code struct repeat}. */
  static final class Repeat {
    static final int COUNT = 0;
    static final int SUMS = 8;
    static final int TOLD = 24;
    static final int VERSION = 48;
    static final int SIZE = 88;

    private Repeat() {}
  }

  /** {@code struct repeats}: of one CPU. */
  static final class RepeatTable {
    static final int SLOT_COUNT = 1024;
    static final int RECORD_LIMIT = 512;
    static final int SLOTS = 0;
    static final int RECORDS = SLOT_COUNT * Repeat.SIZE;
    static final int SIZE = RECORDS + SLOT_COUNT * RECORD_LIMIT;

    private RepeatTable() {}
  }

  /** {@code struct shared}. */
  static final class Shared {
    static final int KINDS = 0;
    static final int SCOPED = 8;
    static final int FOLDED = 16;
    static final int SELF = 24;
    static final int AWAKE = 28;
    static final int RULED = 32;
    static final int OWN = 36;
    static final int WATCHED_LEAVES = 40;
    static final int WATCHED_FOLDERS = 552;
    static final int CALLS = 1064;
    static final int COUNTERS = 1192;

    private Shared() {}
  }

  /** {@code struct counters}. */
  static final class Counters {
    static final int SUBMITTED = 0;
    static final int FILTERED = 512;
    static final int LOST = 1024;
    static final int REPEATED = 1536;
    static final int CAPPED = 2048;
    static final int SIZE = 2560;
    static final int ROWS = 64;

    private Counters() {}
  }
}
