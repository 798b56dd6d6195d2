package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.math.MathEquality;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MATH's grading: equal answers, different answers, and hostile answers. */
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
        "6.2\\times10^5 # 620000",
        "\\frac{3}{2} # 1 1/2",
        "10000 # 10 000",
        "10000 # 10\\,000",
        "\\{1,234\\} # \\{234,1\\}",
        "2^{2010}-1 # -1+2^{2010}",
        "\\binom{5}{2} # 10",
        "\\sqrt[3]{8} # 2",
        "\\sqrt[3]{16} # 2\\sqrt[3]{2}",
        "8^{1/3} # 2",
        "0.\\overline{3} # \\frac{1}{3}",
        "0.1\\overline{6} # \\frac16",
        "x=1,y=2 # y=2,x=1",
        "5,6 # 5\\text{ and }6",
        "5,6 # 5\\text{ or }6",
        "5,6,7 # 5, 6, \\text{ and } 7",
        "12\\text{ cm} # 12 cm",
        "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix} # \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
        "2\\pi # 2\u03c0",
        "2\\pi # 2pi",
        "\\sqrt{2} # sqrt(2)",
        "\\sqrt{2} # \u221a2",
        "-0 # 0",
        "+5 # 5",
        "x<5 # x < 5",
        "x \\ge 5 # x\\geq5",
        "x_1 # x_{1}",
        "\\frac{\\sqrt{2}+\\sqrt{6}}{4} # \\frac{\\sqrt6+\\sqrt2}{4}",
        "\\frac{1}{\\sqrt{2}+\\sqrt{3}+\\sqrt{5}} # \\frac{3\\sqrt2+2\\sqrt3-\\sqrt{30}}{12}",
        "\\frac{x^2-1}{x-1} # x+1",
        "90 # 90^{\\circ}",
        "3.50 # \\$3.5",
        "\\frac{5}{6} # \\frac 56",
        "\\frac{14}{3} # \\frac{14}3",
        "\\frac{\\pi}{2} # \\frac\\pi2",
        "3:00 # 3:00",
        "-1\\frac{1}{2} # -\\frac{3}{2}",
        "\\text{(B)} # (B)",
        "\\left(-\\frac{1}{2},3\\right) # (-0.5,3)",
        "50 # 50 \\%",
        "1{,}234{,}567 # 1234567",
        "\\sqrt{-4} # 2i",
        "2\\sqrt{3}i # 2i\\sqrt3",
        "i^2 # -1",
        "|{-3}| # 3",
        "\\sin(x) # \\sin x",
        "12\\text{ inches} # 12",
        "5\\text{ square units} # 5",
        "y=2x+3 # 2x+3=y",
        "x = 5 # 5",
        "2(x+1) # 2x+2",
        "-x^2 # -(x^2)",
        "\\frac{-3}{4} # -\\frac{3}{4}",
        "\\frac{3}{-4} # -\\frac{3}{4}",
        "10^{-2} # 0.01",
        "1000000 # 10^6",
        "\\{-1,1\\} # \\pm1",
        "\\text{Monday} # Monday",
        "3.25 # 3\\frac{1}{4}",
        "\\frac{\\sqrt[]{3}}{2} # \\frac{\\sqrt3}{2}",
        "\\sin^2 x # (\\sin x)^2",
        "\\sin(x)^2 # \\sin^2(x)",
        "\\log_{2}(x)^2 # (\\log_2 x)^2",
        "\\text{Yes} # yes",
        "\\text{no} # No",
        "x=\\text{no} # \\text{no}",
        "5\\text{ million} # 5 million"
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
        "7 # ''",
        "\\frac{11}{2} # 1 1/2",
        "12 # 1 2",
        "\\{1,234\\} # 1234",
        "2^{2010}-1 # 2^{2010-1}",
        "2^{100}+1 # 2^{100+1}",
        "3^{100} # 3^{10}0",
        "\\binom{5}{2} # \\binom{2}{5}",
        "\\sqrt[3]{16} # 2\\sqrt{2}",
        "0.\\overline{3} # 0.3",
        "x=1,y=2 # x=2,y=1",
        "5,6 # 56",
        "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix} # \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
        "\\text{yes} # \\text{no}",
        "x<5 # x\\le 5",
        "x<5 # x>5",
        "\\frac{a}{b} # \\frac{b}{a}",
        "a^b # b^a",
        "x_1 # x_2",
        "\\frac{1}{\\sqrt{2}+\\sqrt{3}+\\sqrt{5}} # \\frac{3\\sqrt2+2\\sqrt3+\\sqrt{30}}{12}",
        "(1,2) # (1,2,3)",
        "(1,2) # \\{1,2\\}",
        "(-\\infty,2) # (\\infty,2)",
        "[1,2)\\cup(3,4] # [1,2]\\cup(3,4]",
        "90 # 9^{\\circ}0",
        "3,500 # 3.5",
        "1,500 # 1500,",
        "5 # 5,5",
        "5 # (5,5)",
        "\\frac{\\pi}{2} # \\frac2\\pi",
        "3:00 # 300",
        "2:3 # 3:2",
        "-1\\frac{1}{2} # -\\frac12",
        "1\\frac{1}{2} # \\frac{1}{2}",
        "\\text{(B)} # \\text{(b)c}",
        "1.0 # 10",
        "0.1 # 0.10000001",
        "0.5 # .05",
        "\\frac{1}{100} # 1\\%",
        "1,234 # 1.234",
        "3+4i # 3-4i",
        "3+4i # 4+3i",
        "x # y",
        "\\sqrt{x} # x",
        "|x| # x",
        "\\pi # 3.14159265358979",
        "\\frac{22}{7} # \\pi",
        "\\sin 2x # \\sin x",
        "12\\text{ inches} # 13\\text{ inches}",
        "y=2x+3 # y=3x+2",
        "x = 5 # -5",
        "2(x+1) # 2x+1",
        "\\frac{1}{x+1} # \\frac1x+1",
        "2^{x+1} # 2^x+1",
        "-x^2 # (-x)^2",
        "-2^2 # 4",
        "6.02\\times10^{23} # 6.02\\times10^{22}",
        "\\emptyset # 0",
        "\\{-1,1\\} # 1",
        "3\\frac{1}{4} # \\frac{3}{4}",
        "7 # 7x",
        "6 # \\boxed{6",
        "\\sin(x)^2 # \\sin(x^2)",
        "\\sin^2 x # \\sin x^2",
        "\\sin^{-1} x # \\frac{1}{\\sin x}",
        "\\text{no} # \\text{on}",
        "\\text{no} # on",
        "\\text{yes} # \\text{no}",
        "5 # 5\\text{ million}"
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
    assertThat(MathEquality.boxed("\\boxed{1}, so \\boxed{2")).isEqualTo("1"); // cut off
    assertThat(MathEquality.boxed("\\boxed{\\left\\{1,2\\right.}"))
        .isEqualTo("\\left\\{1,2\\right.");
    assertThat(MathEquality.boxed("{ \\boxed{\\fbox{3}} }")).isEqualTo("3");
    assertThat(MathEquality.boxed("} \\boxed{4}")).isEqualTo("4");
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
            "\\".repeat(990),
            "\\sqrt{(\\sqrt{(\\sqrt{(\\sqrt{(\\sqrt{(x+1)^{60}}+1)^{60}}+1)^{60}}+1)^{60}}+1)^{60}}",
            "(\\sqrt{x+1}+\\sqrt{y+1}+\\sqrt{z+1})^{25}",
            "\\sqrt{9^{60^2}+1}+".repeat(50) + "1",
            "\\sqrt{7^{60}+1}+".repeat(60) + "1",
            "(x+y+1)^{20}+".repeat(70) + "1",
            "(x+y+1)^{20}/".repeat(70) + "1",
            "(x+1)^{60}/(y+1)^{60}+".repeat(30) + "1",
            "\\sin".repeat(240) + "x",
            "x^".repeat(480) + "x",
            "\\frac".repeat(190) + "1",
            "-".repeat(990) + "1",
            "x^{-".repeat(300) + "x",
            "((1,2),".repeat(140) + "1",
            "1/(x+".repeat(140) + "1",
            "1/3+".repeat(200) + "1",
            "\\sqrt{2}\\sqrt{3}+\\sqrt{5}+".repeat(40) + "1",
            "(\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}+\\sqrt{17})^{60}"
                    .repeat(4)
                + "1",
            "\\{1,2,3,4,5,6,7,8,9\\},".repeat(20) + "1",
            "50!*".repeat(150) + "1",
            "50!^{60}*".repeat(90) + "1",
            "\\frac{1}{".repeat(120) + "1",
            "x=".repeat(300) + "1",
            "\\pm".repeat(300) + "1",
            "1\\pm".repeat(300) + "1",
            "\\text{".repeat(140) + "1",
            "\\frac1".repeat(240) + "1",
            "\\frac{1}".repeat(240) + "1",
            "( ".repeat(400) + "1",
            "|".repeat(900) + "1",
            "_".repeat(900) + "1",
            "{}".repeat(400) + "1",
            "\\{".repeat(400) + "1",
            ".".repeat(900) + "1",
            ",".repeat(900) + "1");
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (String answer : hostile) {
            long start = System.nanoTime();
            assertThat(MathEquality.same("5", answer)).isFalse();
            assertThat(MathEquality.same(answer, "\\frac{1}{2}")).isFalse();
            double seconds = (System.nanoTime() - start) / 1e9;
            assertThat(seconds)
                .as(answer.substring(0, Math.min(60, answer.length())))
                .isLessThan(5);
            assertThat(MathGrader.grade("5", "\\boxed{" + answer + "}").correct()).isFalse();
            assertThat(MathGrader.grade("5", answer).correct()).isFalse();
          }
        });
  }
}
