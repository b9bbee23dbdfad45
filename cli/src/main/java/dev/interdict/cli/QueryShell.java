package dev.interdict.cli;

import dev.interdict.storage.Column;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryException;
import dev.interdict.storage.ResultFormat;
import dev.interdict.storage.RowSink;
import dev.interdict.storage.SavedQueries;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;

/** Asks one question after the other. A question ends with a semicolon, a command is a line. */
final class QueryShell {
  private static final String HELP =
      """
      A question in SQL ends with ; and may have several lines. Ctrl-C stops what runs, Ctrl-D leaves.
        .tables            what can be asked
        .columns TABLE     its columns
        .saved [NAME]      questions that ship or are saved; with NAME its SQL
        .format FORMAT     table, csv, json, jsonl
        .quit
      """;
  private static final List<String> WORDS =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "GROUP BY",
          "ORDER BY",
          "LIMIT",
          "AND",
          "OR",
          "NOT",
          "LIKE",
          "DESCRIBE",
          "SHOW TABLES",
          "INTERVAL",
          "now()",
          "count(*)",
          "process_tree(",
          "timeline(",
          "connections_of(",
          "story(",
          "first_seen(",
          "who_wrote(",
          ".help",
          ".tables",
          ".columns",
          ".saved",
          ".format",
          ".quit");

  private final Query query;
  private final Terminal terminal;
  private final SavedQueries saved;
  private final Path history;
  private ResultFormat format = ResultFormat.TABLE;

  /**
   * @param history of earlier questions; null: none is kept
   */
  QueryShell(Query query, Terminal terminal, Path savedDirectory, Path history) {
    this.query = query;
    this.terminal = terminal;
    this.saved = new SavedQueries(savedDirectory);
    this.history = history;
  }

  /** Readable by its owner only: questions name what is investigated. Null if there is no home. */
  static Path historyFile() throws IOException {
    String home = System.getenv("XDG_STATE_HOME");
    Path state =
        home != null && !home.isEmpty()
            ? Path.of(home)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    Path file = state.resolve("interdict/query_history");
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return file;
  }

  void run() throws IOException {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("interdict")
            .parser(new Questions())
            .completer(new StringsCompleter(words()))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "      ...> ")
            .build();
    if (history != null) {
      reader.setVariable(LineReader.HISTORY_FILE, history);
    }
    while (true) {
      String line;
      try {
        line = reader.readLine("interdict> ").strip();
      } catch (UserInterruptException e) {
        continue;
      } catch (EndOfFileException e) {
        return;
      }
      if (line.equals(".quit") || line.equals(".exit")) {
        return;
      }
      if (!line.isEmpty()) {
        answer(line);
      }
    }
  }

  private void answer(String line) throws IOException {
    PrintWriter out = terminal.writer();
    Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> query.cancel());
    try {
      if (line.startsWith(".")) {
        command(line.split(" +", 2), out);
      } else {
        query.run(line.replaceFirst(";$", ""), format.open(out, terminal.getWidth()));
      }
    } catch (QueryException e) {
      out.println(e.getMessage());
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
      out.flush();
    }
  }

  private void command(String[] words, PrintWriter out) throws QueryException, IOException {
    String argument = words.length > 1 ? words[1].strip() : "";
    switch (words[0]) {
      case ".tables" -> query.run("SHOW TABLES", format.open(out, terminal.getWidth()));
      case ".columns" -> {
        if (argument.matches("[A-Za-z_][A-Za-z0-9_]*")) {
          query.run("DESCRIBE " + argument, format.open(out, terminal.getWidth()));
        } else {
          out.println("which table? .columns events");
        }
      }
      case ".saved" -> {
        if (argument.isEmpty()) {
          saved.titles().forEach((name, title) -> out.printf("%-20s %s%n", name, title));
        } else {
          out.println(saved.text(argument).strip());
        }
      }
      case ".format" -> {
        try {
          format = ResultFormat.valueOf(argument.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
          out.println("unknown format " + argument + ", known: table, csv, json, jsonl");
        }
      }
      case ".help" -> out.print(HELP);
      default -> out.println("unknown command " + words[0] + ", see .help");
    }
  }

  private List<String> words() throws IOException {
    List<String> words = new ArrayList<>(WORDS);
    try {
      query.run("SHOW TABLES", new FirstColumn(words));
      query.run("DESCRIBE events", new FirstColumn(words));
    } catch (QueryException e) {
      terminal.writer().println("names cannot be completed: " + e.getMessage());
    }
    return words;
  }

  private record FirstColumn(List<String> values) implements RowSink {
    @Override
    public void begin(List<Column> columns) {}

    @Override
    public void row(Object[] row) {
      values.add((String) row[0]);
    }

    @Override
    public void end() {}
  }

  /** A question goes on until its semicolon; quotes mean what SQL says. */
  private static final class Questions extends DefaultParser {
    Questions() {
      setQuoteChars(new char[0]);
      setEscapeChars(new char[0]);
      setEofOnUnclosedBracket();
    }

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      String text = line.strip();
      if (context == ParseContext.ACCEPT_LINE
          && !text.isEmpty()
          && !text.startsWith(".")
          && !text.endsWith(";")) {
        throw new EOFError(-1, cursor, "the question has no end", ";");
      }
      return super.parse(line, cursor, context);
    }
  }
}
