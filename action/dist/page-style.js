import{l as e}from"./words.js";const t={wide:800,narrow:334},n=7.6;function r({title:t,says:n,width:r,height:i,parts:a}){return[`<svg ${`viewBox="0 0 ${s(r)} ${s(i)}" width="${s(r)}" height="${s(i)}"`} role="img" aria-label="${e(t)}" xmlns="http://www.w3.org/2000/svg">`,`<title>${e(t)}</title><desc>${e(n)}</desc>`,...a,`</svg>`].join(``)}function i({x:t,y:n,text:r,kind:i=`tick`,anchor:a=`start`,turned:o=!1}){let[c,l]=[s(t),s(n)];return`<text x="${c}" y="${l}" class="${i}" text-anchor="${a}"${o?` transform="rotate(-45 ${c} ${l})"`:``}>${e(r)}</text>`}function a({x:e,y:t,width:n,height:r,kind:i,corner:a=3,opacity:o}){let c=o===void 0?``:` fill-opacity="${o.toFixed(2)}"`;return`<rect x="${s(e)}" y="${s(t)}" width="${s(n)}" height="${s(r)}" rx="${a}" class="${i}"${c}/>`}function o(t,n,r=``){return`<g${r===``?``:` class="${r}"`}><title>${e(t)}</title>${n.join(``)}</g>`}function s(e){return Math.round(e*10)/10}const c={serving:`serving`,served:`served`,passed:`served`,held:`held`,refused:`refused`,"rolled back":`back`,"not judged":`served`};function l(e,t,n){let[r,i]=[s(t),s(n)];switch(e){case`serving`:return`<circle cx="${r}" cy="${i}" r="5" class="mark"/><circle cx="${r}" cy="${i}" r="8.5" class="ring"/>`;case`served`:return`<circle cx="${r}" cy="${i}" r="5" class="mark"/>`;case`passed`:return`<circle cx="${r}" cy="${i}" r="5" class="hollow"/>`;case`held`:return`<path d="M${r} ${s(n-6.5)}l6.5 11.5h-13z" class="mark"/>`;case`refused`:return`<path d="M${s(t-4.5)} ${s(n-4.5)}l9 9m0 -9l-9 9" class="cross"/>`;case`rolled back`:return`<path d="M${r} ${s(n-7)}l7 7l-7 7l-7 -7z" class="mark"/>`;case`not judged`:return`<rect x="${s(t-4.5)}" y="${s(n-4.5)}" width="9" height="9" class="hollow"/>`}}const u=[{standing:`serving`,says:`serves now`},{standing:`served`,says:`served before`},{standing:`passed`,says:`passed, never served`},{standing:`held`,says:`held: the evidence is too thin`},{standing:`refused`,says:`refused by a gate`},{standing:`rolled back`,says:`rolled back from service`},{standing:`not judged`,says:`not judged yet`}];function d(e,t=c[e]){return`<svg viewBox="-10 -10 20 20" class="key ${t}" aria-hidden="true">${l(e,0,0)}</svg>`}function f(e){return`<div class="on-desk">${e(`wide`)}</div><div class="on-phone">${e(`narrow`)}</div>`}const p=`
:root {
  color-scheme: light dark;
  --ground: #f7f6f3; --card: #ffffff; --ink: #1b2026; --soft: #5a646e; --line: #e2e0da; --grid: #ecebe6;
  --blue: #1c6bb0; --band: #1c6bb014; --amber: #9a5b00; --red: #b5301f; --violet: #74489c; --past: #66707a;
  --on: #ffffff; --on-middle: #1b2026;
  --s0: #0b5f96; --s1: #7cc4ee; --s2: #d55e00; --s3: #f0c43c; --s4: #00806a; --s5: #a6d8b8; --s6: #93478a; --s7: #b9bec4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121518; --card: #1a1e22; --ink: #e9e7e2; --soft: #a4adb6; --line: #30363c; --grid: #2a3036;
    --blue: #73b6ec; --band: #73b6ec1f; --amber: #e6ab52; --red: #f58d7f; --violet: #c6a2ea; --past: #98a2ac;
    --on: #121518; --on-middle: #121518;
    --s0: #4a9bd4; --s1: #a9d8f5; --s2: #f08a3c; --s3: #f3d574; --s4: #35b39a; --s5: #bfe6cd; --s6: #c98ac0; --s7: #7d868f;
  }
}`,m=`
.on-desk svg, .on-phone svg { display: block; width: 100%; height: auto; }
.matrix svg { width: auto; max-width: none; }
.on-phone { display: none; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; }
.tick { fill: var(--soft); } .onbar { fill: var(--on); font-weight: 600; } .ontaken { fill: var(--violet); font-weight: 600; }
svg .grid { stroke: var(--grid); } .band { fill: var(--band); } .middle { stroke: var(--blue); stroke-dasharray: 2 4; stroke-opacity: 0.7; }
svg .zero { stroke: var(--ink); stroke-width: 1.25; } .whisker.strong { stroke-width: 3; stroke-opacity: 1; }
.whisker { stroke: currentColor; stroke-width: 1.5; stroke-opacity: 0.65; fill: none; }
.mark { fill: currentColor; stroke: var(--card); stroke-width: 1; } .ring { fill: none; stroke: currentColor; stroke-width: 1.75; }
.hollow { fill: var(--card); stroke: currentColor; stroke-width: 2; } .cross { fill: none; stroke: currentColor; stroke-width: 2.75; stroke-linecap: round; }
.bar { fill: var(--past); } .bar.now { fill: var(--blue); } .bar.taken { fill: var(--card); stroke: var(--violet); stroke-width: 1.5; stroke-dasharray: 4 3; }
.diamond { fill: var(--violet); } .arrow { fill: none; stroke: var(--on); stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.edge { fill: none; stroke: var(--past); stroke-width: 1.25; } .edge.parent { stroke-dasharray: 5 4; } .edgehead { fill: var(--past); }
.node { fill: var(--card); stroke: var(--past); stroke-opacity: 0.45; stroke-width: 1.25; } .node:is(.serving, .served, .refused, .held) { stroke: currentColor; stroke-opacity: 1; } .node.root { fill: var(--blue); stroke: none; } .name { fill: var(--ink); font-weight: 600; } .onroot { fill: var(--on); }
.cell { fill: var(--grid); fill-opacity: 0.6; } .right { fill: var(--blue); } .wrong { fill: var(--red); }
.count { fill: var(--ink); } .count.middling { fill: var(--on-middle); } .count.strong { fill: var(--on); font-weight: 600; }
.s0 { fill: var(--s0); background: var(--s0); } .s1 { fill: var(--s1); background: var(--s1); } .s2 { fill: var(--s2); background: var(--s2); } .s3 { fill: var(--s3); background: var(--s3); }
.s4 { fill: var(--s4); background: var(--s4); } .s5 { fill: var(--s5); background: var(--s5); } .s6 { fill: var(--s6); background: var(--s6); } .s7 { fill: var(--s7); background: var(--s7); }`,h=[p,m,``].join(`
`),g=[p,`
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; }
header, main, footer { max-width: 904px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 56px; padding-bottom: 8px; }
footer { padding-top: 40px; padding-bottom: 72px; color: var(--soft); font-size: 0.875rem; }
h1, h2, h3, h4, p, dl, dd, ol, ul { margin: 0; padding: 0; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -0.02em; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 1.5rem; line-height: 1.2; letter-spacing: -0.015em; font-weight: 650; overflow-wrap: anywhere; }
h3 { font-size: 1rem; font-weight: 650; margin-bottom: 14px; overflow-wrap: anywhere; }
h4 { font-size: 0.875rem; font-weight: 600; color: var(--soft); margin: 14px 0 4px; }
a { color: var(--blue); text-underline-offset: 0.15em; }
b { font-weight: 650; }
code, pre { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 14px 0; }
ol, ul { list-style: none; }
summary { cursor: pointer; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--blue); outline-offset: 3px; border-radius: 3px; }
.eyebrow { color: var(--soft); font-size: 0.875rem; margin-bottom: 6px; }
.soft { color: var(--soft); } .small { font-size: 0.875rem; }
.serving { color: var(--blue); } .served { color: var(--past); } .held { color: var(--amber); } .refused { color: var(--red); } .back { color: var(--violet); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; margin-top: 16px; }
.card > p.small { margin-top: 12px; }
.card > details { margin-top: 14px; }
.card > details > summary { color: var(--soft); font-size: 0.875rem; }
.model { margin-top: 24px; }
.model + .model, nav + .model { margin-top: 56px; padding-top: 32px; border-top: 1px solid var(--line); }
.lead { font-size: 1.125rem; line-height: 1.5; margin: 6px 0 20px; overflow-wrap: anywhere; }
.welcome { margin-top: 24px; } .welcome p { margin-top: 10px; }`,`
.numbers { display: grid; grid-template-columns: repeat(4, 1fr); gap: 22px 24px; }
.numbers .value { font-size: 1.6rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.02em; }
.steps { display: grid; grid-template-columns: minmax(0, max-content) minmax(180px, 1fr); gap: 8px 28px; align-items: baseline; }
.steps > div { display: contents; } .steps dd { color: var(--soft); font-size: 0.875rem; }
.facts > div { display: grid; grid-template-columns: 136px 1fr; gap: 2px 18px; padding: 4px 0; }
.facts dt { color: var(--soft); overflow-wrap: anywhere; } .facts dd { overflow-wrap: anywhere; }
details .facts { margin-top: 8px; }
.index li { display: flex; gap: 10px; padding: 10px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.index li:first-child { padding-top: 0; } .index li:last-child { border: 0; padding-bottom: 0; }
.index .key { margin-top: 3px; }
.story > li { display: grid; grid-template-columns: 20px 1fr; gap: 12px; padding: 12px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.story > li:first-child { padding-top: 0; } .story > li:last-child { border-bottom: 0; padding-bottom: 0; }
.story .key { margin-top: 3px; }
.story .reason { font-size: 0.9375rem; }
.card > details.earlier { border-top: 1px solid var(--line); margin-top: 12px; padding-top: 12px; } .earlier .story { margin-top: 12px; }
.gates li { font-size: 0.875rem; color: var(--soft); padding: 4px 0; overflow-wrap: anywhere; }
.court li { display: grid; grid-template-columns: 20px minmax(0, 12rem) minmax(0, 1fr); gap: 2px 10px; padding: 7px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; align-items: baseline; }
.court li:last-child { border-bottom: 0; } .court li .key { align-self: center; } .court .number { font-weight: 600; } .court .number + .soft { margin-left: 8px; }
.court ul { margin-top: 14px; } .court h4 { margin-top: 18px; }
.tag { white-space: nowrap; font-weight: 600; font-size: 0.875rem; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 12px; font-size: 0.875rem; }
.legend li, .legend li span:not(.swatch) { color: var(--soft); }
.legend li { display: flex; align-items: center; gap: 7px; }
.legend li.serving .key { color: var(--blue); } .legend li.served .key { color: var(--past); } .legend li.held .key { color: var(--amber); } .legend li.refused .key { color: var(--red); } .legend li.back .key { color: var(--violet); }
.key { width: 18px; height: 18px; flex: none; vertical-align: -4px; overflow: visible; } .key.long { width: 26px; }
.tag .key { margin-right: 5px; width: 16px; height: 16px; vertical-align: -3px; }
.swatch { width: 12px; height: 12px; border-radius: 3px; flex: none; }`,`
table { border-collapse: collapse; font-size: 0.9375rem; }
th { text-align: left; font-weight: 600; }
thead th { color: var(--soft); font-size: 0.8125rem; font-weight: 600; vertical-align: bottom; }
td, th { padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
.versions { width: 100%; }
.versions td:nth-child(n + 3):nth-child(-n + 5), .versions th:nth-child(n + 3):nth-child(-n + 5), .labels td, .labels thead th:not(:first-child) { text-align: right; white-space: nowrap; }
.versions td:last-child { width: 34%; font-size: 0.875rem; color: var(--soft); overflow-wrap: anywhere; }
.labels { width: 100%; font-size: 0.875rem; } .labels td, .labels th { padding-top: 5px; padding-bottom: 5px; padding-left: 0; } .labels thead th { white-space: nowrap; } .labels :is(td, th):not(:last-child) { padding-right: 10px; } .labels tr > :last-child { padding-right: 0; } .labels tbody th { font-weight: 400; overflow-wrap: break-word; }
.pair { display: grid; grid-template-columns: minmax(0, max-content) minmax(0, 1fr); gap: 20px 24px; align-items: start; margin-top: 16px; }
.pair.stacked { grid-template-columns: minmax(0, 1fr); }
.pair > .scroll:only-child { grid-column: 1 / -1; }
.scroll { overflow-x: auto; }`,m,`
@media (max-width: 880px) { .pair { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 720px) {
  .numbers { grid-template-columns: repeat(2, 1fr); }
  .steps { grid-template-columns: minmax(0, 1fr); gap: 2px; } .steps dd { margin-bottom: 8px; }
  .versions, .versions tbody { display: block; } .versions thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .versions tr { display: grid; grid-template-columns: 1fr auto; gap: 3px 12px; padding: 12px 0; border-bottom: 1px solid var(--line); }
  .versions tr:first-child { padding-top: 0; } .versions tr:last-child { border-bottom: 0; padding-bottom: 0; }
  .versions td { display: contents; }
  .versions td:nth-child(n + 3):nth-child(-n + 5) { display: flex; justify-content: space-between; gap: 12px; grid-column: 1 / -1; padding: 0; border: 0; }
  .versions td:nth-child(n + 3):nth-child(-n + 5)::before { content: attr(data-name); color: var(--soft); font-size: 0.875rem; }
  .versions td:last-child { display: block; grid-column: 1 / -1; width: auto; padding: 0; border: 0; }
}
@media (max-width: 600px) {
  header, main, footer { padding-left: 14px; padding-right: 14px; } header { padding-top: 32px; } h1 { font-size: 1.7rem; } .card { padding: 18px 14px; }
  .on-desk { display: none; } .on-phone { display: block; max-width: 460px; }
  .court li { grid-template-columns: 20px minmax(0, 1fr); } .court li > :last-child { grid-column: 2; }
  .facts > div { grid-template-columns: 1fr; padding: 5px 0; } .facts dt { font-size: 0.875rem; }
}
@media print { body { background: none; } .card { break-inside: avoid; } }`,``].join(`
`);export{u as a,a as c,s as d,r as f,c as i,d as l,i as m,g as n,t as o,o as p,n as r,f as s,h as t,l as u};