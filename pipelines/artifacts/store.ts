/** The port of this room: bytes kept by their digest. The only way in which bytes travel. */
import type { Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind, ArtifactRef } from '../../registry/schema/artifact.ts';

export interface ArtifactStore {
  /** Where it lies, for people. */
  readonly where: string;
  /**
   * Keeps the bytes; when this returns they survive a crash. Putting twice is harmless.
   *
   * @throws artifactNotWritten, artifactIsPointer
   */
  put(kind: ArtifactKind, bytes: Uint8Array): Promise<ArtifactRef>;
  /** The bytes, checked against the digest. @throws artifactMissing, artifactDamaged */
  get(digest: Digest): Promise<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
  /** As `put`, from a file, for bytes that are too many to hold at once. */
  putFile(kind: ArtifactKind, file: string): Promise<ArtifactRef>;
  /** As `get`, to a file that is not there yet; when this fails, none is left. */
  getFile(digest: Digest, file: string): Promise<void>;
}
