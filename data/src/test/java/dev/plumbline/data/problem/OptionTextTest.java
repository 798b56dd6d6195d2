package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options named by their text, and texts that only resemble an option. */
class OptionTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      nullValues = "none",
      value = {
        "5; 15; 25 # so it is 25 # C",
        "5; 15; 25 # so it is 25. # C",
        "5; 15; 25 # so it is 5 or 25 # none",
        "5; 15; 25 # so it is 250 # none",
        "5; 15; 25 # so it is 0.5 # none",
        "5; 15; 25 # so it is .5 # none",
        "5; 15; 25 # so it is -5 # none",
        "5; 15; 25 # so it is 5/6 # none",
        "5; 15; 25 # so it is 1/5 # none",
        "5; 15; 25 # so it is 5% # none",
        "5; 15; 25 # so it is 5.2 # none",
        "5; 15; 25 # so it is 1,5 # none",
        "5; 15; 25 # so it is 2^5 # none",
        "5; 15; 25 # x=5 # A",
        "5; 15; 25 # costs $5, no more # A",
        "5; 15; 25 # nothing here # none",
        "5; 5; 25 # so it is 5 # none",
        "-5; 15; 25 # so it is -5 # A",
        "-5; 15; 25 # so it is \u22125 # A",
        "25 km; 30 km; 35 km # that makes 30  KM in all # B",
        "25 km; 30 km; 35 km # that makes 30 # none",
        "bank; river bank; river # by the river bank # B",
        "bank; river bank; river # at the bank # A",
        "bank; river bank; river # a riverbank # none",
        "bank; river bank; river # the bank by the river # none",
        "x; y; none of these # x is not it: None of these. # C",
        "x; y; none of these # x # none"
      })
  void namedByText(String options, String response, String letter) {
    assertThat(OptionText.letter(List.of(options.split("; ")), response)).isEqualTo(letter);
  }

  @Test
  void countsOnlyWithoutALetterAndOnlyFlexibly() {
    Problem p = new Problem("p", Task.AQUA, "q", List.of("5", "15", "25"), "The answer is C", "C");
    Grade text = p.grade("so it is 25");
    assertThat(text).isEqualTo(new Grade(false, null, true, "C"));
    assertThat(p.grade("so it is 25, that is (B)").extractedFlexible()).isEqualTo("B");
    assertThat(p.grade("The answer is A, not 25").extractedFlexible()).isEqualTo("A");
    assertThat(p.grade("so it is 15").correctFlexible()).isFalse();
    Problem open = new Problem("g", "q", "#### 25", "25");
    assertThat(open.grade("25").extractedFlexible()).isEqualTo("25");
    assertThat(open.grade("none").extractedFlexible()).isNull();
  }

  @Test
  void longResponsesTakeLinearTime() {
    String response = "1 2 15 ".repeat(150_000) + " ".repeat(100_000);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> assertThat(OptionText.letter(List.of("1", "2", "3", "4", "5"), response)).isNull());
  }
}
