package dev.interdict.benchmarks;

/** What lazy reading is worth. */
final class DecodeSubject implements Subject {
  private static final String PEER = "protobuf_parse";

  @Override
  public String name() {
    return "decode";
  }

  @Override
  public String about() {
    return "reading an exec event lazily, against protobuf's parser";
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    var scores = Jmh.run(DecodeBenchmark.class, settings.quick());
    var parse = scores.get("parse");
    for (String read : new String[] {"viewTimeAndKind", "viewThreeFields"}) {
      var ours = scores.get(read);
      table.ours(read, "ns_per_event", ours.nanos(), "ns");
      table.peer(read, "ns_per_event", parse.nanos(), "ns", PEER);
      table.ours(read, "bytes_allocated", ours.allocated(), "B");
      table.peer(read, "bytes_allocated", parse.allocated(), "B", PEER);
    }
    table.note("an exec event of " + DecodeBenchmark.exec().getSerializedSize() + " bytes");
  }
}
