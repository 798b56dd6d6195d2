package dev.plumbline.data.wordproblems;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The people of a problem: the hero {N}, another person {M} for comparisons, and a bystander {X}.
 * Fills in their names and pronouns.
 */
record Cast(String hero, boolean heroIsShe, String other, String bystander) {
  private static final Pattern HERO = Pattern.compile("\\{(N|[Hh]e|[Hh]is|him)\\}");
  private static final List<String> SHE =
      List.of(
          "Anna", "Beth", "Cara", "Dina", "Emma", "Faye", "Gina", "Hana", "Iris", "Jane", "Kate",
          "Lily");
  private static final List<String> HE =
      List.of(
          "Adam", "Ben", "Carl", "Dan", "Eric", "Finn", "Gus", "Hugo", "Ivan", "Jack", "Kurt",
          "Leo");

  static Cast draw(Random random) {
    int hero = random.nextInt(SHE.size() + HE.size());
    int other = (hero + 1 + random.nextInt(SHE.size() + HE.size() - 1)) % (SHE.size() + HE.size());
    int bystander = hero;
    while (bystander == hero || bystander == other) {
      bystander = random.nextInt(SHE.size() + HE.size());
    }
    return new Cast(name(hero), hero < SHE.size(), name(other), name(bystander));
  }

  /** Draws {@code count} different names. */
  static List<String> names(int count, Random random) {
    List<String> names = new ArrayList<>(SHE);
    names.addAll(HE);
    Collections.shuffle(names, random);
    return List.copyOf(names.subList(0, count));
  }

  private static String name(int index) {
    return index < SHE.size() ? SHE.get(index) : HE.get(index - SHE.size());
  }

  /** Whether a sentence template names the hero or uses a pronoun for him or her. */
  static boolean mentionsHero(String sentence) {
    return HERO.matcher(sentence).find();
  }

  /**
   * Fills in a list of sentences; after a sentence about somebody else, the hero is named again.
   */
  String tell(List<String> sentences) {
    StringBuilder text = new StringBuilder();
    boolean heroIsClear = false;
    for (String sentence : sentences) {
      String told = heroIsClear ? sentence : nameHero(sentence);
      if (text.length() > 0) {
        text.append(' ');
      }
      text.append(fill(told));
      boolean aboutSomebodyElse = sentence.contains("{M}") || sentence.contains("{X}");
      heroIsClear = !aboutSomebodyElse && (heroIsClear || mentionsHero(sentence));
    }
    return text.toString();
  }

  /** Replaces the first pronoun by the name, unless the sentence begins with the hero's name. */
  private static String nameHero(String sentence) {
    Matcher first = HERO.matcher(sentence);
    if (!first.find() || first.group().equals("{N}")) {
      return sentence;
    }
    String name = first.group().toLowerCase(Locale.ROOT).equals("{his}") ? "{N}'s" : "{N}";
    return sentence.substring(0, first.start()) + name + sentence.substring(first.end());
  }

  String fill(String sentence) {
    return sentence
        .replace("{N}", hero)
        .replace("{M}", other)
        .replace("{X}", bystander)
        .replace("{He}", heroIsShe ? "She" : "He")
        .replace("{he}", heroIsShe ? "she" : "he")
        .replace("{His}", heroIsShe ? "Her" : "His")
        .replace("{his}", heroIsShe ? "her" : "his")
        .replace("{him}", heroIsShe ? "her" : "him");
  }
}
