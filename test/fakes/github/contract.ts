/** GitHub's own OpenAPI description, cut to what is used: says whether a request or an answer has its shape. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Thing } from './things.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Thing;
  readonly 'x-multi-segment'?: boolean;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Thing }>>;
  readonly required?: boolean;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Thing[];
  readonly requestBody?: Thing;
  readonly responses: Readonly<Record<string, Thing>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Record<string, Thing>>>;
  readonly 'x-webhooks': Readonly<Record<string, { readonly post: Operation }>>;
}

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly operation: Operation;
  readonly rank: number;
  readonly compiled: Map<string, ValidateFunction>;
}

export interface Verdict {
  /** Null where GitHub has no such operation, or the slice lacks it. */
  readonly operation: string | null;
  readonly errors: readonly string[];
  /** Whether GitHub would refuse it; what it does not know it ignores. */
  readonly refused: boolean;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined where there is none, or it is not JSON. */
  readonly body: unknown;
}

export interface Contract {
  request(asked: Asked): Verdict;
  answer(asked: Asked, status: number, body: unknown): Omit<Verdict, 'refused'>;
  webhook(event: string, payload: Thing): readonly string[];
}

let loaded: Contract | null = null;

/** Read once in a process. */
export function contract(): Contract {
  return (loaded ??= load());
}

const UNCHECKED_FORMATS = ['repo.nwo', 'timestamp', 'binary', 'ssh-key fingerprint', 'ssh-key'];

function load(): Contract {
  const packed = readFileSync(new URL('openapi/slice.json.gz', import.meta.url));
  const description = JSON.parse(gunzipSync(packed).toString()) as Description;
  for (const kind of Object.values(description.components)) {
    for (const [name, part] of Object.entries(kind)) kind[name] = asJsonSchema(part) as Thing;
  }
  const checkers = [false, true].map((coerceTypes) => checkerOf(description, coerceTypes));
  const [bodies, queries] = checkers as [Ajv, Ajv];
  const hooks = new Map<string, ValidateFunction>();
  const routes = routesOf(description);
  const match = ({ method, path }: Asked): Route | undefined =>
    routes.find((route) => route.method === method && route.pattern.test(path));
  const resolve = (part: Thing | undefined): Thing | undefined => resolved(description, part);

  const check = (
    found: { route: Route; name: string; schema: unknown; by: Ajv },
    value: unknown,
  ): string[] => {
    const { route, name, schema, by } = found;
    const validate = route.compiled.get(name) ?? by.compile(asJsonSchema(structuredClone(schema)) as Thing);
    route.compiled.set(name, validate);
    return validate(value) ? [] : (validate.errors ?? []).map(saidOf);
  };

  const queryErrors = (route: Route, query: URLSearchParams): string[] => {
    const all = (route.operation.parameters ?? []).map((one) => resolve(one) as unknown as Parameter);
    const known = new Map(all.filter((one) => one.in === 'query').map((one) => [one.name, one.schema]));
    return [...query].flatMap(([name, value]) => {
      const schema = known.get(name);
      if (!known.has(name)) return [`the query has no parameter ${name}`];
      const errors = check({ route, name: `query ${name}`, schema: wrapped(schema), by: queries }, { value });
      return errors.map((error) => `query ${name}: ${error}`);
    });
  };

  const strangersIn = (route: Route, body: unknown): string[] => {
    const wanted = resolve(route.operation.requestBody) as Content | undefined;
    return strangers(resolve(wanted?.content?.['application/json']?.schema), body);
  };

  const bodyErrors = (route: Route, body: unknown): string[] => {
    const wanted = resolve(route.operation.requestBody) as Content | undefined;
    const schema = wanted?.content?.['application/json']?.schema;
    if (schema === undefined) return [];
    if (body === undefined) return wanted?.required === true ? ['a body is required'] : [];
    return check({ route, name: 'body', schema, by: bodies }, body);
  };

  return {
    request(asked) {
      const route = match(asked);
      if (route === undefined) {
        return {
          operation: null,
          refused: false,
          errors: [`GitHub describes no ${asked.method} ${asked.path}`],
        };
      }
      const wrong = bodyErrors(route, asked.body);
      const errors = [...queryErrors(route, asked.query), ...wrong, ...strangersIn(route, asked.body)];
      return { operation: route.operation.operationId, errors, refused: wrong.length > 0 };
    },
    answer(asked, status, body) {
      const route = match(asked);
      if (route === undefined) return { operation: null, errors: [] };
      const operation = route.operation.operationId;
      const told = resolve(route.operation.responses[String(status)]) as Content | undefined;
      if (told === undefined) return { operation, errors: [`status ${status} is not documented`] };
      const kind = Object.keys(told.content ?? {}).find((name) => name.includes('json'));
      const schema = kind === undefined ? undefined : told.content?.[kind]?.schema;
      if (schema === undefined) return { operation, errors: [] };
      return { operation, errors: check({ route, name: `answer ${status}`, schema, by: bodies }, body) };
    },
    webhook(event, payload) {
      const names = [`${event}-${String(payload['action'])}`, event].map((name) => name.replaceAll('_', '-'));
      const name = names.find((one) => description['x-webhooks'][one] !== undefined);
      if (name === undefined) return [`GitHub describes no webhook ${names.join(' or ')}`];
      const told = resolve(description['x-webhooks'][name]?.post.requestBody) as Content | undefined;
      const schema = told?.content?.['application/json']?.schema;
      const validate = hooks.get(name) ?? bodies.compile(asJsonSchema(structuredClone(schema)) as Thing);
      hooks.set(name, validate);
      return validate(payload) ? [] : (validate.errors ?? []).map(saidOf);
    },
  };
}

