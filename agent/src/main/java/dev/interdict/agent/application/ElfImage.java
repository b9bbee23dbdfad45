package dev.interdict.agent.application;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an executable file or library offers, of what it was asked for. Reads files that may have
 * been made to mislead: every number is bounded, and memory does not grow with the file.
 *
 * @param functions those that it defines, and at which offset of the file each begins
 * @param imports those that it takes from others
 * @param marks texts that stand in its constants
 * @param go made by the Go compiler
 */
public record ElfImage(
    Map<String, Long> functions, Set<String> imports, Set<String> marks, boolean go) {
  private static final ElfImage NONE = new ElfImage(Map.of(), Set.of(), Set.of(), false);
  private static final int HEADER = 64;
  private static final int SECTION = 64;
  private static final int SEGMENT = 56;
  private static final int SYMBOL = 24;
  private static final int SYMTAB = 2;
  private static final int STRTAB = 3;
  private static final int DYNSYM = 11;
  private static final int LOAD = 1;
  private static final int FUNCTION = 2;
  private static final int INDIRECT_FUNCTION = 10;
  private static final int COUNT_LIMIT = 4096; // of sections and segments
  private static final long PART_LIMIT = 256L << 20; // bytes of one section that are looked at
  private static final int NAMES_LIMIT = 4096; // places where a wanted name may stand

  private record Section(int name, int type, long offset, long size, int link) {}

  private record Segment(long offset, long address, long size) {}

  /**
   * @param names of functions, none of them too long for a line
   * @param marks looked for in constants and in Go's table of functions
   * @return an empty one where the file is no 64-bit ELF of this machine's byte order
   */
  public static ElfImage read(FileChannel file, Set<String> names, Set<String> marks)
      throws IOException {
    ByteBuffer header = part(file, 0, HEADER);
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    if (header == null
        || header.getInt(0) != (little ? 0x464c457f : 0x7f454c46)
        || header.get(4) != 2
        || header.get(5) != (little ? 1 : 2)) {
      return NONE;
    }
    List<Section> sections = sections(file, header);
    List<Segment> segments = segments(file, header);
    Map<String, Long> functions = new HashMap<>();
    Set<String> imports = new HashSet<>();
    for (Section section : sections) {
      if ((section.type == DYNSYM || section.type == SYMTAB)
          && section.link >= 0
          && section.link < sections.size()
          && sections.get(section.link).type == STRTAB) {
        symbols(file, section, sections.get(section.link), names, segments, functions, imports);
      }
    }
    return constants(file, header, sections, marks, functions, imports);
  }

  private static ElfImage constants(
      FileChannel file,
      ByteBuffer header,
      List<Section> sections,
      Set<String> marks,
      Map<String, Long> functions,
      Set<String> imports)
      throws IOException {
    int index = header.getShort(62) & 0xffff;
    boolean go = false;
    Set<String> found = new HashSet<>();
    if (index < sections.size() && sections.get(index).type == STRTAB) {
      List<String> texts = List.copyOf(marks);
      FileSearch search =
          texts.isEmpty() ? null : new FileSearch(texts.stream().map(ElfImage::bytes).toList());
      for (Section section : sections) {
        String name = name(file, sections.get(index), section.name);
        go |= name.equals(".go.buildinfo");
        if (search != null && (name.equals(".rodata") || name.equals(".gopclntab"))) {
          search.search(
              file,
              section.offset,
              Math.min(section.size, PART_LIMIT),
              (needle, offset) -> {
                found.add(texts.get(needle));
                return found.size() < texts.size();
              });
        }
      }
    }
    return new ElfImage(functions, imports, found, go);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Null where the file is shorter. */
  private static ByteBuffer part(FileChannel file, long offset, int length) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    if (offset < 0) {
      return null;
    }
    while (part.hasRemaining()) {
      if (file.read(part, offset + part.position()) <= 0) {
        return null;
      }
    }
    return part.flip();
  }

  private static List<Section> sections(FileChannel file, ByteBuffer header) throws IOException {
    List<Section> sections = new ArrayList<>();
    int count = header.getShort(60) & 0xffff;
    if (count > COUNT_LIMIT || header.getShort(58) != SECTION) {
      return sections;
    }
    ByteBuffer table = part(file, header.getLong(40), count * SECTION);
    for (int at = 0; table != null && at < count * SECTION; at += SECTION) {
      sections.add(
          new Section(
              table.getInt(at),
              table.getInt(at + 4),
              table.getLong(at + 24),
              table.getLong(at + 32),
              table.getInt(at + 40)));
    }
    return sections;
  }

  private static List<Segment> segments(FileChannel file, ByteBuffer header) throws IOException {
    List<Segment> segments = new ArrayList<>();
    int count = header.getShort(56) & 0xffff;
    if (count > COUNT_LIMIT || header.getShort(54) != SEGMENT) {
      return segments;
    }
    ByteBuffer table = part(file, header.getLong(32), count * SEGMENT);
    for (int at = 0; table != null && at < count * SEGMENT; at += SEGMENT) {
      if (table.getInt(at) == LOAD) {
        segments.add(
            new Segment(table.getLong(at + 8), table.getLong(at + 16), table.getLong(at + 32)));
      }
    }
    return segments;
  }

  private static String name(FileChannel file, Section names, int at) throws IOException {
    if (at < 0 || at >= names.size) {
      return "";
    }
    int length = (int) Math.min(32, names.size - at);
    ByteBuffer text = part(file, names.offset + at, length);
    if (text == null) {
      return "";
    }
    int end = 0;
    while (end < length && text.get(end) != 0) {
      end++;
    }
    return new String(text.array(), 0, end, StandardCharsets.ISO_8859_1);
  }

  /** First where the wanted names stand among the strings, then which symbols have one of them. */
  private static void symbols(
      FileChannel file,
      Section table,
      Section strings,
      Set<String> names,
      List<Segment> segments,
      Map<String, Long> functions,
      Set<String> imports)
      throws IOException {
    List<String> list = List.copyOf(names);
    Map<Long, String> places = new HashMap<>();
    new FileSearch(list.stream().map(name -> bytes(name + '\0')).toList())
        .search(
            file,
            strings.offset,
            Math.min(strings.size, PART_LIMIT),
            (needle, offset) -> {
              places.put(offset, list.get(needle));
              return places.size() < NAMES_LIMIT;
            });
    if (places.isEmpty()) {
      return;
    }
    long size = Math.min(table.size, PART_LIMIT) / SYMBOL * SYMBOL;
    int step = 2048 * SYMBOL;
    for (long done = 0; done < size; done += step) {
      int length = (int) Math.min(step, size - done);
      ByteBuffer symbols = part(file, table.offset + done, length);
      if (symbols == null) {
        return;
      }
      for (int at = 0; at < length; at += SYMBOL) {
        String name = places.get(symbols.getInt(at) & 0xffff_ffffL);
        int type = symbols.get(at + 4) & 15;
        if (name == null || symbols.getShort(at + 6) == 0) {
          if (name != null) {
            imports.add(name);
          }
        } else if (type == FUNCTION || type == INDIRECT_FUNCTION) {
          long offset = fileOffset(symbols.getLong(at + 8), segments);
          if (offset > 0) {
            functions.putIfAbsent(name, offset);
          }
        }
      }
    }
  }

  private static long fileOffset(long address, List<Segment> segments) {
    for (Segment segment : segments) {
      long inside = address - segment.address;
      if (inside >= 0 && inside < segment.size) {
        return segment.offset + inside;
      }
    }
    return -1;
  }
}
