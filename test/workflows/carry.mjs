/** Stands in for GitHub's upload-artifact and download-artifact: the artifacts are folders on a shelf. */
// The one file is both: what is uploaded is kept for some days, what is downloaded is not.
import { appendFileSync, cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
const shelf = process.env.CARRY_SHELF;
const here = process.env.GITHUB_WORKSPACE;

if (input('retention-days') === '') {
  const names = input('artifact-ids') === '' ? readdirSync(shelf) : [input('artifact-ids')];
  for (const name of names) {
    // Of one alone the name is lost, as with the real one.
    const at = path.resolve(here, input('path'), names.length > 1 ? name : '');
    cpSync(path.join(shelf, name), at, { recursive: true });
  }
} else {
  const paths = input('path')
    .split('\n')
    .filter((one) => one.trim() !== '');
  for (const one of paths) {
    // Several paths keep their names below what they have in common; of one, what is in it is kept.
    const at = path.join(shelf, input('name'), paths.length > 1 ? path.basename(one.trim()) : '');
    mkdirSync(at, { recursive: true });
    cpSync(path.resolve(here, one.trim()), at, { recursive: true });
  }
  // Numbers are names here.
  appendFileSync(process.env.GITHUB_OUTPUT, `artifact-id=${input('name')}\n`);
}
