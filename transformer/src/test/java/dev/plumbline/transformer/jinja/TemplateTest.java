package dev.plumbline.transformer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Templates print what Jinja2 3.1 printed for them, and end within their bounds. */
class TemplateTest {
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "talk",
          List.of(
              Map.of("role", "system", "content", " Be kind. "),
              Map.of("role", "user", "content", "Two\nlines"),
              Map.of("role", "assistant", "content", "Yes \uD83C\uDF89")),
          "n",
          7L,
          "half",
          0.5,
          "text",
          "Plumb Line",
          "list",
          List.of(3L, 1L, 2L));

  private static String render(String source) {
    return Template.parse(source).render(VARIABLES).text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        // slices
        "talk[::-1]|map(attribute='role')|join(',');assistant,user,system",
        "talk[1::2]|length;1",
        "list[:-1];[3, 1]",
        "text[::-2];ei ml",
        "list[5:0:-1];[2, 1]",
        "talk[-1].content[-1] == talk[-1].content|last;True",
        // precedence
        "list|length - 1;2",
        "talk[talk|length - 1].role;assistant",
        "n % 2 == 1 and not 'x' in text;True",
        "not nobody is defined;True",
        "not text.startswith('Plumb') or n;7",
        "-n ** 2;49",
        "n ~ 2 * 3 ~ 'a';76a",
        "1 < 2 < 2;False",
        "'yes' if n is odd and n is not none else 'no';yes",
        "n - 1 ~ 'a' if false;``",
        // values
        "7 / 2;3.5",
        "-7 // 2;-4",
        "-7 % 3;2",
        "2 ** -1;0.5",
        "1e16;1e+16",
        "0.1 + 0.2;0.30000000000000004",
        "[none, true, 1.0, 'a'];[None, True, 1.0, 'a']",
        "{'a': [1, {'b': none}]} == {'a': [1.0, {'b': none}]};True",
        "none == false;False",
        // filters, tests, methods
        "{'b': 1, 'a': [2.5, none, true]}|tojson;{\"b\": 1, \"a\": [2.5, null, true]}",
        "talk|selectattr('role', 'in', ['user', 'assistant'])|list|length;2",
        "talk|rejectattr('role', 'equalto', 'user')|map(attribute='role')|list;['system', 'assistant']",
        "list|sort(reverse=true)|join('-');3-2-1",
        "[4, 5, 6]|select('divisibleby', 2)|sum;10",
        "nobody|default('d') ~ ''|default('e', true);de",
        "text.split()[0].upper() ~ text.replace('L', 'l', 1);PLUMBPlumb line",
        "' a b  c'.split(none, 1);['a', 'b  c']",
        "'%s: %.1f' % ('x', half);x: 0.5",
        "2.5|round ~ 3.5|round;2.04.0",
        "'well-read'|title ~ talk[0].content|trim;Well-ReadBe kind."
      })
  void expressions(String expression, String printed) {
    assertThat(render("{{ " + expression + " }}")).isEqualTo(printed == null ? "" : printed);
  }

  @ParameterizedTest
  @CsvSource({
    "'{% for m in talk if m.role != ''system'' %}{{ loop.index }}{{ m.role }} {% endfor %}', '1user 2assistant '",
    "'{% for i in list %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% else %}none{% endfor %}', 32",
    "'{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}', 01",
    "'{% set s = namespace(n=0) %}{% for i in list %}{% set s.n = s.n + i %}{% endfor %}{{ s.n }}', 6",
    "'{% set x = 1 %}{% for i in list %}{% set x = x + i %}{% endfor %}{{ x }}', 1",
    "'{% macro f(a, b=2) %}<{{ a }}{{ b }}>{% endmacro %}{{ f(1) }}{{ f(b=0, a=n) }}', <12><70>",
    "'{% macro f() %}[{{ caller(1) }}]{% endmacro %}{% call(x) f() %}{{ x }}{% endcall %}', [1]",
    "'{% set b | upper %}a{{ n }}{% endset %}{{ b }}{% filter trim %} q {% endfilter %}', A7q",
    "'{% for i in [[1, [2]]] recursive %}{% if i is iterable %}({{ loop(i) }}){% else %}{{ i }}{% endif %}{% endfor %}', (1(2))",
    "'{% with a=n %}{{ a }}{% endwith %}{{ a }}{% raw %}{{ a }}{% endraw %}', 7{{ a }}",
    "'{% for k, v in {''a'': 1}.items() %}{{ k }}{{ v }}{% endfor %}{# no #}', a1"
  })
  void statements(String source, String printed) {
    assertThat(render(source)).isEqualTo(printed);
  }

  /** trim_blocks, lstrip_blocks, minus and plus signs, and the last newline. */
  @Test
  void whitespace() {
    assertThat(render("a\n  {% if n %}\n  x\n  {% endif %}\n y\n")).isEqualTo("a\n  x\n y");
    assertThat(render("  {{ n }}\n\n")).isEqualTo("  7\n");
    assertThat(render("a  {%- if n -%}  x  {%- endif -%}\n b")).isEqualTo("axb");
    assertThat(render("a\n  {%+ if n %}x{% endif +%}\nb")).isEqualTo("a\n  x\nb");
    assertThat(render("a \n {#- c -#} \n b {{- n -}} !")).isEqualTo("ab7!");
  }

  @Test
  void spokenPartsAreMarked() {
    Template.Rendering rendering =
        Template.parse("ab{% generation %}cd{{ n }}{% endgeneration %}e").render(VARIABLES);
    assertThat(rendering.text()).isEqualTo("abcd7e");
    assertThat(rendering.spoken()).containsExactly(new Template.Span(2, 5));
  }

  @ParameterizedTest
  @CsvSource({
    "'a\n{% fro %}', line 2: the tag 'fro' is unknown",
    "'{% include ''x'' %}', 'the tag ''include'' is not supported'",
    "'{{ n|nofilter }}', 'the filter ''nofilter'', which is not supported'",
    "'{{ n is nocheck }}', 'the test ''nocheck'', which is not supported'",
    "'{{ talk.append(1) }}', templates may not",
    "'{{ n + text }}', applies '+' to an int and a string",
    "'{{ nobody.there }}', 'uses ''nobody'', which is undefined'",
    "'{{ text.__class__ }}', not safe",
    "'{{ 9 ** 99 }}', no number of 64 bits",
    "'{{ raise_exception(''No.'') }}', refuses the conversation: 'No.'",
    "'{% if n %}', the end of the template was found where",
    "'{{ (n }}', '}' closes no bracket",
    "'{{ n +}}', the end of the tag was found where an expression",
    "'{{ ''a }}', a string has no end",
    "'{{ [n, [{talk: 1}]] }}', uses a list as a key"
  })
  void errorsSayWhatAndWhere(String source, String message) {
    assertThatThrownBy(() -> render(source.replace("\\n", "\n")))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(message);
  }

  static Stream<String> hostile() {
    String doubling =
        "{% set s = namespace(x=START) %}{% for i in range(90) %}{% set s.x = NEXT %}{% endfor %}";
    String twice = doubling.replace("START", "[1]").replace("NEXT", "[s.x, s.x]");
    String text =
        "{% set t = 'a' * 1000000 %}{% for i in range(99999) %}{% if BODY %}{% endif %}{% endfor %}";
    return Stream.of(
        doubling.replace("START", "'ab'").replace("NEXT", "s.x ~ s.x"),
        doubling.replace("START", "'ab'").replace("NEXT", "s.x.replace('', s.x)"),
        doubling.replace("START", "[1]").replace("NEXT", "s.x + s.x"),
        twice + "{{ s.x }}",
        twice + "{{ s.x|tojson }}",
        "{{ 'x' * 10 ** 12 }}",
        "{{ range(10 ** 9) }}",
        "{{ 'x'|indent(10 ** 9) }}",
        "{{ '%99999999d' % 1 }}",
        "{{ ('a' * 1000)|join('b' * 100000) }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) ~ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
        "{% for i in list recursive %}{{ loop(list) }}{% endfor %}",
        text.replace("BODY", "'b' in t"),
        text.replace("BODY", "t == t ~ ''"),
        text.replace("BODY", "t.isalpha()"),
        text.replace("BODY", "t[:500000] ~ 'b' in t"),
        "{{ " + "(".repeat(30_000) + "1" + ")".repeat(30_000) + " }}",
        "{{ " + "[".repeat(30_000) + " }}",
        "{{ " + "not ".repeat(30_000) + "1 }}",
        "{{ n" + "|abs".repeat(30_000) + " }}",
        "{{ n" + ".a".repeat(30_000) + " }}",
        "{{ 1" + " if 1 else 1".repeat(30_000) + " }}",
        "{% if n %}".repeat(30_000) + "{% endif %}".repeat(30_000),
        "{% set x %}".repeat(30_000),
        "{% for i in list %}".repeat(30_000));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void endsWithinItsBounds(String source) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> assertThatThrownBy(() -> render(source)).isInstanceOf(TemplateException.class));
  }

  /** Large templates take time in proportion to their size. */
  @ParameterizedTest
  @CsvSource({
    "'{{ ''a'' }}', 300000",
    "'{# c #} \n', 500000",
    "'{ ', 2000000",
    "'-%} { ', 1000000",
    "'{% raw %}{{{% endraw %}', 150000"
  })
  void largeTemplatesAreReadInLinearTime(String part, int count) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> Template.parse(part.repeat(count) + "{% if n %}{% endif %}"));
  }
}
