/** The page's style sheet: system fonts, two palettes, one column that widens; nothing is fetched from anywhere. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf8; --card: #ffffff; --ink: #1d2329; --soft: #5c6670; --line: #e3e1dc; --grid: #eceae5;
  --blue: #1f6fb2; --blue-soft: #b9d4ea; --amber: #a8660a; --red: #b3362b; --violet: #7a4fa3; --green: #2c7a4b; --on: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1c2024; --ink: #e8e6e1; --soft: #a3acb5; --line: #30363c; --grid: #2a2f34;
    --blue: #6fb3e8; --blue-soft: #2f4d66; --amber: #e0a44a; --red: #f08a7e; --violet: #c19ae6; --green: #79c998; --on: #14171a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; -webkit-text-size-adjust: 100%; }
main, header, footer { max-width: 900px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 40px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 1.35rem; margin: 56px 0 4px; padding-top: 20px; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 0.82rem; font-weight: 600; margin: 0 0 12px; color: var(--soft); text-transform: uppercase; letter-spacing: 0.06em; }
p { margin: 0 0 12px; }
a { color: var(--blue); }
.lead { font-size: 1.1rem; margin: 8px 0 20px; }
.soft { color: var(--soft); }
.small { font-size: 0.87rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 16px 0; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(182px, 1fr)); gap: 12px; margin: 16px 0; }
.number { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.number b { display: block; font-size: 1.55rem; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; line-height: 1.25; }
.wide { overflow-x: auto; }
.wide > svg { display: block; width: 100%; min-width: 600px; height: auto; }
.matrix > svg { display: block; width: 100%; max-width: 540px; min-width: 380px; height: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.93rem; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 0.82rem; white-space: nowrap; }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
td.why { min-width: 200px; color: var(--soft); font-size: 0.87rem; }
code, pre { font: 0.87em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; overflow-x: auto; margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.tag { display: inline-block; font-size: 0.8rem; font-weight: 600; padding: 1px 9px; border-radius: 99px; border: 1px solid currentColor; white-space: nowrap; }
.serving { color: var(--blue); } .served { color: var(--soft); } .held { color: var(--amber); } .refused { color: var(--red); } .back { color: var(--violet); }
ol.story { list-style: none; margin: 0; padding: 0; }
ol.story li { padding: 12px 0; border-bottom: 1px solid var(--line); }
ol.story li:last-child { border-bottom: 0; padding-bottom: 0; } ol.story li:first-child { padding-top: 0; }
.story p { margin: 4px 0 0; font-size: 0.93rem; overflow-wrap: anywhere; }
.key { width: 20px; height: 20px; vertical-align: -5px; margin-right: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 0; padding: 0; list-style: none; font-size: 0.85rem; color: var(--soft); }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--soft); } svg .onbar { fill: var(--on); font-weight: 600; } svg .count { fill: var(--ink); } svg .count.strong { fill: var(--on); font-weight: 600; }
svg .grid { stroke: var(--grid); } svg .cell { fill: var(--grid); fill-opacity: 0.6; } svg .right { fill: var(--blue); } svg .wrong { fill: var(--red); }
svg .whisker { stroke: currentColor; stroke-width: 1.5; stroke-opacity: 0.7; fill: none; } svg .mark { fill: currentColor; } svg .ring { fill: none; stroke: currentColor; stroke-width: 2; }
svg .cross { stroke: currentColor; stroke-width: 3; stroke-linecap: round; }
svg .bar { fill: var(--soft); fill-opacity: 0.75; } svg .bar.now { fill: var(--blue); fill-opacity: 1; } svg .bar.back { fill: var(--violet); fill-opacity: 1; }
.s0 { fill: #4e79a7; background: #4e79a7; } .s1 { fill: #76b7b2; background: #76b7b2; } .s2 { fill: #f28e2b; background: #f28e2b; } .s3 { fill: #59a14f; background: #59a14f; }
.s4 { fill: #b07aa1; background: #b07aa1; } .s5 { fill: #edc948; background: #edc948; } .s6 { fill: #9c755f; background: #9c755f; } .s7 { fill: #bab0ac; background: #bab0ac; }
nav ul { padding: 0; list-style: none; margin: 0; } nav li { padding: 7px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } nav li:last-child { border: 0; }
details summary { cursor: pointer; color: var(--soft); }
footer { padding: 40px 20px 60px; color: var(--soft); font-size: 0.87rem; overflow-wrap: anywhere; }
@media (max-width: 560px) {
  main, header, footer { padding-left: 14px; padding-right: 14px; } .card { padding: 14px; } h1 { font-size: 1.5rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
}
`;
