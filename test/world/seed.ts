/** What the repository of the world begins with: settings, and workflows that use the Action. */

export const SETTINGS = `artifacts:
  releases: true # every runner begins with an empty disk
bot:
  dashboard: true
models:
  digits:
    recipe: train-and-promote
    from: data/digits.csv
    columns: { id: id, label: label }
    holdout: 0.33
    learner: { standardize: true, l2: 0.001 }
    gates:
      no-regression: { margin: 0.01 }
      metric-floor: { metric: accuracy, floor: 0.8 }
    promote: null # a person decides, by \`/fettle approve\`
`;

const STEPS = `    runs-on: ubuntu-24.04
    permissions:
      contents: write
    steps:
      - uses: actions/checkout@v6
`;

const ASKED = `      model:
        type: string
        required: true
      reason:
        type: string
      request:
        type: string
      sha:
        type: string
`;

export const WORKFLOWS: Readonly<Record<string, string>> = {
  '.github/workflows/train.yml': `name: train
run-name: train \${{ inputs.model }} \${{ inputs.request }}
on:
  workflow_dispatch:
    inputs:
${ASKED}jobs:
  train:
${STEPS}      - uses: fettle/fettle@v0
        with:
          verb: run
          arguments: \${{ inputs.model }}
`,
  '.github/workflows/learn.yml': `name: learn
on:
  schedule:
    - cron: '*/15 * * * *'
  workflow_dispatch:
jobs:
  learn:
${STEPS}      - uses: fettle/fettle@v0
        with:
          verb: learn
`,
};
