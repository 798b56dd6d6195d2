package dev.plumbline.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.math.MathEquality;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MATH's grading: what must be equal, what must not, and what must not hang. */
class MathGraderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "\\frac{1}{2} # 0.5",
        "\\frac{1}{2} # \\dfrac{1}{2}",
        "\\frac{1}{2} # \\frac12",
        "\\frac{1}{2} # 1/2",
        "\\frac{1}{2} # \\frac{2}{4}",
        "\\frac{1}{2} # \\tfrac{ 1 }{ 2 }",
        "-\\frac{1}{3} # \\frac{-1}{3}",
        "-\\frac{1}{3} # \\frac{1}{-3}",
        "\\frac{3}{2} # 1\\frac{1}{2}",
        "1.5 # 1\\frac12",
        "10,000 # 10000",
        "8{,}880 # 8880",
        "14\\!,\\!916 # 14916",
        "12 # 12.0",
        "12 # 12.",
        ".5 # 0.50",
        "36 # 36^\\circ",
        "36 # \\$36",
        "50 # 50\\%",
        "5.4 # 5.4 \\text{ cents}",
        "12 # 12\\text{ cm}^2",
        "\\sqrt{8} # 2\\sqrt{2}",
        "\\frac{1}{\\sqrt{2}} # \\frac{\\sqrt{2}}{2}",
        "\\frac{\\sqrt{3}}{3} # \\frac{1}{\\sqrt3}",
        "3+\\frac{\\sqrt{69}}{3} # \\frac{9+\\sqrt{69}}{3}",
        "6\\sqrt{3}+6 # 6(1+\\sqrt{3})",
        "\\sqrt{\\frac{2}{3}} # \\frac{\\sqrt{6}}{3}",
        "\\frac{1}{2-\\sqrt{3}} # 2+\\sqrt{3}",
        "8\\pi-16 # -16+8\\pi",
        "\\frac{2\\pi}{3} # \\frac23\\pi",
        "(2,3) # \\left( 2, 3 \\right)",
        "(0,\\frac{1}{2}) # (0,0.5)",
        "[3,\\infty) # \\left[3,\\infty\\right)",
        "(-\\infty,0]\\cup[4,\\infty) # [4,\\infty)\\cup(-\\infty,0]",
        "6,-2 # -2, 6",
        "\\{1,2,3\\} # \\{3,1,2\\}",
        "1\\pm\\sqrt{2} # 1+\\sqrt{2},1-\\sqrt{2}",
        "x^2+10x+25 # (x+5)^2",
        "\\frac{2x-7}{(x+1)(x-2)} # \\frac{2x-7}{x^2-x-2}",
        "3 # x=3",
        "[1,2] # x\\in[1,2]",
        "4x-5y=-50 # 5y-4x=50",
        "y=2x+1 # 2x+1=y",
        "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix} # \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        "\\begin{pmatrix}1/2\\\\1\\end{pmatrix} # \\begin{pmatrix}0.5\\\\1\\end{pmatrix}",
        "-15+8i # 8i-15",
        "(1+i)^2 # 2i",
        "\\text{ellipse} # ellipse",
        "\\text{(C)} # C",
        "\\text{Sunday} # \\text{sunday}",
        "4210_{5} # 4210_5",
        "2^{10} # 1024",
        "5! # 120",
        "6.2\\times10^5 # 620000"
      })
  void equal(String gold, String answer) {
    assertThat(MathEquality.same(gold, answer)).as("%s = %s", gold, answer).isTrue();
    assertThat(MathEquality.same(answer, gold)).as("%s = %s", answer, gold).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "5 # -5",
        "\\frac{1}{2} # -\\frac{1}{2}",
        "\\frac{1}{2} # \\frac{1}{3}",
        "\\frac{1}{2} # \\frac{2}{1}",
        "0.333 # \\frac{1}{3}",
        "3.14 # \\pi",
        "1.414 # \\sqrt{2}",
        "50 # 0.5",
        "1000 # 10000",
        "(2,3) # (3,2)",
        "(2,3) # [2,3]",
        "(2,3] # (2,3)",
        "[3,\\infty) # (3,\\infty)",
        "(2,3) # 2,3",
        "6,-2 # 6,2",
        "6,-2 # 6",
        "\\{1,2\\} # \\{1,2,3\\}",
        "2\\sqrt{2} # \\sqrt{2}",
        "\\sqrt{2}+\\sqrt{3} # \\sqrt{5}",
        "2+\\sqrt{3} # 2-\\sqrt{3}",
        "x+2 # x-2",
        "x^2+10x+25 # x^2+25",
        "4x-5y=-50 # 4x-5y=50",
        "\\begin{pmatrix}1\\\\2\\end{pmatrix} # \\begin{pmatrix}1&2\\end{pmatrix}",
        "\\begin{pmatrix}1\\\\2\\end{pmatrix} # \\begin{pmatrix}2\\\\1\\end{pmatrix}",
        "8i-15 # 8-15i",
        "\\text{ellipse} # \\text{parabola}",
        "\\text{even} # \\text{neve}",
        "\\text{(C)} # \\text{(D)}",
        "4210_5 # 4210",
        "3\\pi # 3",
        "12 # 1,2",
        "7 # ''"
      })
  void different(String gold, String answer) {
    assertThat(MathEquality.same(gold, answer)).as("%s, %s", gold, answer).isFalse();
    assertThat(MathEquality.same(answer, gold)).as("%s, %s", answer, gold).isFalse();
  }

  @Test
  void takesTheLastBox() {
    assertThat(MathEquality.boxed("so \\boxed{1} or \\boxed{\\frac{1}{2}}."))
        .isEqualTo("\\frac{1}{2}");
    assertThat(MathEquality.boxed("so $\\boxed 5$.")).isEqualTo("5");
    assertThat(MathEquality.boxed("\\fbox{7}")).isEqualTo("7");
    assertThat(MathEquality.boxed("\\boxed{1")).isNull();
    assertThat(MathEquality.boxed("\\boxed")).isNull();
    assertThat(MathEquality.boxed("no box")).isNull();
    Grade grade = MathGrader.grade("\\frac12", "We see that the answer is $0.5$.");
    assertThat(grade.correct()).isFalse();
    assertThat(grade.correctFlexible()).isTrue();
    assertThat(MathGrader.grade("5", "It is 3, no, 5").correctFlexible()).isTrue();
    assertThat(MathGrader.grade("5", "").extractedFlexible()).isNull();
  }

  @Test
  void hostileAnswersNeitherHangNorOverflow() {
    List<String> hostile =
        List.of(
            "(".repeat(900),
            "\\frac{".repeat(160),
            "9".repeat(100_000),
            "9^9^9^9",
            "(x+y+z+w+v)^{60}",
            "\\sqrt{" + "9".repeat(900) + "}",
            "1,".repeat(400),
            "50!^{50}^{50}",
            "{".repeat(1_000_000),
            "\\boxed{".repeat(50_000),
            "1/0",
            "x_{".repeat(300),
            "[[".repeat(400) + "]",
            "\\".repeat(990));
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (String answer : hostile) {
            assertThat(MathEquality.same("5", answer)).isFalse();
            assertThat(MathEquality.same(answer, "\\frac{1}{2}")).isFalse();
            assertThat(MathGrader.grade("5", "\\boxed{" + answer + "}").correct()).isFalse();
            assertThat(MathGrader.grade("5", answer).correct()).isFalse();
          }
        });
  }
}
