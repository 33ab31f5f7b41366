/** Style sheet of the HTML report. */
export const style = `
:root {
  color-scheme: light dark;
  --text: #1c2024;
  --quiet: #58616a;
  --page: #ffffff;
  --panel: #f4f6f8;
  --line: #d9dfe4;
  --control: #7d8790;
  --link: #0b57a4;
  --good: #14713d;
  --good-panel: #e5f4ea;
  --bad: #b3261e;
  --bad-panel: #fdecea;
  --warn: #8a5300;
  --warn-panel: #fdf3e1;
  --odd: #7a3ea8;
  --odd-panel: #f4ebfa;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e4e8ec;
    --quiet: #9aa5b0;
    --page: #14181c;
    --panel: #1d2329;
    --line: #333c45;
    --control: #78838d;
    --link: #7ab8f5;
    --good: #7ed4a0;
    --good-panel: #16301f;
    --bad: #ff9d94;
    --bad-panel: #3a1a18;
    --warn: #f0bd6a;
    --warn-panel: #35270f;
    --odd: #d3a8f5;
    --odd-panel: #2d1d3a;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 0.75rem; }
body {
  max-width: 70rem;
  margin: 0 auto;
  padding: 1.25rem 1rem 4rem;
  background: var(--page);
  color: var(--text);
  font: 1rem / 1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
h1 { margin: 0 0 0.75rem; font-size: 1.15rem; font-weight: 600; color: var(--quiet); }
h2 { margin: 2rem 0 0.75rem; font-size: 1.2rem; }
h3, h4 { margin: 0; font-size: 1rem; }
code, pre, kbd { font-family: var(--mono); font-size: 0.875em; }
p code, li code, dd code, .rule code { padding: 0.05em 0.3em; border-radius: 0.25rem; background: var(--panel); }
pre {
  margin: 0;
  padding: 0.6rem 0.75rem;
  border-radius: 0.4rem;
  background: var(--panel);
  line-height: 1.45;
  white-space: pre-wrap;
  unicode-bidi: plaintext;
}

.verdict { padding: 1rem 1.1rem; border-radius: 0.6rem; border-left: 0.4rem solid; }
.verdict p { margin: 0.25rem 0 0; }
.verdict .text { margin: 0; font-size: 1.7rem; font-weight: 700; line-height: 1.2; }
.verdict .facts { color: var(--text); }
.verdict.good { background: var(--good-panel); color: var(--good); }
.verdict.bad { background: var(--bad-panel); color: var(--bad); }
.verdict.open { background: var(--warn-panel); color: var(--warn); }
.run { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 1rem 0 0; font-size: 0.92rem; }
.run dt { color: var(--quiet); }
.run dd { margin: 0; }

.causes { margin: 0; padding-left: 1.4rem; }
.causes li { margin-bottom: 0.5rem; }
.causes .id { font-weight: 700; }
.causes .hint { display: block; color: var(--quiet); }

.areas { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 0.9rem; align-items: baseline; margin: 0; }
.areas dt { font-size: 0.85rem; color: var(--quiet); }
.areas dd { display: flex; flex-wrap: wrap; gap: 0.3rem; margin: 0; }
.cell {
  min-width: 2.6rem;
  padding: 0.15rem 0.4rem;
  border-radius: 0.3rem;
  font-size: 0.85rem;
  font-variant-numeric: tabular-nums;
  text-align: center;
  text-decoration: none;
}
.cell:hover { text-decoration: underline; }
.pass.cell, .pass > .badge { background: var(--good-panel); color: var(--good); }
.broken.cell, .broken > .badge { background: var(--bad); color: var(--page); font-weight: 700; }
.warning.cell, .warning > .badge { background: var(--warn-panel); color: var(--warn); box-shadow: inset 0 0 0 1px; }
.expected.cell, .expected > .badge, .inconclusive.cell, .inconclusive > .badge { background: var(--warn-panel); color: var(--warn); }
.harness_error.cell, .harness_error > .badge { background: var(--odd-panel); color: var(--odd); box-shadow: inset 0 0 0 1px; }
.not_applicable.cell, .not_applicable > .badge, .skipped.cell, .skipped > .badge { background: var(--panel); color: var(--quiet); }

.filters {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: 0.6rem 0.75rem;
  align-items: end;
  margin-bottom: 0.75rem;
  padding: 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.6rem;
}
.filters label { display: grid; gap: 0.15rem; font-size: 0.85rem; color: var(--quiet); }
.filters .search { grid-column: span 2; }
.filters .actions { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; grid-column: 1 / -1; }
.filters output { margin-left: auto; font-size: 0.9rem; color: var(--quiet); }
input, select, button {
  min-height: 2.5rem;
  padding: 0.35rem 0.7rem;
  border: 1px solid var(--control);
  border-radius: 0.4rem;
  background: var(--page);
  color: inherit;
  font: inherit;
  font-size: 1rem;
}
input, select { width: 100%; min-width: 0; color: var(--text); }
button { cursor: pointer; }
button:hover { background: var(--panel); }
.none { margin: 1rem 0; color: var(--quiet); }

.requirement { border-bottom: 1px solid var(--line); }
.requirement > details > summary {
  display: grid;
  grid-template-columns: 7.5rem 6.2rem 5.2rem 1fr;
  gap: 0.25rem 0.6rem;
  align-items: baseline;
  padding: 0.55rem 0.25rem;
  cursor: pointer;
  list-style: none;
}
summary::-webkit-details-marker { display: none; }
.requirement > details > summary:hover { background: var(--panel); }
.requirement h3 { font-size: 0.95rem; white-space: nowrap; }
.requirement h3::before { content: '▸'; display: inline-block; width: 1.1em; color: var(--quiet); }
.requirement > details[open] h3::before { content: '▾'; }
.level { font-size: 0.8rem; color: var(--quiet); white-space: nowrap; }
.badge { padding: 0.05rem 0.5rem; border-radius: 1rem; font-size: 0.8rem; text-align: center; white-space: nowrap; }
.requirement > details[open] > summary { background: var(--panel); }
.body { padding: 0.75rem 0.25rem 1.5rem 0.25rem; }
.body > * + * { margin-top: 1rem; }
.place { margin: 0; font-size: 0.9rem; color: var(--quiet); }

.failure { padding: 0.9rem 1rem; border: 1px solid var(--line); border-left: 0.3rem solid var(--bad); border-radius: 0.4rem; }
:is(.warning, .expected) .failure { border-left-color: var(--warn); }
.harness_error .failure { border-left-color: var(--odd); }
.failure > * + *, .more > * + * { margin-top: 0.75rem; }
.facts-of { display: grid; grid-template-columns: 6rem 1fr; gap: 0.4rem 0.75rem; margin-bottom: 0; }
.facts-of dt { color: var(--quiet); font-size: 0.9rem; }
.facts-of dd { margin: 0; white-space: pre-wrap; unicode-bidi: plaintext; }
.facts-of .actual { color: var(--bad); }
:is(.warning, .expected) .facts-of .actual { color: var(--warn); }
.facts-of ul { margin: 0; padding-left: 1.1rem; }
.rerun code { display: block; padding: 0.5rem 0.75rem; border-radius: 0.4rem; background: var(--panel); user-select: all; }
.more > summary, .drawn > summary { padding: 0.35rem 0; color: var(--link); cursor: pointer; list-style: none; }
.more > summary::before, .drawn > summary::before { content: '▸ '; }
.more[open] > summary::before, .drawn[open] > summary::before { content: '▾ '; }
.scenarios { margin: 0; padding: 0; list-style: none; }
.scenarios > li { display: grid; grid-template-columns: 7rem 1fr; gap: 0.1rem 0.75rem; padding: 0.3rem 0; font-size: 0.95rem; align-items: baseline; }
.scenarios .why { grid-column: 2; font-size: 0.88rem; color: var(--quiet); }
.scenarios .badge { justify-self: start; }
.scenarios .drawn { grid-column: 1 / -1; }

.diagram { border: 1px solid var(--line); border-radius: 0.4rem; overflow-x: auto; }
.diagram svg { display: block; width: 100%; overflow: visible; }
.diagram ol { margin: 0; padding: 0 0 0.4rem; list-style: none; }
.row, .step > summary { display: grid; grid-template-columns: 4rem minmax(0, 1fr); align-items: stretch; }
.diagram .names { border-bottom: 1px solid var(--line); background: var(--panel); }
.step > summary { cursor: pointer; list-style: none; }
.step > summary:focus-visible { outline-offset: -2px; }
.step > summary:hover { background: var(--panel); }
.step .at { align-self: center; padding-left: 0.5rem; font-size: 0.78rem; color: var(--quiet); font-variant-numeric: tabular-nums; white-space: nowrap; }
.step .gist { display: none; }
.step pre { position: sticky; left: 0.5rem; max-width: min(100%, calc(100vw - 6rem)); margin: 0.25rem 0.5rem 0.75rem; }
.step[open] > summary { background: var(--panel); }
.failing > summary, .failing[open] > summary { background: var(--bad-panel); }
:is(.warning, .expected) .failing > summary, :is(.warning, .expected) .failing[open] > summary { background: var(--warn-panel); }
.failing .at { font-weight: 700; color: var(--text); }
.cut { padding: 0.4rem 0.6rem; font-size: 0.85rem; color: var(--quiet); }
.lanes-4 { min-width: 26rem; }
.lanes-5 { min-width: 32rem; }
.lanes-6 { min-width: 38rem; }
.lanes-9 { min-width: 50rem; }
.lanes-14 { min-width: 74rem; }
.lanes-many { min-width: 110rem; }
.life { stroke: var(--line); stroke-width: 1.5; }
.life.server { stroke: var(--control); stroke-width: 3; }
.name { fill: var(--text); font-size: 13px; font-weight: 600; text-anchor: middle; }
.arrow { stroke: var(--link); stroke-width: 1.6; }
.arrow.in { stroke: var(--text); }
.arrow.connection { stroke: var(--control); stroke-dasharray: 4 3; }
.failing .arrow { stroke: var(--bad); stroke-width: 2.4; }
:is(.warning, .expected) .failing .arrow { stroke: var(--warn); }
.head { fill: context-stroke; }
.label { fill: var(--text); font-size: 12.5px; text-anchor: middle; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.label.connection { fill: var(--quiet); }
summary:hover .label, .step[open] .label { stroke: var(--panel); }
.failing .label { fill: var(--bad); font-weight: 700; stroke: var(--bad-panel) !important; }
:is(.warning, .expected) .failing .label { fill: var(--warn); stroke: var(--warn-panel) !important; }
.marker { position: absolute; width: 0; height: 0; }

@media (width >= 62rem) {
  .lanes-2, .lanes-3, .lanes-4 { min-width: 0; }
  :is(.lanes-2, .lanes-3, .lanes-4) .row,
  :is(.lanes-2, .lanes-3, .lanes-4) .step > summary { grid-template-columns: 5rem minmax(0, 1.25fr) minmax(0, 1fr); }
  .step .gist {
    display: block;
    align-self: center;
    padding: 0 0.6rem;
    font: 0.76rem / 1.3 var(--mono);
    color: var(--quiet);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  :is(.lanes-5, .lanes-6, .lanes-9, .lanes-14, .lanes-many) .gist { display: none; }
}
@media (width < 44rem) {
  .requirement > details > summary { grid-template-columns: 1fr auto auto; }
  .requirement .rule { grid-column: 1 / -1; }
  .facts-of { grid-template-columns: 1fr; gap: 0.1rem; }
  .facts-of dd + dt { margin-top: 0.5rem; }
  .failure { padding: 0.75rem; }
  .run { grid-template-columns: 1fr; }
  .run dd { margin-bottom: 0.35rem; }
  .filters .search { grid-column: 1 / -1; }
  .filters output { margin-left: 0; width: 100%; }
  .step .at { padding-left: 0.35rem; }
  .label { font-size: 11.5px; }
  .lanes-4 { min-width: 0; }
  .row, .step > summary { grid-template-columns: 3.4rem minmax(0, 1fr); }
}
@media print {
  .filters { display: none; }
  body { max-width: none; }
}
`;
