package dev.plumbline.tensor.graph;

import dev.plumbline.tensor.kernel.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Activation checkpointing (Chen et al. 2016, arXiv 1604.06174, section 4) for a part of a graph:
 * only its input is kept, and the backward pass computes the part again. This saves memory and
 * costs a second forward pass. The part is a separate graph {@code y = f(x, ...; parameters)}, with
 * y of the shape of x, whose arrays exist only while it runs. Results are bit-identical to those of
 * the whole graph.
 *
 * <p>Segments of one {@link Room} run one after the other on the thread that made them.
 */
public final class Segment implements AutoCloseable {
  private static final String OUTPUT_GRADIENT = "segment_output_gradient";
  private static final String LOSS = "segment_loss";

  /**
   * All segments by number. The operations hold the number, because SameDiff rebuilds them from
   * numbers.
   */
  private static final Map<Integer, Segment> ALL = new ConcurrentHashMap<>();

  private static final AtomicInteger NEXT = new AtomicInteger();

  private final int id = NEXT.getAndIncrement();
  private final List<String> inputs;
  private final List<String> wanted; // x, then the parameters
  private final String output;
  private final ForwardGraph forward;
  private final GradientGraph backward;

  /** Arrays that all segments of one graph share, because only one of them runs at a time. */
  public static final class Room {
    private final ArrayPool pool = new ArrayPool();
  }

  /**
   * A part.
   *
   * @param part its graph
   * @param inputs its placeholders, x first
   * @param output its result, of x's shape
   * @param parameters its trained variables
   */
  public Segment(
      SameDiff part, List<String> inputs, SDVariable output, List<String> parameters, Room room) {
    this.inputs = List.copyOf(inputs);
    this.output = output.name();
    List<String> all = new ArrayList<>(List.of(inputs.get(0)));
    all.addAll(parameters);
    wanted = List.copyOf(all);
    SDVariable gradient = part.placeHolder(OUTPUT_GRADIENT, DataType.FLOAT, -1, -1);
    output.mul(gradient).sum().rename(LOSS); // its gradients are f's vector-Jacobian products
    backward = new GradientGraph(part, LOSS, wanted, room.pool);
    forward = new ForwardGraph(part, room.pool);
    ALL.put(id, this);
  }

  /**
   * Adds it to a graph.
   *
   * @param inputs in the order of the placeholders
   * @param parameters in the order of the trained variables, with the same arrays
   */
  public SDVariable in(SameDiff graph, List<SDVariable> inputs, List<SDVariable> parameters) {
    List<SDVariable> all = new ArrayList<>(inputs);
    all.addAll(parameters);
    return new Forward(graph, all.toArray(SDVariable[]::new), id).outputVariable();
  }

  private Map<String, INDArray> placeholders(INDArray[] in) {
    Map<String, INDArray> placeholders = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      placeholders.put(inputs.get(i), in[i]);
    }
    return placeholders;
  }

  private static void copy(INDArray from, INDArray to) {
    INDArray dense = Memory.dense(from);
    Memory.copy(Memory.pointer(dense), Memory.pointer(to), from.length());
    if (dense != from) {
      dense.close();
    }
  }

  @Override
  public void close() {
    ALL.remove(id);
    backward.close();
    forward.close();
  }

  /** {@code y = f(x, ...)}. Inputs: those of the segment, then its parameters. */
  public static final class Forward extends FusedOp {
    /** For SameDiff's cloning. */
    public Forward() {}

    Forward(SameDiff graph, SDVariable[] inputs, int id) {
      super(graph, inputs);
      addIArgument(id);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      Segment segment = ALL.get(intArgument(0));
      segment.forward.run(
          segment.placeholders(in),
          arrays -> {
            copy(arrays.get(segment.output), out[0]);
            return null;
          },
          segment.output);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      Segment segment = ALL.get(intArgument(0));
      int given = segment.inputs.size();
      SDVariable[] inputs = Arrays.copyOf(args(), args().length + 1);
      inputs[args().length] = gradients.get(0);
      SDVariable[] found = new Backward(sameDiff, inputs, intArgument(0)).outputVariables();
      List<SDVariable> result = new ArrayList<>();
      for (int i = 0; i < args().length; i++) {
        result.add(i == 0 ? found[0] : i < given ? noGradient(arg(i)) : found[i - given + 1]);
      }
      return result;
    }
  }

  /** Gradients of x and of the parameters. Inputs: those of {@link Forward}, then dy. */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff graph, SDVariable[] inputs, int id) {
      super(graph, inputs);
      addIArgument(id);
    }

    @Override
    public int getNumOutputs() {
      return ALL.get(intArgument(0)).wanted.size();
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      int given = ALL.get(intArgument(0)).inputs.size();
      long[][] shapes = new long[getNumOutputs()][];
      for (int i = 0; i < shapes.length; i++) {
        shapes[i] = i == 0 ? in[0] : in[given + i - 1];
      }
      return shapes;
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      Segment segment = ALL.get(intArgument(0));
      Map<String, INDArray> placeholders = segment.placeholders(in);
      placeholders.put(OUTPUT_GRADIENT, in[in.length - 1]);
      try (GradientGraph.Result result = segment.backward.run(placeholders, List.of())) {
        for (int i = 0; i < out.length; i++) {
          copy(result.gradients().get(segment.wanted.get(i)), out[i]);
        }
      }
    }
  }
}
