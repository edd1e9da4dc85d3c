import{v as e}from"./schemas.js";import{r as t}from"./durable.js";import{t as n}from"./read3.js";import"./settings.js";import{o as r}from"./secret-folder.js";import{r as i}from"./verb.js";import{n as a}from"./registry-settings2.js";import{s as o}from"./workplace.js";import s from"node:path";import{access as c}from"node:fs/promises";const l=i({name:`init`,says:`Begins a registry on the branch fettle/registry, and writes settings to start from.`,words:[],input:e({}),writes:!0,examples:[`fettle init`,`fettle init --dry-run`],async run(e){let{top:i}=await r(e.folder),c=s.join(i,a),l=await u(c),d=await n(i),f=await o(e,d.registry.remote),p=e.dryRun?await f.registry.rehearse(()=>[]):await f.registry.execute(()=>[]);!l&&!e.dryRun&&await t(c,`# What Fettle trains here, and what a candidate must show. Every key is told by \`fettle schema\`.
registry:
  remote: auto # the registry is pushed to origin where there is one; null keeps it in this clone

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
`);let m=e.dryRun?`would be `:``;return{data:{begun:p.length>0,wroteSettings:!l,dryRun:e.dryRun,settings:c},text:e=>[p.length>0?`A registry ${m}begun on ${f.registry.log.where}.`:`There is a registry on ${f.registry.log.where} already.`,l?`${a} is there already.`:`${a} ${m}written.`,e.dim(`Next: fettle run train-and-promote --from <file.csv> --model <name>`)].join(`
`)}}});async function u(e){try{return await c(e),!0}catch{return!1}}export{l as init};