package dev.plumbline.alignment.aft;

import static dev.plumbline.alignment.aft.AftMethods.BC;
import static dev.plumbline.alignment.aft.AftMethods.DC;
import static dev.plumbline.alignment.aft.AftMethods.RFT;
import static dev.plumbline.alignment.aft.AftMethods.RFT_1;
import static dev.plumbline.alignment.aft.AftMethods.START;
import static dev.plumbline.alignment.aft.AftMethods.VFT;

import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Pair;
import dev.plumbline.alignment.objective.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The AFT paper's claims about its arms (sections 3 and 5), and the comparisons that they read. */
final class AftClaims {
  static final String MISJUDGED = "assessment of vft";

  private static final String BINARY = "binary feedback";
  private static final String RANKS = "ranking feedback";
  private static final List<Constraint> CONSTRAINTS =
      List.of(Constraint.DETACHED, Constraint.BOUNDARY);

  /** What is compared, and by what. */
  private final List<Measure> measures;

  private final boolean answersOnly;

  /**
   * The claims of a run.
   *
   * @param measures of the main comparisons
   * @param answersOnly whether the aligned arms learn from other questions than VFT
   */
  AftClaims(List<Measure> measures, boolean answersOnly) {
    this.measures = measures;
    this.answersOnly = answersOnly;
  }

  /**
   * Fine-tuning against everything, and each unconstrained loss against its constrained forms; the
   * main comparisons by every measure.
   */
  List<Pair> comparisons(List<String> ids) {
    List<Pair> all = new ArrayList<>();
    ids.stream()
        .filter(id -> !id.equals(VFT))
        .forEach(id -> all.add(id.equals(START) ? new Pair(START, VFT) : new Pair(VFT, id)));
    for (String aft : List.of(DC, BC)) {
      for (Measure measure : measures) {
        if (measure != Measure.GREEDY) {
          all.add(new Pair(VFT, aft, measure));
        }
        all.add(new Pair(RFT, aft, measure));
        if (answersOnly) {
          all.add(new Pair(RFT_1, aft, measure));
        }
      }
    }
    for (boolean ranking : new boolean[] {false, true}) {
      for (String family : AftMethods.FAMILIES) {
        String none = AftMethods.id(family, Constraint.NONE, ranking);
        all.add(new Pair(none, AftMethods.id(family, Constraint.DETACHED, ranking)));
        all.add(new Pair(none, AftMethods.id(family, Constraint.BOUNDARY, ranking)));
      }
    }
    return all;
  }

  /** Id of how far an arm's assessment accuracy lies above VFT's. */
  static String raised(String arm) {
    return "assessment of " + arm + " above vft";
  }

  /** The primary ones first. */
  List<Claim> all() {
    List<Claim> claims = new ArrayList<>();
    for (Measure measure : measures) {
      for (Constraint c : CONSTRAINTS) {
        claims.add(
            more(c, VFT, measure, "Table 2, " + BINARY, "GSM8K, Llama-7B: VFT 36.48, AFT 40.43")
                .first());
      }
    }
    claims.add(
        new Claim(
            "VFT models misjudge: on questions that they have learned, they often score wrong reasoning above right reasoning "
                + "(here: assessment accuracy below 90 %)",
            "section 3, Table 1",
            "assessment accuracy 68.4 (GSM8K, 7B), 61.6 (ECQA, 7B)",
            new Criterion.ShareBelow(MISJUDGED, 0.9)));
    for (Constraint c : CONSTRAINTS) {
      claims.add(
          new Claim(
              AftMethods.label("AFT", c, false) + " raises assessment accuracy over VFT",
              "section 5",
              new Criterion.AboveZero(raised(AftMethods.id("AFT", c, false)))));
      for (Measure measure : measures) {
        claims.add(more(c, RFT, measure, "section 5", "\u201cslightly better\u201d"));
        if (answersOnly) {
          claims.add(more(c, RFT_1, measure, "not in the paper (our control)", ""));
        }
      }
    }
    claims.addAll(unconstrained(false));
    claims.add(
        new Claim(
            "AFT-BC on ranks (L_RBC) solves more than VFT",
            "section 5, " + RANKS,
            "GSM8K-RANK: VFT 20.82, L_RBC 26.08",
            new Criterion.SolvesMore(AftMethods.id("AFT", Constraint.BOUNDARY, true), VFT)));
    claims.addAll(unconstrained(true));
    return claims;
  }

  private static Claim more(
      Constraint constraint, String than, Measure measure, String source, String paper) {
    String by = measure == Measure.GREEDY ? "" : ", by " + measure.label();
    String of =
        than.equals(RFT_1) ? "RFT-1, its likelihood term alone" : than.toUpperCase(Locale.ROOT);
    return new Claim(
        AftMethods.label("AFT", constraint, false) + " solves more than " + of + by,
        source,
        paper,
        new Criterion.SolvesMore(AftMethods.id("AFT", constraint, false), than, measure));
  }

  /** Unconstrained losses fall below VFT, and both constraints repair them. */
  private static List<Claim> unconstrained(boolean ranking) {
    String source = "Table 4, " + (ranking ? RANKS : BINARY);
    List<Claim> claims = new ArrayList<>();
    for (String family : List.of("RRHF", "PRO", "DPO", "AFT")) {
      claims.add(
          new Claim(
              AftMethods.label(family, Constraint.NONE, ranking)
                  + " without a constraint falls below VFT",
              source,
              family.equals("RRHF") && ranking ? "GSM8K-RANK: VFT 20.82, RRHF 7.51" : "",
              new Criterion.SolvesFewer(AftMethods.id(family, Constraint.NONE, ranking), VFT)));
    }
    for (String family : AftMethods.FAMILIES) {
      for (Constraint c : CONSTRAINTS) {
        claims.add(
            new Claim(
                AftMethods.label(family, c, ranking)
                    + " repairs "
                    + AftMethods.label(family, Constraint.NONE, ranking),
                source,
                "\u201cthe constraint is crucial\u201d",
                new Criterion.SolvesMore(
                    AftMethods.id(family, c, ranking),
                    AftMethods.id(family, Constraint.NONE, ranking))));
      }
    }
    return claims;
  }
}
