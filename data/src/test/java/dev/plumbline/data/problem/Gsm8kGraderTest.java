package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Gsm8kGraderTest {
  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "so he has 18.\\n#### 18 | 18",
        "#### -5 | -5",
        "#### \u22125 | -5", // U+2212, the typographic minus
        "#### 1,234 | 1234",
        "#### 1,234,567.50 | 1234567.50",
        "#### 18. | 18",
        "#### 18.0 | 18.0",
        "#### .5 | .5",
        "#### 50% | 50",
        "#### 18 dollars | 18",
        "#### 18\\n#### 20 | 18", // the first match counts
        "#### no idea\\n#### 20 | 20", // of the pattern, not of the hashes
        "#### $18 | none", // the published pattern knows no currency sign
        "####18 | none",
        "#### eighteen | none",
        "#### 1.2.3 | none",
        "#### ... | none",
        "#### 1/2 | 1/2", // where the published pattern stops at the slash
        "### 18 | none",
        "the answer is 18 | none",
        "'' | none",
        "A: 18 | 18",
        "He has 4.\\nA: 18\\n | 18",
        "A: $1,800 | 1800",
        "A: -$5 | -5",
        "A: 18 dollars | none",
        "A: 1/5 | none",
        "A: -1.8 billion | none",
        "A: 10+John's age | none",
        "A: 18\\nand more | none", // only the last line
        "#### x\\nA: 18 | none", // the letter form counts only without hashes
      })
  void strict(String text, String expected) {
    assertThat(Gsm8kGrader.strict(unescape(text)).orElse(null)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "the answer is 18 | 18",
        "the answer is 18. | 18",
        "it costs $1,234.50 in all | 1234.50",
        "3 apples and 4 pears | 4",
        "he has 5 ... | 5", // a match without a digit is passed over
        "it fell by \u22127 degrees | -7",
        "-7 degrees | -7",
        "#### 18\\n#### 20 | 20",
        "no number | none",
        "$ | none",
        "'' | none",
        "1/2 | 1/2",
        "20% | 20",
      })
  void flexible(String text, String expected) {
    assertThat(Gsm8kGrader.flexible(unescape(text)).orElse(null)).isEqualTo(expected);
  }

  private static String unescape(String text) {
    return text.replace("\\n", "\n");
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "18 | 18.0 | true",
        "18 | 18.000 | true",
        "18 | 018 | true",
        "0.5 | .5 | true",
        "1,000 | 1000 | true",
        "$7 | 7 | true",
        "7. | 7 | true",
        "-0 | 0 | true",
        "5 | -5 | false",
        "18 | 18.00001 | false",
        "12345678901234567890 | 12345678901234567891 | false", // equal as doubles
        "12345678901234567890.0 | 12,345,678,901,234,567,890 | true",
        "1e3 | 1000 | false", // nobody writes answers so
        "NaN | NaN | false",
        "'' | '' | false",
        "1/2 | 0.5 | true",
        "3 1/2 | 3.5 | true",
        "3 1/2 | 31/2 | false",
        "1/0 | 1/0 | false",
      })
  void sameNumber(String a, String b, boolean same) {
    assertThat(Gsm8kGrader.sameNumber(a, b)).isEqualTo(same);
    assertThat(Gsm8kGrader.sameNumber(b, a)).isEqualTo(same);
  }

  @Test
  void toleranceIsRftsAndExclusive() {
    BigDecimal tolerance = Gsm8kGrader.EVALUATION_TOLERANCE;
    assertThat(tolerance).isEqualByComparingTo("0.0001");
    assertThat(Gsm8kGrader.sameNumber("18", "18.00009", tolerance)).isTrue();
    assertThat(Gsm8kGrader.sameNumber("18", "18.0001", tolerance)).isFalse();
  }

  @Test
  void endlessDigitsAreNotANumber() {
    assertThat(Gsm8kGrader.strict("#### " + "3".repeat(200_000))).isEmpty();
    assertThat(Gsm8kGrader.flexible("#### " + "3".repeat(200_000))).isEmpty();
  }

  @Test
  void gradesBothWays() {
    assertThat(Gsm8kGrader.grade("6*3 = <<6*3=18>>18\n#### 18", " that is 18.0\n#### 18.0"))
        .isEqualTo(new Grade(true, "18.0", true, "18.0"));
    assertThat(Gsm8kGrader.grade("#### 18", "that is $18."))
        .isEqualTo(new Grade(false, null, true, "18"));
    assertThat(Gsm8kGrader.grade("#### 18", "")).isEqualTo(new Grade(false, null, false, null));
    assertThat(Gsm8kGrader.grade("1,800", "A: 1800").correct()).isTrue();
  }

  @Test
  void refusesGoldWithoutAnswer() {
    assertThatThrownBy(() -> Gsm8kGrader.grade("He has some.", "#### 3"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("He has some.")
        .hasMessageContaining("#### n");
  }
}
