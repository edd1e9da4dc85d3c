/** The `bot:` part of the settings: who may ask what, how many must agree, and what happens by itself. */
import * as z from 'zod';
import { CHANNELS, Channel } from '../../registry/schema/model.ts';

/** GitHub's levels of permission on a repository, lowest first. */
export const LEVELS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export const Level = z.enum(LEVELS);
export type Level = z.infer<typeof Level>;

/** Every word after `/fettle`. */
export const COMMAND_NAMES = [
  'help',
  'status',
  'why',
  'history',
  'compare',
  'doctor',
  'train',
  'bench',
  'promote',
  'rollback',
  'approve',
  'reject',
  'hold',
  'unhold',
  'freeze',
  'thaw',
  'cancel',
] as const;
export const CommandName = z.enum(COMMAND_NAMES);
export type CommandName = z.infer<typeof CommandName>;

/** Nobody who cannot even triage changes anything, whatever the settings say. */
const MayAsk = z.enum(['read', 'triage', 'write', 'maintain', 'admin']);

const Approvals = z.strictObject({
  count: z.int().min(1).max(16).describe('people who must agree, beside whoever asks'),
  from: z
    .array(z.int().positive())
    .min(1)
    .nullable()
    .default(null)
    .describe('only these accounts, by number; null: whoever may approve'),
  codeowners: z
    .boolean()
    .default(false)
    .describe('only owners of `fettle/<model>/<channel>` by CODEOWNERS, a path that need not exist'),
});
export type Approvals = z.infer<typeof Approvals>;

const ChannelRules = z.strictObject({
  level: MayAsk.optional().describe('the least that may promote into it, roll it back, freeze and thaw it'),
  approvals: Approvals.nullable()
    .default(null)
    .describe('how many must agree before it serves something new'),
});
export type ChannelRules = z.infer<typeof ChannelRules>;

export const BotSettings = z.strictObject({
  commands: z
    .partialRecord(CommandName, MayAsk)
    .default({})
    .describe('the lowest level that may ask each command'),
  channels: z
    .partialRecord(Channel, ChannelRules)
    .default({})
    .describe(`rules for ${CHANNELS.join(', ')}`),
  confirm: z
    .array(CommandName)
    .default(['rollback', 'thaw'])
    .describe('commands that wait for the asker’s 👍 before they are done'),
  workflows: z
    .strictObject({
      train: z.string().default('train.yml'),
      benchmark: z.string().default('benchmark.yml'),
    })
    .prefault({})
    .describe('files in .github/workflows that are dispatched'),
  dashboard: z.boolean().default(false).describe('keep one issue that shows everything'),
  autonomy: z
    .enum(['suggest', 'promote'])
    .default('promote')
    .describe('`suggest`: gates alone promote nothing, people always decide'),
});
export type BotSettings = z.infer<typeof BotSettings>;
