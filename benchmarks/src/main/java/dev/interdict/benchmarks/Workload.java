package dev.interdict.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that works the kernel, compiled from this jar.
 *
 * @param name of the case
 * @param rounds its argument when it is measured
 * @param warmUp its argument before
 * @param watched the agent records every open in its folder
 * @param copies that run at once
 */
record Workload(
    String name, Program program, long rounds, long warmUp, boolean watched, int copies) {
  private static final int FILES = 16;
  private static final int UNITS = 24;

  enum Program {
    FORKEXEC,
    OPENCLOSE,
    COMPILE,
    TCPCONN
  }

  static final List<Workload> ALL =
      List.of(
          new Workload("forkexec", Program.FORKEXEC, 5_000, 2_000, false),
          new Workload("openclose_filtered", Program.OPENCLOSE, 1_000_000, 100_000, false),
          new Workload("openclose_recorded", Program.OPENCLOSE, 1_000_000, 300_000, true),
          new Workload("openclose_twice", Program.OPENCLOSE, 1_000_000, 100_000, true, 2),
          new Workload("compile", Program.COMPILE, 3, 1, false),
          new Workload("tcpconn", Program.TCPCONN, 50_000, 15_000, false));

  private Workload(String name, Program program, long rounds, long warmUp, boolean watched) {
    this(name, program, rounds, warmUp, watched, 1);
  }

  /** A fiftieth of the work. */
  Workload quick() {
    long few = Math.max(1, rounds / 50);
    return new Workload(name, program, few, Math.max(1, warmUp / 50), watched, copies);
  }

  /**
   * What a run took.
   *
   * @param cpu processor time of the workload, all its processes, and what probes cost in it
   */
  record Cost(double wall, double cpu) {}

  static Path data(Path folder) {
    return folder.resolve("data");
  }

  /** Compiles the programs and makes the files that they work on. */
  static void prepare(Path folder) throws IOException, InterruptedException {
    for (String program : List.of("timed", "forkexec", "openclose", "tcpconn")) {
      Path source = folder.resolve(program + ".c");
      try (InputStream in = Workload.class.getResourceAsStream("/workloads/" + program + ".c")) {
        if (in == null) {
          throw new IOException("/workloads/" + program + ".c is not in the jar");
        }
        Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
      }
      String output = folder.resolve(program).toString();
      run(List.of("gcc", "-O2", "-Wall", "-o", output, source.toString()));
    }
    Files.createDirectories(data(folder));
    for (int i = 0; i < FILES; i++) {
      Files.writeString(data(folder).resolve(String.format("file-%02d", i)), "");
    }
    writeProject(Files.createDirectories(folder.resolve("project")));
  }

  /** A C program of 25 units that a compiler has something to do with. */
  private static void writeProject(Path project) throws IOException {
    StringBuilder main = new StringBuilder("#include <stdio.h>\n");
    StringBuilder sum = new StringBuilder("0");
    for (int i = 1; i <= UNITS; i++) {
      Files.writeString(
          project.resolve("unit" + i + ".c"),
          """
          #include <errno.h>
          #include <math.h>
          #include <stdio.h>
          #include <stdlib.h>
          #include <string.h>
          #include <sys/stat.h>

          struct entry {
            struct entry *next;
            char text[32];
            double weight;
          };

          static struct entry *push(struct entry *list, int value)
          {
            struct entry *entry = calloc(1, sizeof(*entry));
            snprintf(entry->text, sizeof(entry->text), "%%d of %d", value);
            entry->weight = sqrt(value);
            entry->next = list;
            return entry;
          }

          int unit%d(int count)
          {
            struct entry *list = NULL;
            double total = 0;
            for (int i = 0; i < count; i++)
              list = push(list, i * 7919 %% %d);
            for (struct entry *entry = list; entry; entry = entry->next)
              total += entry->weight * (double)strlen(entry->text);
            return (int)total;
          }
          """
              .formatted(i, i, 31 * i + 1));
      main.append("int unit").append(i).append("(int);\n");
      sum.append(" + unit").append(i).append("(100)");
    }
    main.append("int main(void)\n{\n  printf(\"%d\\n\", ").append(sum).append(");\n}\n");
    Files.writeString(project.resolve("main.c"), main);
    Files.writeString(
        project.resolve("Makefile"),
        """
        OBJECTS = $(patsubst %.c,%.o,$(wildcard *.c))
        program: $(OBJECTS)
        \tgcc -o $@ $(OBJECTS) -lm
        %.o: %.c
        \tgcc -O1 -c $< -o $@
        clean:
        \trm -f *.o program
        """);
  }

  Cost warmUp(Path folder) throws IOException, InterruptedException {
    return run(folder, warmUp);
  }

  Cost run(Path folder) throws IOException, InterruptedException {
    return run(folder, rounds);
  }

  private Cost run(Path folder, long times) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(folder.resolve("timed").toString()));
    String count = Long.toString(times);
    switch (program) {
      case FORKEXEC -> command.addAll(List.of(folder.resolve("forkexec").toString(), count));
      case OPENCLOSE ->
          command.addAll(
              List.of(
                  "sh",
                  "-c",
                  "for i in $(seq 2 $1); do \"$2\" \"$3\" \"$4\" & done; \"$2\" \"$3\" \"$4\"; wait",
                  "sh",
                  Integer.toString(copies),
                  folder.resolve("openclose").toString(),
                  count,
                  data(folder).toString()));
      case TCPCONN -> command.addAll(List.of(folder.resolve("tcpconn").toString(), count));
      case COMPILE ->
          command.addAll(
              List.of(
                  "sh",
                  "-c",
                  "for i in $(seq $1); do make -s clean && make -s -j2 || exit 1; done; ./program",
                  "sh",
                  count));
    }
    String[] printed = run(command, folder.resolve("project")).strip().split(" ");
    return new Cost(Long.parseLong(printed[0]) / 1e9, Long.parseLong(printed[1]) / 1e9);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    run(command, Path.of("/"));
  }

  private static String run(List<String> command, Path folder)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " failed: exit status " + status);
    }
    return printed;
  }
}
