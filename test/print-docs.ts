/** `npm run docs`: writes the tables of the documents anew from the code. */
import { writeFileSync } from 'node:fs';
import { README, readmeText, withTables } from './documents.ts';

writeFileSync(README, withTables(readmeText()));
