/** The calls to IBM Quantum that a runner makes, over its REST interface as it is since April 2026. */
import * as z from 'zod';
import { isLoopback } from '../artifacts/address.ts';
import { ask, textOf } from '../artifacts/http.ts';
import { PATIENT, patiently, type Patience } from '../artifacts/patience.ts';
import {
  keyKept,
  machineUnknown,
  serviceNotTold,
  serviceRefused,
  serviceUnreachable,
  spendingLimitMissing,
} from './faults.ts';
import { bodyOf, isLater, orUnreachable, saidIn } from './ibm-answers.ts';
import { iamOf, type Iam } from './ibm-iam.ts';
import { Configuration, Properties, Status } from './ibm-machine.ts';

export const IBM_SERVICE = 'IBM Quantum';

/** The form of requests and answers that is asked for. */
const API_VERSION = '2026-04-15';
const IAM = 'https://iam.cloud.ibm.com';

const Job = z.object({
  id: z.string(),
  created: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  status: z.string().nullish(),
  state: z
    .object({
      status: z.string(),
      reason: z.string().nullish(),
      reason_code: z.int().nullish(),
    })
    .nullish(),
  /** What is charged so far. */
  usage: z.object({ qpu_charge_time_seconds: z.number().nullish() }).nullish(),
});
export type IbmJob = z.infer<typeof Job>;

const Created = z.object({ id: z.string() });
const Jobs = z.object({ jobs: z.array(Job) });
const Usage = z.object({
  usage_consumed_seconds: z.number(),
  usage_limit_seconds: z.number().nullish(),
  usage_limit_reached: z.boolean().nullish(),
});
export type Usage = z.infer<typeof Usage>;

export interface NewJob {
  readonly backend: string;
  readonly tags: readonly string[];
  /** Programs in OpenQASM 3, of which each is one unit of the primitive. */
  readonly programs: readonly string[];
  readonly shots: number;
  /** After so many seconds of the machine's time the job is stopped. */
  readonly secondsMost: number;
}

export interface MachineAnswer {
  readonly configuration: z.infer<typeof Configuration>;
  /** Null where the machine has none, as simulators. */
  readonly properties: z.infer<typeof Properties> | null;
  readonly status: z.infer<typeof Status>;
}

export interface IbmCalls {
  /** @throws machineUnknown */
  machine(name: string): Promise<MachineAnswer>;
  usage(): Promise<Usage>;
  /**
   * Asked once: whoever hears nothing must look for its tag before asking again.
   *
   * @returns its id
   * @throws spendingLimitMissing where the instance has used up its limit, serviceUnreachable, serviceRefused
   */
  create(job: NewJob): Promise<string>;
  job(id: string): Promise<IbmJob>;
  /** Jobs with this tag created at that time (ISO 8601) or later, the oldest first. */
  tagged(tag: string, since: string): Promise<readonly IbmJob[]>;
  /** The text of its results; null where there are none. */
  results(id: string): Promise<string | null>;
  /** @returns false when it had ended before */
  cancel(id: string): Promise<boolean>;
}

export interface IbmPlace {
  /** The instance: `crn:v1:bluemix:public:quantum-computing:<region>:a/<account>:<instance>::`. */
  readonly crn: string;
  readonly apiKey: string;
  /** Of jobs, and of tokens; null for IBM's own; below cloud.ibm.com, or on this machine. */
  readonly endpoint: URL | null;
  readonly iam: URL | null;
  readonly now: () => string;
  readonly patience?: Patience | undefined;
}

const CRN = /^crn:v1:[^:]*:[^:]*:quantum-computing:([a-z0-9-]+):a\/[^:]+:[^:]+::$/;

/** @throws serviceNotTold for what names no instance */
function endpointOf(crn: string): URL {
  const region = CRN.exec(crn)?.[1];
  if (region === undefined) {
    const wanted = 'the CRN of an instance (`crn:v1:bluemix:public:quantum-computing:…::`)';
    throw serviceNotTold({ service: IBM_SERVICE, wanted });
  }
  return new URL(`https://${region === 'us-east' ? '' : `${region}.`}quantum.cloud.ibm.com/api/v1`);
}

/** Five million shots, the most of one job, are some fifty megabytes of text. */
const BYTES_MOST = 64 * 1024 * 1024;
const PAGE = 200;
/** The service sends those of one tag alone; one that errs lists for ever. */
const PAGES_MOST = 50;

interface Line {
  readonly place: IbmPlace;
  readonly top: string;
  readonly iam: Iam;
}

/** Whoever holds the key can spend: no repository's settings send it elsewhere. @throws keyKept */
function expectIbm(url: URL): void {
  const { protocol, hostname, host } = url;
  if (isLoopback(url) || (protocol === 'https:' && hostname.endsWith('.cloud.ibm.com'))) return;
  throw keyKept({ wanted: 'an https: address below cloud.ibm.com', found: `${protocol}//${host}` });
}

/** @throws serviceNotTold for a CRN that names no instance, keyKept */
export function ibmCalls(place: IbmPlace): IbmCalls {
  const { crn, apiKey, endpoint, now, patience } = place;
  for (const url of [endpoint, place.iam]) if (url !== null) expectIbm(url);
  const iam = iamOf({ iam: place.iam ?? new URL(IAM), apiKey, now, patience });
  const top = (endpoint ?? endpointOf(crn)).href.replace(/\/$/, '');
  const line: Line = { place, top, iam };
  return { ...machineCalls(line), ...jobCalls(line) };
}

