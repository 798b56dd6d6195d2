package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CalculatorCheckTest {
  @ParameterizedTest(name = "{0} -> {1}, {2} wrong")
  @CsvSource(
      delimiter = '|',
      value = {
        "no annotation | 0 | 0",
        "'' | 0 | 0",
        "<<12*3=36>>36 | 1 | 0",
        "<<12*3=35>>35 | 1 | 1",
        "<<12*3=36>>36 and <<36+4=41>>41 | 2 | 1",
        "<< 1 + 1 = 2 >>2 | 1 | 0",
        "<<1,000+1=1,001>> | 1 | 0",
        "<<200*20%=40>> | 1 | 0",
        "<<10/4=2.5>> | 1 | 0",
        "<<10/3=3.333>> | 1 | 0", // within the tolerance
        "<<10/3=3.33>> | 1 | 1",
        "<<1=1.0009>> | 1 | 0",
        "<<1=1.0011>> | 1 | 1",
        "<<2+2=4=4>> | 1 | 0", // the first two parts count
        "<<2+2=4=5>> | 1 | 0",
        "<<2+2=5=4>> | 1 | 1",
        "<<4/2=8/4>> | 1 | 0",
        "<<560//10=56>> | 1 | 0",
        "<<1/0=0>> | 1 | 1",
        "<<2+2>> | 1 | 1",
        "<<>> | 1 | 1",
        "<<=>> | 1 | 1",
        "<<x=2>> | 1 | 1",
        "<<2*(3+4=14>> | 1 | 1",
        "<<2 | 1 | 1",
        "<< | 1 | 1",
        "<<2+2=4 and <<1+1=2>> | 2 | 1",
        "<<2+2=\\n4>> | 1 | 1",
        "<<2+2=\\u000d4>> | 1 | 0", // a carriage return is just a blank
        "<<3**2=9>> | 1 | 1", // Python would take it; a calculator has no such key
        "1 < 2 > 0 | 0 | 0",
      })
  void counts(String text, int annotations, int wrong) {
    String unescaped = text.replace("\\n", "\n").replace("\\u000d", "\r");
    assertThat(CalculatorCheck.check(unescaped))
        .isEqualTo(new CalculatorCheck.Result(annotations, wrong));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource({
    "1+2*3, 7",
    "(1+2)*3, 9",
    "10-4-3, 3",
    "24/4/2, 3",
    "7//2, 3",
    "-3+5, 2",
    "2*-3, -6",
    "--3, 3",
    "-(2+3)*2, -10",
    ".5+1., 1.5",
    "50%, 0.5",
    "(1+1)%, 0.02",
    "'1,234,567+1', 1234568",
    "1 000+1, 1001",
    "\u22125+7, 2",
    "((((1)))), 1",
  })
  void evaluates(String expression, double value) {
    assertThat(Arithmetic.evaluate(expression).orElseThrow()).isCloseTo(value, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "+", "1+", "*2", "1 2 x", "1..2", "1.2.3", "1,00", ",5", "()", "(1", "1)", "2(3)",
        "1/0", "0/0", "1e5", "a", "$5", "5%3", "1//0", "2^3"
      })
  void refuses(String expression) {
    assertThat(Arithmetic.evaluate(expression)).isEmpty();
  }

  @Test
  void deepNestingAndLongChainsDoNotOverflow() {
    assertThat(Arithmetic.evaluate("(".repeat(100_000))).isEmpty();
    assertThat(Arithmetic.evaluate("-".repeat(100_000) + "1")).isEmpty();
    assertThat(Arithmetic.evaluate("1" + "+1".repeat(9_999)).orElseThrow()).isEqualTo(10_000);
    assertThat(Arithmetic.evaluate("9".repeat(400))).isEmpty();
  }

  @Test
  void manyUnclosedAnnotationsTakeLinearTime() {
    assertThat(CalculatorCheck.check("<<".repeat(50_000)))
        .isEqualTo(new CalculatorCheck.Result(50_000, 50_000));
  }

  @Test
  void listsEquations() {
    assertThat(CalculatorCheck.equations("a <<1 + 1=2>>2 b <<2*3=7>>7 <<5"))
        .containsExactly("1+1=2", "2*3=7");
    assertThat(CalculatorCheck.TOLERANCE).isEqualTo(1e-3);
  }
}
