/** Signed notes against the vector of Go's own implementation, and every way in which one can be wrong. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newKey, signerOf } from '../../registry/trust/keys.ts';
import {
  bodyOf,
  checkNote,
  checkpointOf,
  hintOf,
  parseNote,
  signNote,
  verifierKey,
} from '../../registry/trust/note.ts';

const CHECKPOINT = { origin: 'local/5f0c8a52e6d14b5c', size: 20852163, root: 'ab'.repeat(32) };
const KEYS = { ed25519: signerOf(newKey('ed25519')), 'ml-dsa-44': signerOf(newKey('ml-dsa-44')) };

function sealed(...algs: readonly (keyof typeof KEYS)[]): string {
  return signNote(CHECKPOINT, {
    signers: algs.map((alg) => KEYS[alg]),
    name: CHECKPOINT.origin,
    time: 1_700_000_000,
  });
}

function check(text: string, alg: keyof typeof KEYS, name = CHECKPOINT.origin): string {
  const note = parseNote(text);
  return note === null ? 'no note' : checkNote(note, KEYS[alg].public, name);
}

describe('a note of another implementation', () => {
  // Oracle: the example in the documentation of golang.org/x/mod/sumdb/note.
  const text =
    'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
      '’',
      "'",
    );
  const line =
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1).toString('base64');
  const key = { alg: 'ed25519', key: raw } as const;

  it('has the key hint that its verifier key gives', () => {
    expect(hintOf('PeterNeumann', key)).toBe('c74f20a3');
    expect(verifierKey('PeterNeumann', key)).toBe(vkey);
  });

  it('checks, and checks no more after any change', () => {
    const note = parseNote(`${text}\n${line}`);
    expect(note).not.toBeNull();
    if (note === null) return;
    expect(checkNote(note, key, 'PeterNeumann')).toBe('good');
    expect(checkNote({ ...note, body: note.body.replace('answer', 'Answer') }, key, 'PeterNeumann')).toBe(
      'wrong',
    );
    expect(checkNote(note, key, 'PeterNeuman')).toBe('unknown');
  });
});

describe('a checkpoint', () => {
  it('is three lines, and nothing else is one', () => {
    expect(checkpointOf(bodyOf(CHECKPOINT))).toEqual(CHECKPOINT);
    const good = bodyOf(CHECKPOINT);
    for (const bad of [
      '',
      `${good}more\n`,
      good.replace('20852163', '020'),
      good.replace('=', ''),
      good.slice(0, -1),
    ]) {
      expect(checkpointOf(bad)).toBeNull();
    }
  });

  it.each(['ed25519', 'ml-dsa-44'] as const)('sealed with %s checks with that key alone', (alg) => {
    const text = sealed(alg);
    const other = alg === 'ed25519' ? 'ml-dsa-44' : 'ed25519';
    expect(check(text, alg)).toBe('good');
    expect(check(text, other)).toBe('unknown');
    expect(check(text.replace('20852163', '20852164'), alg)).toBe('wrong');
    expect(check(text.replaceAll('local/', 'other/'), alg)).toBe('unknown');
  });

  it('carries both signatures side by side', () => {
    const text = sealed('ed25519', 'ml-dsa-44');
    expect([check(text, 'ed25519'), check(text, 'ml-dsa-44')]).toEqual(['good', 'good']);
  });

  it('is no note with more signatures than anybody needs, or with a line that is none', () => {
    const text = sealed('ed25519');
    const [line = ''] = text.split('\n').slice(-2);
    expect(parseNote(text + `${line}\n`.repeat(16))).toBeNull();
    expect(parseNote(`${text}no signature\n`)).toBeNull();
    expect(parseNote(text.slice(0, -1))).toBeNull();
    expect(parseNote(text.replace('\u2014', '-'))).toBeNull();
  });
});

describe('the signatures of a note', () => {
  const stranger = (name: string): string => {
    const text = signNote(CHECKPOINT, { signers: [signerOf(newKey('ed25519'))], name, time: 0 });
    return text.slice(text.indexOf('\n\n') + 2);
  };

  it('may be of fifteen keys that nobody here knows, and are at most sixteen', () => {
    const lines = Array.from({ length: 15 }, (_, index) => stranger(`witness-${index}.example`)).join('');
    expect(check(sealed('ed25519') + lines, 'ed25519')).toBe('good');
    expect(check(sealed('ed25519') + lines + stranger('one-too-many.example'), 'ed25519')).toBe('no note');
    expect(check(bodyOf(CHECKPOINT) + '\n' + lines, 'ed25519')).toBe('unknown');
  });

  it('are none of the key’s with its name and another id, nor with its id and another’s bytes', () => {
    const text = sealed('ed25519');
    const forged = text.replace(/(?<=^\u2014 \S+ )\S+$/m, (line) => {
      const bytes = Buffer.from(line, 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes.toString('base64');
    });
    expect(check(forged, 'ed25519')).toBe('unknown');
    expect(check(bodyOf(CHECKPOINT) + '\n' + stranger(CHECKPOINT.origin), 'ed25519')).toBe('unknown');
    const hint = Buffer.from(hintOf(CHECKPOINT.origin, KEYS.ed25519.public) ?? '', 'hex');
    const bytes = Buffer.concat([hint, Buffer.alloc(64)]).toString('base64');
    const line = `\u2014 ${CHECKPOINT.origin} ${bytes}\n`;
    expect(check(bodyOf(CHECKPOINT) + '\n' + line, 'ed25519')).toBe('wrong');
  });
});

describe('Go’s note package', () => {
  const go = spawnable('go');

  it.skipIf(!go)('opens what is sealed here (skipped where there is no Go)', ({ skip }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fettle-note-'));
    writeFileSync(path.join(folder, 'go.mod'), 'module check\n\ngo 1.22\n');
    writeFileSync(
      path.join(folder, 'main.go'),
      'package main\nimport ("fmt"; "io"; "os"; "golang.org/x/mod/sumdb/note")\nfunc main() {\n' +
        ' v, err := note.NewVerifier(os.Args[1]); if err != nil { panic(err) }\n' +
        ' b, _ := io.ReadAll(os.Stdin); n, err := note.Open(b, note.VerifierList(v)); if err != nil { panic(err) }\n' +
        ' fmt.Print(n.Text)\n}\n',
    );
    const run = (args: readonly string[], input = ''): string =>
      execFileSync('go', [...args], {
        cwd: folder,
        input,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
      });
    try {
      run(['get', 'golang.org/x/mod@v0.21.0']);
    } catch {
      skip('the module golang.org/x/mod cannot be had here');
    }
    const vkey = verifierKey(CHECKPOINT.origin, KEYS.ed25519.public) ?? '';
    expect(run(['run', '.', vkey], sealed('ed25519', 'ml-dsa-44'))).toBe(bodyOf(CHECKPOINT));
    expect(() => run(['run', '.', vkey], sealed('ed25519').replace('20852163', '20852164'))).toThrow();
  });
});

function spawnable(command: string): boolean {
  try {
    execFileSync(command, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
