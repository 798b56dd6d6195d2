package dev.plumbline.alignment.report;

/** Escaping, and the page around a report. */
final class Html {
  private static final String STYLE =
      """
      :root{--ink:#1c1e21;--soft:#5c6370;--paper:#fdfdfb;--line:#dcdcd6;--right:#0072b2;--wrong:#d55e00;--a0:#6b7280;--a1:#009e73;--a2:#0072b2}
      @media(prefers-color-scheme:dark){:root{--ink:#e8e8e4;--soft:#a2a8b3;--paper:#16181b;--line:#363a40;--right:#56b4e9;--wrong:#e69f00;--a0:#9aa0aa;--a1:#2bc29a;--a2:#56b4e9}}
      *{box-sizing:border-box}
      body{margin:0 auto;max-width:60rem;padding:2.5rem 1.25rem 5rem;background:var(--paper);color:var(--ink);font:16px/1.6 Georgia,"Times New Roman",serif}
      h1{font-size:2rem;line-height:1.2;margin:0 0 .5rem}h2{font-size:1.3rem;margin:3rem 0 .5rem}
      p.lead{font-size:1.1rem}p.note,figcaption{color:var(--soft);font-size:.9rem}
      .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
      th,td{padding:.45rem .8rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
      th:first-child,td:first-child{text-align:left}td.text{white-space:normal;text-align:left;overflow-wrap:anywhere}
      figure{margin:1.2rem 0}svg{width:100%;height:auto;display:block}svg text{font:13px system-ui,sans-serif;fill:var(--soft)}
      rect.right{fill:var(--right);fill-opacity:.5}rect.wrong{fill:var(--wrong);fill-opacity:.5}
      line.mean{stroke-width:2;stroke-dasharray:4 3}line.mean.right{stroke:var(--right)}line.mean.wrong{stroke:var(--wrong)}
      line.axis{stroke:var(--soft)}line.grid{stroke:var(--line)}
      .a0{--c:var(--a0)}.a1{--c:var(--a1)}.a2{--c:var(--a2)}
      path{fill:none;stroke:var(--c)}path.raw{opacity:.25}path.smooth{stroke-width:2.5}circle{fill:var(--c)}line.whisker{stroke:var(--c);stroke-width:3}
      .key{font:14px system-ui,sans-serif}.key span{margin-right:1.2rem;white-space:nowrap}.key i{display:inline-block;width:.8em;height:.8em;margin-right:.4em;border-radius:2px;background:var(--c)}
      .key .right{--c:var(--right)}.key .wrong{--c:var(--wrong)}
      .example{border-top:1px solid var(--line);padding:1rem 0}.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem}
      pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace;margin:.3rem 0}
      .verdict{font:600 13px system-ui,sans-serif}.verdict.yes{color:var(--right)}.verdict.no{color:var(--wrong)}
      """;

  private Html() {}

  /** Text that means itself in element content and attribute values. */
  static String escape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        default -> out.append(c < 32 && c != '\n' && c != '\t' ? '\uFFFD' : c);
      }
    }
    return out.toString();
  }

  /** A self-contained page. */
  static String page(String title, String body) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/><title>"
        + escape(title)
        + "</title><style>"
        + STYLE
        + "</style></head><body>\n"
        + body
        + "</body></html>\n";
  }
}
