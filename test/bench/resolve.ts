/** A process that opens the registry of a folder and finds what serves; prints the milliseconds that took. */
import { openRegistry } from '../../registry/decide/execute.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { gitLog } from '../../registry/store/git-log.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const model = ModelName.parse(name);
const begin = performance.now();
const registry = openRegistry({
  log: gitLog({ folder, remote: null, author: { name: 'Bench', email: 'bench@example.org' } }),
  actor: { kind: 'local', login: 'bench' },
  source: { door: 'cli' },
  now: () => new Date().toISOString(),
  visit: 'bench',
  origin: 'local/bench',
  signers: [],
  begins: async () => {},
  outbox: null,
  tell: () => new Map(),
});
const view = await registry.readModel(model);
const serving = view?.state.models.get(model)?.serving.production;
if (serving === undefined) throw new Error(`${name} does not serve`);
process.stdout.write(`${(performance.now() - begin).toFixed(2)}\n`);
