import{A as e,c as t,i as n}from"./workplace.js";import{t as r}from"./read.js";import{n as i}from"./settings.js";import{r as a,y as o}from"./verb.js";import s from"node:path";import{access as c}from"node:fs/promises";const l=a({name:`init`,says:`Begins a registry on the branch fettle/registry, and writes settings to start from.`,words:[],input:o({}),writes:!0,examples:[`fettle init`,`fettle init --dry-run`],async run(a){let{top:o}=await t(a.folder),c=s.join(o,i),l=await u(c),d=await r(o),f=await n(a,d.registry.remote),p=a.dryRun?await f.registry.rehearse(()=>[]):await f.registry.execute(()=>[]);!l&&!a.dryRun&&await e(c,`# What Fettle trains here, and what a candidate must show. Every key is told by \`fettle schema\`.
registry:
  remote: auto # the registry is pushed to origin where there is one; null keeps it in this clone

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
`);let m=a.dryRun?`would be `:``;return{data:{begun:p.length>0,wroteSettings:!l,dryRun:a.dryRun,settings:c},text:e=>[p.length>0?`A registry ${m}begun on ${f.registry.log.where}.`:`There is a registry on ${f.registry.log.where} already.`,l?`${i} is there already.`:`${i} ${m}written.`,e.dim(`Next: fettle run train-and-promote --from <file.csv> --model <name>`)].join(`
`)}}});async function u(e){try{return await c(e),!0}catch{return!1}}export{l as init};