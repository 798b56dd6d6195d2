package dev.plumbline.alignment.report.page;

/**
 * The look of a report. The blue and the vermillion of right and wrong, and the colours of the
 * arms, are Okabe and Ito's (2008), which colour-blind readers tell apart; lines differ in their
 * dashes too, for those who print in grey.
 */
public final class PageStyle {
  /** Holds no {@code <} and no {@code &}, so that it reads the same as HTML and as XML. */
  static final String CSS =
      """
      :root { color-scheme: light dark;
        --paper: #fdfcfa; --ink: #1d1d1b; --soft: #5c5a55; --rule: #d9d5cc; --box: #f5f2ec;
        --right: #0072b2; --wrong: #d55e00; --right-ink: #00629a; --wrong-ink: #a84900;
        --arm0: #6f6c66; --arm1: #b8568f; --arm2: #00855f; --arm3: #a87400; --arm4: #2f86b8; --arm5: #d55e00; --arm6: #6a5acd; --arm7: #1d1d1b; }
      @media (prefers-color-scheme: dark) { :root {
        --paper: #171715; --ink: #e9e6df; --soft: #aca89f; --rule: #3d3b36; --box: #201f1c;
        --right: #56b4e9; --wrong: #f08a3c; --right-ink: #7cc5ee; --wrong-ink: #f5a566;
        --arm0: #b5b1a8; --arm1: #dd9dc0; --arm2: #2fc298; --arm3: #e69f00; --arm4: #56b4e9; --arm5: #f08a3c; --arm6: #a99ff2; --arm7: #e9e6df; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; }
      main { max-width: 70rem; margin: 0 auto; padding: 3.5rem 1.25rem 5rem; }
      h1, h2, h3 { line-height: 1.25; font-weight: 600; text-wrap: balance; overflow-wrap: anywhere; }
      h1 { font-size: 2.1rem; margin: 0 0 1.25rem; }
      h2 { font-size: 1.4rem; margin: 4rem 0 1rem; }
      h3 { font-size: 1.05rem; margin: 2.5rem 0 .5rem; color: var(--soft); }
      p { max-width: 44rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
      .note { max-width: 44rem; padding: .7rem 1rem; border-left: 4px solid var(--ink); background: var(--box); }
      .lead { font-size: 1.1rem; }
      .tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); margin: 0 0 1.25rem; font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
      .tile { background: var(--box); border-top: 4px solid var(--right); padding: .8rem 1.1rem 1rem; }
      .tile b { display: block; font-size: 2.4rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
      .tile span { display: block; font-weight: 600; } .tile small { display: block; color: var(--soft); font-size: .85rem; line-height: 1.45; margin-top: .25rem; }
      .headline { font-size: 1.25rem; line-height: 1.45; max-width: 52rem; }
      table, svg, figcaption, caption, .legend, .answer h4 { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
      .scroll { overflow-x: auto; margin: 1rem 0; }
      table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.45; font-variant-numeric: tabular-nums; }
      caption { text-align: left; color: var(--soft); padding: 0 0 .5rem; }
      caption span { display: inline-block; position: sticky; left: 0; max-width: min(44rem, calc(100vw - 2.5rem)); }
      th, td { padding: .55rem .75rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; }
      thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; font-weight: 600; }
      th:first-child, .facts td, .word { text-align: left; }
      th:first-child { padding-left: 0; min-width: 8rem; }
      tbody th { font-weight: 600; overflow-wrap: break-word; }
      td small, th small { display: block; color: var(--soft); font-weight: 400; font-size: .8rem; }
      td small { white-space: nowrap; }
      .facts td { overflow-wrap: anywhere; white-space: pre-wrap; }
      .facts th { width: 11rem; min-width: 0; }
      .prose { text-align: left; min-width: 15rem; font-weight: 400; }
      th.prose { font-weight: 600; } .prose.short { min-width: 10rem; }
      .verdict { white-space: nowrap; }
      .reproduced { color: var(--right-ink); } .contradicted { color: var(--wrong-ink); } .smaller, .undecided, .not_run { color: var(--soft); }
      .verdicts { max-width: 44rem; list-style: none; margin: 0 0 1rem; padding: 0; }
      .verdicts li { margin: 0 0 .6rem; padding-left: 1rem; text-indent: -1rem; overflow-wrap: anywhere; }
      .candidate { font-weight: 400; }
      .word b { white-space: nowrap; }
      tr.right b { color: var(--right-ink); } tr.wrong b { color: var(--wrong-ink); }
      tr.wrong .text { border-left: 3px dashed var(--wrong); padding-left: .6rem; } tr.right .text { border-left: 3px solid var(--right); padding-left: .6rem; }
      details { margin: 1rem 0; }
      summary { cursor: pointer; font: .88rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: var(--soft); }
      figure { margin: 1.5rem 0 0; }
      figcaption { max-width: 44rem; margin-top: .75rem; font-size: .88rem; line-height: 1.5; color: var(--soft); overflow-wrap: anywhere; }
      .panels { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); }
      .panel { max-width: 34rem; }
      .panel p { font: .8rem/1.45 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: var(--soft); margin: .4rem 0 0; }
      .panel h3 { margin: 0 0 .5rem; color: var(--ink); }
      .chart { max-width: 50rem; }
      svg { display: block; width: 100%; height: auto; overflow: visible; }
      svg text { font-size: 12px; fill: var(--ink); }
      svg .tick, svg .label { fill: var(--soft); }
      svg .row { font-size: 14px; white-space: pre; paint-order: stroke; stroke: var(--paper); stroke-width: 5px; }
      .axis { stroke: var(--soft); stroke-width: 1; }
      .grid { stroke: var(--rule); stroke-width: 1; }
      .bars { stroke-width: 1.5; fill-opacity: .25; }
      path.right { fill: var(--right); stroke: var(--right); }
      path.wrong { fill: var(--wrong); stroke: var(--wrong); stroke-dasharray: 4 2; }
      path.reference { fill: none; stroke: var(--soft); stroke-dasharray: 1.5 2.5; }
      line.mean { stroke-width: 2; }
      line.right { stroke: var(--right); }
      line.wrong { stroke: var(--wrong); stroke-dasharray: 4 2; }
      line.reference { stroke: var(--soft); stroke-dasharray: 1.5 2.5; }
      text.right { fill: var(--right-ink); font-weight: 600; }
      text.wrong { fill: var(--wrong-ink); font-weight: 600; }
      text.mean { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
      text.reference { fill: var(--soft); font-weight: 600; }
      .raw, .smooth, .curve { fill: none; stroke-linejoin: round; stroke-linecap: round; }
      .raw { stroke-width: 1; stroke-opacity: .3; }
      .smooth { stroke-width: 2.5; }
      .curve { stroke-width: 2; }
      .bar { stroke-width: 1.5; stroke-opacity: .65; }
      .interval { stroke-width: 2.5; }
      .arm0 { stroke: var(--arm0); } .arm1 { stroke: var(--arm1); } .arm2 { stroke: var(--arm2); }
      .arm3 { stroke: var(--arm3); } .arm4 { stroke: var(--arm4); } .arm5 { stroke: var(--arm5); }
      .arm6 { stroke: var(--arm6); } .arm7 { stroke: var(--arm7); }
      .smooth.arm1 { stroke-dasharray: 9 5; } .smooth.arm3 { stroke-dasharray: 2 5; } .smooth.arm4 { stroke-dasharray: 12 4 2 4; }
      .point { stroke: var(--paper); stroke-width: 2; }
      .point.arm0 { fill: var(--arm0); } .point.arm1 { fill: var(--arm1); } .point.arm2 { fill: var(--arm2); }
      .point.arm3 { fill: var(--arm3); } .point.arm4 { fill: var(--arm4); } .point.arm5 { fill: var(--arm5); }
      .point.arm6 { fill: var(--arm6); } .point.arm7 { fill: var(--arm7); }
      .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; margin: 0 0 .75rem; padding: 0; font-size: .88rem; }
      .legend li { display: flex; align-items: center; gap: .5rem; }
      .legend svg { width: 2.5rem; flex: none; }
      .question { max-width: 44rem; white-space: pre-wrap; }
      .answers + p { margin-top: 1rem; }
      .answers { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); }
      .answers.stacked { grid-template-columns: minmax(0, 1fr); } .answer .scale { margin: 0 0 .3rem; font-size: .85rem; color: var(--soft); }
      .answer { border-top: 4px solid var(--rule); background: var(--box); padding: .6rem .9rem .9rem; min-width: 0; }
      .answer h4 { margin: 0 0 .4rem; font-size: .88rem; font-weight: 600; overflow-wrap: anywhere; }
      .answer.right { border-color: var(--right); } .answer.wrong { border-color: var(--wrong); border-top-style: dashed; }
      .answer.right b { color: var(--right-ink); } .answer.wrong b { color: var(--wrong-ink); }
      .text { font: .82rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
      .tokens span { border-radius: 2px; } .tokens .marked { border-bottom: 3px solid var(--ink); } .tokens .boxed { outline: 2px solid var(--ink); outline-offset: 1px; }
      @media (max-width: 620px) {
        .facts th { width: 6.5rem; }
        body { font-size: 16px; } main { padding-top: 2rem; } h1 { font-size: 1.65rem; } h2 { margin-top: 3rem; }
        .chart figure svg text { font-size: 20px; } .forest text, .forest svg .row { font-size: 17px; }
        .chart svg .tick[text-anchor="middle"] { transform: translateY(6px); } .chart svg .label[text-anchor="middle"] { transform: translateY(10px); }
        .three text, .three svg .row { font-size: 14px; } }
      @media print {
        body { font-size: 10.5pt; } main { max-width: none; padding: 0; } .scroll { overflow: visible; }
        figure, .panel, tr, .answer { break-inside: avoid; } h2, h3 { break-after: avoid; } }
      """;

  private PageStyle() {}
}