function checkerOf({ components }: Description, coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes });
  addFormats.default(ajv);
  for (const name of UNCHECKED_FORMATS) ajv.addFormat(name, true);
  // GitHub says so where there is none.
  const uri = ajv.formats['uri'];
  const isUri = (text: string): boolean =>
    uri instanceof Function && 'call' in uri && Boolean(uri.call(null, text));
  ajv.addFormat('uri', (text: string) => text === '' || isUri(text));
  ajv.addSchema({ $id: 'gh', components });
  return ajv;
}

function routesOf(description: Description): readonly Route[] {
  const routes = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const all = (operation.parameters ?? []).map(
        (one) => resolved(description, one) as unknown as Parameter,
      );
      const long = new Set(all.filter((one) => one['x-multi-segment'] === true).map(({ name }) => name));
      const text = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
      const pattern = text.replaceAll(/\{([^}]+)\}/g, (_, name) => (long.has(name) ? '(.+)' : '([^/]+)'));
      // What is spelled out goes before what is a parameter.
      const rank = text.split('{').length * 10 + (long.size > 0 ? 5 : 0) - path.split('/').length / 100;
      return {
        method: method.toUpperCase(),
        pattern: new RegExp(`^${pattern}$`),
        operation,
        rank,
        compiled: new Map<string, ValidateFunction>(),
      };
    }),
  );
  return routes.sort((a, b) => a.rank - b.rank);
}

function resolved({ components }: Description, part: Thing | undefined): Thing | undefined {
  const target = part?.['$ref'];
  if (typeof target !== 'string') return part;
  const [, , kind = '', name = ''] = target.replace(/^gh/, '').split('/');
  return resolved({ components } as Description, components[kind]?.[name]);
}

function wrapped(schema: Thing | undefined): Thing {
  return { type: 'object', properties: { value: schema ?? {} } };
}

/** Names that GitHub would silently ignore, and that are therefore mistakes. */
function strangers(schema: Thing | undefined, body: unknown): string[] {
  const known = schema?.['properties'];
  const open = ['additionalProperties', 'oneOf', 'anyOf'].some((name) => schema?.[name] !== undefined);
  if (known === undefined || open || typeof body !== 'object' || body === null) return [];
  return Object.keys(body)
    .filter((name) => !Object.hasOwn(known as object, name))
    .map((name) => `the body has no property ${name}`);
}

function saidOf({ instancePath, message, params }: NonNullable<ValidateFunction['errors']>[number]): string {
  return `${instancePath === '' ? '/' : instancePath} ${message} ${JSON.stringify(params)}`.slice(0, 300);
}

/** OpenAPI 3.0 says `nullable`; JSON Schema says so by type. References lead into the one shared root schema. */
function asJsonSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asJsonSchema);
  const schema: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    const literal = name === 'example' || name === 'examples' || name === 'default' || name === 'enum';
    schema[name] = literal ? part : asJsonSchema(part);
  }
  const target = schema['$ref'];
  if (typeof target === 'string' && target.startsWith('#/')) schema['$ref'] = `gh${target}`;
  if (schema['nullable'] !== true) return schema;
  delete schema['nullable'];
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const { enum: values } = schema;
  if (Array.isArray(values) && !values.includes(null)) schema['enum'] = [...values, null];
  return { ...schema, type: [schema['type'], 'null'] };
}
