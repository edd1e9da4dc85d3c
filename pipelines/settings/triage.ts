/** What a model of issues may do on GitHub: the part `triage` of a model's settings. */
import * as z from 'zod';

/** As far as a label may go by itself, least first. */
export const AUTONOMY = ['off', 'suggest', 'label', 'assign'] as const;
export const Autonomy = z.enum(AUTONOMY);
export type Autonomy = z.infer<typeof Autonomy>;

const LabelName = z.string().min(1).max(50);
const Login = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, 'a login');

export const TriageSettings = z.strictObject({
  labels: z
    .record(LabelName, Autonomy)
    .default({})
    .describe(
      'the labels that the model is about, and for each `off`, `suggest` (in a comment), `label` (gives it), or `assign` (gives it, and the issue to whom `assign` names); none: learns from every label and only suggests',
    ),
  assign: z.record(LabelName, Login).default({}).describe('who is assigned with which label'),
  machines: z
    .array(Login)
    .default([])
    .describe('accounts whose labels never count, beside apps and those that GitHub calls bots'),
  most: z.int().min(1).max(500).default(30).describe('issues that one run of `fettle label` may write to'),
  challenger: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe('share of the issues, by their number, that the challenger labels; 0: it only watches'),
  audit: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'share of the issues, by their number, that are left to people while a challenger watches: on these alone `fettle duel` compares the two',
    ),
  retrain: z
    .strictObject({
      labels: z.int().min(1).default(50).describe('new labels that are worth a training'),
      corrections: z.int().min(1).default(10).describe('corrections that are worth one'),
      examples: z.int().min(2).default(5).describe('issues from which on a label that is new is worth one'),
    })
    .prefault({})
    .describe('what `fettle learn` waits for before it trains on issues of GitHub again'),
});
export type TriageSettings = z.infer<typeof TriageSettings>;
