import{x as e}from"./schemas.js";import{r as t}from"./durable.js";import{t as n}from"./read3.js";import"./settings.js";import{f as r,s as i,x as a,y as o}from"./secret-folder.js";import{r as s}from"./verb.js";import{n as c}from"./registry-settings2.js";import{s as l}from"./workplace.js";import u from"node:path";import{access as d}from"node:fs/promises";const f=s({name:`init`,says:`Begins a registry on the branch fettle/registry, and writes settings to start from.`,words:[],input:e({}),writes:!0,examples:[`fettle init`,`fettle init --dry-run`],async run(e){let{top:r}=await o(e.folder),i=u.join(r,c),a=await g(i),s=await n(r),d=await l(e,s.registry.remote),f=await p(d),_=e.dryRun?await d.registry.rehearse(()=>[]):await d.registry.execute(()=>[]);!a&&!e.dryRun&&await t(i,`# What Fettle trains here, and what a candidate must show. Every key is told by \`fettle schema\`.
# The registry is pushed to origin where there is one; null keeps it in this clone.
# registry:
#   remote: null

# A store that machines share; without one, models stay in .fettle/artifacts of the clone that made them.
# GitHub's own runners forget everything: a workflow there needs one from its second run on.
# artifacts:
#   releases: true # or oci: { repository: ghcr.io/owner/name }, or s3: { bucket: my-models, region: eu-central-1 }

models: {}
  # A model and how it is trained. Uncomment, name your file, then: fettle run my-model
  #
  # my-model:
  #   recipe: train-and-promote
  #   from: data/latest.csv
  #   columns: { label: label, id: id, at: created_at }
  #   gates:
  #     no-regression: { margin: 0.02 }
  #     metric-floor: { metric: accuracy, floor: 0.8 }
`);let v=e.dryRun?`would be `:``,y=_.length>0?null:await m(d,f);return{data:{begun:_.length>0,wroteSettings:!a,dryRun:e.dryRun,settings:i,shared:y},text:e=>[_.length>0?`A registry ${v}begun on ${d.registry.log.where}.`:h(d,y),a?`${c} is there already.`:`${c} ${v}written.`,e.dim(`Next: fettle run train-and-promote --from <file.csv> --model <name>`)].join(`
`)}}});async function p({registry:e}){try{return await e.log.refresh?.(),!0}catch{return!1}}async function m({repository:e,remote:t,through:n},i){if(t===null||n!==`git`)return null;let{tracked:o}=await r({git:a(e.top),remote:t});return o===null?i?`not-yet`:`unknown`:`yes`}function h({registry:e,remote:t},n){if(n===null||n===`yes`)return`There is a registry on ${e.log.where} already.`;let r=`There is a registry on the branch ${i} of this clone already`;return n===`not-yet`?`${r}, and none on ${t} yet: the next event that is recorded brings all of it there.`:`${r}; ${t} did not answer whether it has it too.`}async function g(e){try{return await d(e),!0}catch{return!1}}export{f as init};