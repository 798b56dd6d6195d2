package dev.plumbline.alignment.read;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Set;

/** The commands of LaTeX that are one symbol, without their backslash. */
final class LatexSymbols {
  /** Letters. */
  static final Map<String, String> LETTERS =
      Map.ofEntries(
          entry("alpha", "α"),
          entry("beta", "β"),
          entry("gamma", "γ"),
          entry("delta", "δ"),
          entry("epsilon", "ϵ"),
          entry("varepsilon", "ε"),
          entry("eta", "η"),
          entry("theta", "θ"),
          entry("kappa", "κ"),
          entry("lambda", "λ"),
          entry("mu", "μ"),
          entry("nu", "ν"),
          entry("pi", "π"),
          entry("rho", "ρ"),
          entry("sigma", "σ"),
          entry("tau", "τ"),
          entry("varphi", "φ"),
          entry("psi", "ψ"),
          entry("Delta", "Δ"),
          entry("Lambda", "Λ"),
          entry("Sigma", "Σ"),
          entry("Phi", "Φ"),
          entry("ell", "ℓ"),
          entry("partial", "∂"),
          entry("infty", "∞"));

  /** Relations and other operators. */
  static final Map<String, String> OPERATORS =
      Map.ofEntries(
          entry("lt", "<"),
          entry("gt", ">"),
          entry("le", "≤"),
          entry("ge", "≥"),
          entry("ne", "≠"),
          entry("approx", "≈"),
          entry("propto", "∝"),
          entry("sim", "∼"),
          entry("in", "∈"),
          entry("succ", "≻"),
          entry("prec", "≺"),
          entry("to", "→"),
          entry("Longleftrightarrow", "⟺"),
          entry("mid", "∣"),
          entry("cdot", "⋅"),
          entry("odot", "⊙"),
          entry("star", "⋆"),
          entry("pm", "±"),
          entry("mp", "∓"),
          entry("dots", "…"),
          entry("ldots", "…"));

  /** Fences of their usual size. */
  static final Map<String, String> FENCES =
      Map.of(
          "lbrace", "{",
          "rbrace", "}",
          "lfloor", "⌊",
          "rfloor", "⌋",
          "vert", "|",
          "lVert", "‖",
          "rVert", "‖");

  /** What stands above a symbol. */
  static final Map<String, String> ACCENTS =
      Map.of("bar", "‾", "overline", "‾", "hat", "^", "tilde", "~");

  /** Sizes of fences. */
  static final Map<String, String> SIZES =
      Map.of("bigl", "1.2em", "bigr", "1.2em", "Bigl", "1.8em", "Bigr", "1.8em");

  /** Functions with an upright name. */
  static final Set<String> FUNCTIONS =
      Set.of("log", "exp", "max", "min", "cos", "sin", "tanh", "cosh");

  private LatexSymbols() {}
}
