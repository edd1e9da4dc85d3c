/** Who may vouch for what: keys, roles and thresholds, as numbered files that each sign the next. */
import * as z from 'zod';
import { Channel } from './model.ts';

export const ALGORITHMS = ['ed25519', 'ml-dsa-44', 'ml-dsa-65'] as const;
export const Algorithm = z.enum(ALGORITHMS);
export type Algorithm = z.infer<typeof Algorithm>;

/** SHA-256 of algorithm and key, hex: one key has one name however often it is listed. */
export const KeyId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, '64 hex digits')
  .brand<'KeyId'>();
export type KeyId = z.infer<typeof KeyId>;

const Base64 = z.base64().min(4).max(8192);

export const PublicKey = z.strictObject({
  alg: Algorithm,
  /** The raw key of its standard (RFC 8032, FIPS 204), base64. */
  key: Base64,
});
export type PublicKey = z.infer<typeof PublicKey>;

/** A GitHub account by its number, which a renamed or deleted login does not change. */
export const Owner = z.strictObject({ id: z.int().positive(), login: z.string().min(1) });
export type Owner = z.infer<typeof Owner>;

const TrustKey = z.strictObject({ ...PublicKey.shape, owner: Owner.nullable() });

const Role = z.strictObject({ keys: z.array(KeyId).max(32), threshold: z.int().min(1) });
export type Role = z.infer<typeof Role>;

export const ModuleName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a module name such as paper-trading');

export const Policy = z.strictObject({
  v: z.literal(1),
  /** One more than the one before. */
  version: z.int().min(1),
  /** The registry it is for. */
  origin: z.string().min(1),
  /** After this moment nothing new may rest on it. */
  expires: z.iso.datetime(),
  keys: z.record(KeyId, TrustKey),
  roles: z.strictObject({
    /** Signs the next policy. */
    root: Role,
    /** Signs every checkpoint. */
    log: Role,
    /** Signs bundles of events; an empty list leaves them unsigned. */
    author: z.strictObject({ keys: z.array(KeyId).max(64) }),
    /** Remembers checkpoints elsewhere. */
    witness: z.strictObject({ keys: z.array(KeyId).max(32), threshold: z.int().min(0) }),
  }),
  /** `required`: whatever Ed25519 signs, an ML-DSA key of the same role signs too. */
  pq: z.enum(['off', 'required']),
  /** Approvals that a promotion to the channel needs, from these accounts; from anybody but the author when null. */
  approvals: z.partialRecord(
    Channel,
    z.strictObject({ count: z.int().min(1).max(16), from: z.array(z.int().positive()).nullable() }),
  ),
  /** Modules that do nothing until so many people have attested that they may. */
  inert: z.record(ModuleName, z.strictObject({ people: z.int().min(2).max(16) })),
});
export type Policy = z.infer<typeof Policy>;

export const Signature = z.strictObject({ keyid: KeyId, sig: Base64 });
export type Signature = z.infer<typeof Signature>;

export const SignedPolicy = z.strictObject({ policy: Policy, signatures: z.array(Signature).min(1).max(32) });
export type SignedPolicy = z.infer<typeof SignedPolicy>;

/** What two or more people put their names to before an inert module may act. */
export const Attestation = z.strictObject({
  origin: z.string().min(1),
  module: ModuleName,
  /** SPDX identifiers or licence numbers, as they stand on paper. */
  licences: z.array(z.string().min(1).max(200)).min(1).max(16),
  expires: z.iso.datetime(),
});
export type Attestation = z.infer<typeof Attestation>;

export const SignedAttestation = z.strictObject({
  attestation: Attestation,
  signatures: z.array(Signature).min(1).max(16),
});
export type SignedAttestation = z.infer<typeof SignedAttestation>;
