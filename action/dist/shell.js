import{n as e}from"./page-style.js";import{l as t}from"./words.js";function n({title:n,eyebrow:r,heading:i,below:a,main:o,footer:s,style:c=``}){let l=a===``?``:`\n<p class="soft">${a}</p>`;return`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${t(n)}</title>
<style>${e}${c}</style>
</head>
<body>
<header>
<p class="eyebrow">${t(r)}</p>
<h1>${t(i)}</h1>${l}
</header>
<main>
${o}
</main>
${s}
</body>
</html>
`}export{n as t};