function machineCalls(line: Line): Pick<IbmCalls, 'machine' | 'usage'> {
  return {
    async machine(name) {
      const wanted = `describe ${name}`;
      const part = <T>(what: string, schema: z.ZodType<T>): Promise<T> =>
        read(line, { path: `backends/${encodeURIComponent(name)}/${what}`, wanted, machine: name }, schema);
      const configuration = await part('configuration', Configuration);
      const [status, properties] = await Promise.all([
        part('status', Status),
        configuration.simulator === true ? null : part('properties', Properties),
      ]);
      return { configuration, status, properties };
    },
    usage: () => read(line, { path: 'instances/usage', wanted: 'tell what the instance has used' }, Usage),
  };
}

function jobCalls(line: Line): Omit<IbmCalls, 'machine' | 'usage'> {
  const pathOf = (id: string): string => `jobs/${encodeURIComponent(id)}`;
  return {
    async create({ backend, tags, programs, shots, secondsMost }) {
      const pubs = programs.map((program) => [program, null, shots]);
      const params = { pubs, options: {}, version: 2 };
      const body = { program_id: 'sampler', backend, tags, cost: secondsMost, params };
      const asked = { path: 'jobs', wanted: `take a job for ${backend}` };
      const answer = await exchange(line, { ...asked, method: 'POST', body });
      if (answer.status === 409) {
        throw spendingLimitMissing({ device: backend, found: `it used up: ${saidIn(409, answer.text)}` });
      }
      const told = Created.safeParse(bodyOf(checked(answer, asked).text));
      if (told.success) return told.data.id;
      // It may have been sold; only its tag can tell.
      throw later(answer, asked);
    },
    job: (id) => read(line, { path: `${pathOf(id)}?exclude_params=true`, wanted: `tell of ${id}` }, Job),
    async tagged(tag, since) {
      const found: IbmJob[] = [];
      const wanted = `list the jobs tagged ${tag}`;
      for (let offset = 0; offset < PAGES_MOST * PAGE; offset += PAGE) {
        const asked = { tags: tag, created_after: since, sort: 'ASC', limit: `${PAGE}`, offset: `${offset}` };
        const path = `jobs?${new URLSearchParams({ ...asked, exclude_params: 'true' })}`;
        const { jobs } = await read(line, { path, wanted }, Jobs);
        found.push(...jobs.filter(({ tags }) => tags?.includes(tag) === true));
        if (jobs.length < PAGE) return found;
      }
      throw serviceRefused({ service: IBM_SERVICE, wanted, found: `more than ${PAGES_MOST} pages` });
    },
    async results(id) {
      const asked = { path: `${pathOf(id)}/results`, wanted: `give the results of ${id}` };
      const answer = await insistently(line, asked);
      return answer.status === 204 ? null : checked(answer, asked).text;
    },
    async cancel(id) {
      const asked = { path: `${pathOf(id)}/cancel`, wanted: `cancel ${id}` };
      const answer = await insistently(line, { ...asked, method: 'POST' });
      if (answer.status === 409) return false;
      checked(answer, asked);
      return true;
    },
  };
}

interface Asked {
  readonly path: string;
  readonly wanted: string;
  /** What is not found is this machine. */
  readonly machine?: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
}

interface Told {
  readonly status: number;
  readonly text: string;
}

/** One exchange; a token that is taken no more is renewed once, since nothing was done with it. */
async function exchange(line: Line, asked: Asked): Promise<Told> {
  const token = await line.iam.token();
  const answer = await sent(line, asked, token);
  if (answer.status !== 401) return answer;
  line.iam.spurn(token);
  return sent(line, asked, await line.iam.token());
}

async function sent({ place, top }: Line, asked: Asked, token: string): Promise<Told> {
  const { path, wanted, method = 'GET', body } = asked;
  try {
    const answer = await ask({
      method,
      url: new URL(`${top}/${path}`),
      headers: {
        accept: 'application/json',
        'ibm-api-version': API_VERSION,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      secretHeaders: { authorization: `Bearer ${token}`, 'service-crn': place.crn },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await textOf(answer, BYTES_MOST) };
  } catch (error) {
    return orUnreachable(error, { service: IBM_SERVICE, wanted });
  }
}

/** What may be asked twice. */
function insistently(line: Line, asked: Asked): Promise<Told> {
  return patiently(line.place.patience ?? PATIENT, async () => {
    const answer = await exchange(line, asked);
    if (isLater(answer.status)) throw later(answer, asked);
    return answer;
  });
}

function later({ status, text }: Told, { wanted }: Asked) {
  return serviceUnreachable({ service: IBM_SERVICE, wanted, said: saidIn(status, text), waitMs: null });
}

/** @throws the fault of an answer that is not what was asked for */
function checked(answer: Told, asked: Asked): Told {
  const { status, text } = answer;
  if (status >= 200 && status < 300) return answer;
  if (isLater(status)) throw later(answer, asked);
  const said = saidIn(status, text);
  if (status === 404 && asked.machine !== undefined) {
    throw machineUnknown({ device: asked.machine, where: IBM_SERVICE, said });
  }
  throw serviceRefused({ service: IBM_SERVICE, wanted: asked.wanted, found: said });
}

async function read<T>(line: Line, asked: Asked, schema: z.ZodType<T>): Promise<T> {
  return shaped(checked(await insistently(line, asked), asked), asked, schema);
}

/** @throws serviceRefused where the answer is of another form */
function shaped<T>({ text }: Told, { wanted }: Asked, schema: z.ZodType<T>): T {
  const told = schema.safeParse(bodyOf(text));
  if (told.success) return told.data;
  const [issue] = told.error.issues;
  const found = issue === undefined ? 'another form' : `${issue.path.join('.')}: ${issue.message}`;
  throw serviceRefused({ service: IBM_SERVICE, wanted: `${wanted} as documented`, found }, told.error);
}
