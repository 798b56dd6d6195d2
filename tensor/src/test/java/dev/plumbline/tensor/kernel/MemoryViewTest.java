package dev.plumbline.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

/** Windows of arrays that are larger than a Java buffer. */
class MemoryViewTest {
  /** Pages that are never accessed take no memory. */
  @Test
  void aWindowMayBeginBehindTwoGibibytes() {
    long length = Memory.MAX_FLOATS + 100L;
    try (FloatPointer pointer = new FloatPointer(length)) {
      pointer.put(length - 1, 7f);
      FloatBuffer window = Memory.view(pointer, length - 50, 50);
      assertThat(window.capacity()).isEqualTo(50);
      assertThat(window.get(49)).isEqualTo(7f);
      window.put(0, 3f);
      assertThat(pointer.get(length - 50)).isEqualTo(3f);
    }
  }
}
