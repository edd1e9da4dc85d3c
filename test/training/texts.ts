/** Texts that pairs are learned from, here and by Hugging Face's tokenizers, and others that are then cut into tokens. */
import { drawnWhole } from './drawn.ts';

const WORDS =
  `the of and to in is that it was for on are as with his they be at one have this from or had by hot but some
what there we can out other were all your when up use word how said an each she which do their time if will way about many
then them would write like so these her long make thing see him two has look more day could go come did my sound no most
number who over know water than call first people may down side been now find any new work part take get place made live
where after back little only round man year came show every good me give our under name very through just form much great
training trainer trained gradients gradient’s naïve café Größe größer 日本語 日本 данные данных дано`.split(
    /\s+/,
  );

const ENDS = ['. ', ', ', '; ', '!\n', '?\n\n', ' – ', '... ', ': ', ' ', "'s ", "'ll "];

function text(salt: number): string {
  const words = drawnWhole(salt, 60, WORDS.length);
  const ends = drawnWhole(salt + 500, 60, 40);
  return Array.from(words, (word, at) => `${WORDS[word]!}${ENDS[ends[at]!] ?? ' '}`).join('');
}

export const TEXTS: readonly string[] = Array.from({ length: 40 }, (_, salt) => text(salt));
export const SIZE = 256 + 320;
export const OTHERS: readonly string[] = [
  '',
  'the gradients of the trainers are what we were looking for',
  "she'll say it's 12345 or 3.14159, won't she?",
  '  two blanks,   three, a tab\tand\n\n  lines  ',
  'Größenwahn im Café: naïve данные 日本語の本 🙂🙃',
  'aaaaaaaaaaaaaaaaaaaaaaaaa thethethethethe',
  'x = y[0] ** 2 # and\u00a0a wide blank\u3000here\u0085there\ufeff',
];
