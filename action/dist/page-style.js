import{U as e,V as t,Z as n}from"./workplace.js";const r={wide:800,narrow:334},i=7.6;function a({title:t,says:n,width:r,height:i,parts:a}){return[`<svg ${`viewBox="0 0 ${l(r)} ${l(i)}" width="${l(r)}" height="${l(i)}"`} role="img" aria-label="${e(t)}" xmlns="http://www.w3.org/2000/svg">`,`<title>${e(t)}</title><desc>${e(n)}</desc>`,...a,`</svg>`].join(``)}function o({x:t,y:n,text:r,kind:i=`tick`,anchor:a=`start`,turned:o=!1}){let[s,c]=[l(t),l(n)];return`<text x="${s}" y="${c}" class="${i}" text-anchor="${a}"${o?` transform="rotate(-45 ${s} ${c})"`:``}>${e(r)}</text>`}function s({x:e,y:t,width:n,height:r,kind:i,corner:a=3,opacity:o}){let s=o===void 0?``:` fill-opacity="${o.toFixed(2)}"`;return`<rect x="${l(e)}" y="${l(t)}" width="${l(n)}" height="${l(r)}" rx="${a}" class="${i}"${s}/>`}function c(t,n,r=``){return`<g${r===``?``:` class="${r}"`}><title>${e(t)}</title>${n.join(``)}</g>`}function l(e){return Math.round(e*10)/10}const u={serving:`serving`,served:`served`,passed:`served`,held:`held`,refused:`refused`,"rolled back":`back`,"not judged":`served`};function d(e,t,n){let[r,i]=[l(t),l(n)];switch(e){case`serving`:return`<circle cx="${r}" cy="${i}" r="5" class="mark"/><circle cx="${r}" cy="${i}" r="8.5" class="ring"/>`;case`served`:return`<circle cx="${r}" cy="${i}" r="5" class="mark"/>`;case`passed`:return`<circle cx="${r}" cy="${i}" r="5" class="hollow"/>`;case`held`:return`<path d="M${r} ${l(n-6.5)}l6.5 11.5h-13z" class="mark"/>`;case`refused`:return`<path d="M${l(t-4.5)} ${l(n-4.5)}l9 9m0 -9l-9 9" class="cross"/>`;case`rolled back`:return`<path d="M${r} ${l(n-7)}l7 7l-7 7l-7 -7z" class="mark"/>`;case`not judged`:return`<rect x="${l(t-4.5)}" y="${l(n-4.5)}" width="9" height="9" class="hollow"/>`}}const f=[{standing:`serving`,says:`serves now`},{standing:`served`,says:`served before`},{standing:`passed`,says:`passed, never served`},{standing:`held`,says:`held: the evidence is too thin`},{standing:`refused`,says:`refused by a gate`},{standing:`rolled back`,says:`rolled back from service`},{standing:`not judged`,says:`not judged yet`}];function p(e,t=u[e]){return`<svg viewBox="-10 -10 20 20" class="key ${t}" aria-hidden="true">${d(e,0,0)}</svg>`}function m(e){return`<div class="on-desk">${e(`wide`)}</div><div class="on-phone">${e(`narrow`)}</div>`}const h={height:32,gap:4,leastWidth:68,mostWidth:150,padding:26};function g({tenures:e},t){let n=e.filter(e=>e.channel===t);return n.map((e,t)=>({tenure:e,stretch:_(e,n[t+1])})).slice(-16)}function _({until:e},t){return e===null?`now`:t?.by===`rollback`?`taken back`:`over`}function v(e,t,n){let o=g(e,t),s=Math.max(1,...o.map(({tenure:e})=>e.version.length)),c=Math.max(h.leastWidth,s*i+h.padding),l=Math.max(1,Math.ceil(o.length/Math.max(1,Math.floor(r[n]/c)))),u=Math.max(1,Math.ceil(o.length/l)),d=Math.min(h.mostWidth,r[n]/u),f=o.map((e,t)=>x(e,{x:t%u*d,y:Math.floor(t/u)*66,width:d-h.gap}));return a({title:`Who served ${t} of ${e.model}`,says:`${o.map(({tenure:e,stretch:t})=>`${e.version} (${y(e,t)})`).join(`, `)}.`,width:r[n],height:l*66,parts:f})}function y({by:e},t){return`${e===`rollback`?`by rollback`:`by promotion`}, ${{now:`serves now`,over:`replaced`,"taken back":`rolled back`}[t]}`}const b={now:`bar now`,over:`bar`,"taken back":`bar taken`};function x({tenure:e,stretch:r},{x:a,y:l,width:u}){let{version:d,from:f,until:p,by:m}=e,g=a+u/2,_=m===`rollback`,v=p===null?`now`:t(Math.max(0,Date.parse(p)-Date.parse(f))),x=`${d}, ${y(e,r)}: ${n(f)} to ${p===null?`now`:n(p)}`,w=r===`taken back`?`ontaken`:`onbar`,T={x:g+(_||r===`taken back`?8:0),y:l+21,text:d,anchor:`middle`},E=T.x-d.length*i/2-9;return c(x,[s({x:a+.5,y:l+.5,width:u-1,height:h.height-1,kind:b[r],corner:5}),o({...T,kind:w}),_?S(E,l+16.5):r===`taken back`?C(E,l+16.5):``,o({x:g,y:l+h.height+15,text:v,anchor:`middle`})])}function S(e,t){let[n,r]=[l(e-5),l(t-2)];return`<path d="M${n} ${r}h7a3 3 0 0 1 0 6h-5M${n} ${r}l3 -3M${n} ${r}l3 3" class="arrow"/>`}function C(e,t){return`<path d="M${l(e)} ${l(t-5)}l5 5l-5 5l-5 -5z" class="diamond"/>`}function w(e){return`<svg viewBox="0 0 26 18" class="key long" aria-hidden="true"><rect x="0.5" y="0.5" width="25" height="17" rx="4" class="${e===`back again`?`bar`:b[e]}"/>${{now:``,over:``,"taken back":C(13,9),"back again":S(12.5,8.5)}[e]}</svg>`}const T=`
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
}`,E=`
.on-desk svg, .on-phone svg { display: block; width: 100%; height: auto; }
.matrix svg { width: auto; max-width: none; }
.on-phone { display: none; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; }
.tick { fill: var(--soft); } .onbar { fill: var(--on); font-weight: 600; } .ontaken { fill: var(--violet); font-weight: 600; }
svg .grid { stroke: var(--grid); } .band { fill: var(--band); } .middle { stroke: var(--blue); stroke-dasharray: 2 4; stroke-opacity: 0.7; }
.whisker { stroke: currentColor; stroke-width: 1.5; stroke-opacity: 0.65; fill: none; }
.mark { fill: currentColor; stroke: var(--card); stroke-width: 1; } .ring { fill: none; stroke: currentColor; stroke-width: 1.75; }
.hollow { fill: var(--card); stroke: currentColor; stroke-width: 2; } .cross { fill: none; stroke: currentColor; stroke-width: 2.75; stroke-linecap: round; }
.bar { fill: var(--past); } .bar.now { fill: var(--blue); } .bar.taken { fill: var(--card); stroke: var(--violet); stroke-width: 1.5; stroke-dasharray: 4 3; }
.diamond { fill: var(--violet); } .arrow { fill: none; stroke: var(--on); stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.cell { fill: var(--grid); fill-opacity: 0.6; } .right { fill: var(--blue); } .wrong { fill: var(--red); }
.count { fill: var(--ink); } .count.middling { fill: var(--on-middle); } .count.strong { fill: var(--on); font-weight: 600; }
.s0 { fill: var(--s0); background: var(--s0); } .s1 { fill: var(--s1); background: var(--s1); } .s2 { fill: var(--s2); background: var(--s2); } .s3 { fill: var(--s3); background: var(--s3); }
.s4 { fill: var(--s4); background: var(--s4); } .s5 { fill: var(--s5); background: var(--s5); } .s6 { fill: var(--s6); background: var(--s6); } .s7 { fill: var(--s7); background: var(--s7); }`,D=[T,E,``].join(`
`),O=[T,`
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
.scroll { overflow-x: auto; }`,E,`
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
  .facts > div { grid-template-columns: 1fr; padding: 5px 0; } .facts dt { font-size: 0.875rem; }
}
@media print { body { background: none; } .card { break-inside: avoid; } }`,``].join(`
`);export{c as _,g as a,u as c,m as d,s as f,a as g,l as h,w as i,f as l,d as m,O as n,v as o,p,b as r,i as s,D as t,r as u,o as v};