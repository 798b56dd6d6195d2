package dev.plumbline.data.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs in {@code mvn -Psymja} only. */
class SymjaOpinionTest {
  private static final SecondOpinion SYMJA = SecondOpinion.find().orElseThrow();

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "\\cos\\frac{\\pi}{3} # \\frac{1}{2}",
        "\\tan\\left(\\frac{\\pi}{8}\\right) # \\sqrt{2}-1",
        "\\sqrt{3+2\\sqrt{2}} # 1+\\sqrt{2}",
        "\\sqrt{5+2\\sqrt6} # \\sqrt2+\\sqrt3",
        "\\log_{2} 8 # 3",
        "\\log_2 8 # 3",
        "\\ln (e^2) # 2",
        "\\sin^2 x+\\cos^2 x # 1",
        "\\sin (2x) # 2\\sin x\\cos x",
        "\\sec x # \\frac{1}{\\cos x}",
        "\\arctan 1 # \\frac{\\pi}{4}",
        "\\sqrt[4]{4} # \\sqrt{2}",
        "e^{i\\pi} # -1",
        "\\sin\\frac{\\pi}{10} # \\frac{\\sqrt5-1}{4}",
        "2^{\\frac{1}{2}} # \\sqrt{2}",
        "1\\frac12 # 1.5",
        "\\tan\\frac{\\pi}{12} # 2-\\sqrt{3}"
      })
  void equal(String gold, String answer) {
    assertThat(SYMJA.same(gold, answer, Duration.ofSeconds(20))).isTrue();
    assertThat(SYMJA.same(answer, gold, Duration.ofSeconds(20))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "1\\frac12 # \\frac12",
        "\\frac10 # \\frac20",
        "\\frac{1}{0} # \\frac{2}{0}",
        "\\sin 30 # 0",
        "\\log 100 # 0",
        "0.333 # \\frac13",
        "\\pi # \\frac{355}{113}",
        "\\pi # 3.141592653589793",
        "\\sqrt{x^2} # x",
        "\\sqrt{3+2\\sqrt{2}} # 1+\\sqrt{3}",
        "\\cos\\frac{\\pi}{3} # -\\frac12",
        "(1,2) # (1,2)",
        "E # e",
        "C # 0",
        "1,234 # 1234.5",
        "x_1 # x",
        "12_5 # 12",
        "\\foo # 0",
        "\\sin(x)^2 # \\sin(x^2)"
      })
  void differentOrNotRead(String gold, String answer) {
    assertThat(SYMJA.same(gold, answer, SecondOpinion.DEADLINE)).isFalse();
    assertThat(SYMJA.same(answer, gold, SecondOpinion.DEADLINE)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\sin 2x", "\\sin x^2", "9^{9^9}", "2^{1000}", "2^3^4", "x y_2", "\\log x", "f!", "", "+"
      })
  void ambiguousAndHostileTextsAreRefused(String text) {
    assertThatThrownBy(() -> SymjaText.of(MathText.normalise(text)))
        .isInstanceOf(Unsupported.class);
  }

  @Test
  void everyOperationIsInBrackets() {
    assertThat(SymjaText.of(MathText.normalise("-2x^2+\\frac{x}{3}-0.05")))
        .isEqualTo("(-2*(letter120^2)+((letter120)/(3))-(5/100))");
  }

  @Test
  void deadlinesHold() {
    List<String> slow = List.of("(x+y+z)^{99}(x-y)^{99}", "\\sqrt{1+\\sqrt{2+\\sqrt{3+x^{99}}}}");
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> slow.forEach(s -> assertThat(SYMJA.same(s, "1", Duration.ofSeconds(1))).isFalse()));
  }
}
