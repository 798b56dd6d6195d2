package dev.plumbline.transformer.jinja;

import java.util.List;

/** The variable {@code loop} of a for block. */
final class Loop implements Callable {
  private final List<Object> values;
  private final int depth;
  private final Callable again; // of a recursive loop, or null
  private final Budget budget;
  private Object changing = this; // no value of a template
  int at;

  Loop(List<Object> values, int depth, Callable again, Budget budget) {
    this.values = values;
    this.depth = depth;
    this.again = again;
    this.budget = budget;
  }

  Object attribute(String name) {
    int size = values.size();
    return switch (name) {
      case "index" -> at + 1L;
      case "index0" -> (long) at;
      case "revindex" -> (long) size - at;
      case "revindex0" -> size - at - 1L;
      case "first" -> at == 0;
      case "last" -> at == size - 1;
      case "length" -> (long) size;
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" -> at > 0 ? values.get(at - 1) : new Values.Undefined("loop.previtem");
      case "nextitem" -> at + 1 < size ? values.get(at + 1) : new Values.Undefined("loop.nextitem");
      case "cycle" -> (Callable) this::cycle;
      case "changed" -> (Callable) this::changed;
      default -> new Values.Undefined("loop." + name);
    };
  }

  private Object cycle(Args args) {
    if (args.positional().isEmpty()) {
      throw new TemplateException("calls loop.cycle without values");
    }
    return args.positional().get(at % args.positional().size());
  }

  private Object changed(Args args) {
    boolean changed = changing == this || !Values.equal(changing, args.positional(), budget);
    changing = args.positional();
    return changed;
  }

  int depth() {
    return depth;
  }

  @Override
  public Object call(Args args) {
    if (again == null) {
      throw new TemplateException("calls a loop that is not recursive");
    }
    return again.call(args);
  }
}
