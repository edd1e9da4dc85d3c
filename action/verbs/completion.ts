/** `fettle completion <shell>`: a script that completes verbs, options and their values. */
import * as z from 'zod';
import { VERBS } from './index.ts';
import { askedOf, type Asked } from './usage.ts';
import { defineVerb, type Verb } from './verb.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const COMMON = ['--json', '--folder', '--quiet', '--no-color', '--help'] as const;

export const completion = defineVerb({
  name: 'completion',
  says: 'Prints a completion script for bash, zsh or fish.',
  words: ['shell'],
  input: z.strictObject({ shell: z.enum(SHELLS).describe('the shell') }),
  writes: false,
  examples: [
    'source <(fettle completion bash)',
    'fettle completion fish > ~/.config/fish/completions/fettle.fish',
  ],

  async run(_context, { shell }) {
    const verbs = await Promise.all(VERBS.map((verb) => verb.load()));
    const script = { bash: bashOf, zsh: zshOf, fish: fishOf }[shell](verbs);
    return { data: { shell, script }, text: () => script };
  },
});

function optionsOf(verb: Verb): readonly string[] {
  const own = askedOf(verb).filter(({ flag }) => flag.startsWith('--'));
  return [...own.map(({ flag }) => flag), ...(verb.writes ? ['--dry-run'] : []), ...COMMON];
}

function choicesOf(verb: Verb): readonly Asked[] {
  return askedOf(verb).filter(({ choices }) => choices.length > 0);
}

function bashOf(verbs: readonly Verb[]): string {
  const values = verbs.flatMap((verb) =>
    choicesOf(verb).map(({ flag, choices }) => {
      const place = flag.startsWith('--') ? `${verb.name}:${flag}` : `${verb.name}:${verb.name}`;
      return `    ${place}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return ;;`;
    }),
  );
  const options = verbs.map((verb) => `    ${verb.name}) options='${optionsOf(verb).join(' ')}' ;;`);
  return [
    '# bash completion for fettle',
    '_fettle() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" verb="${COMP_WORDS[1]}" options=""',
    `  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(' ')}' -- "$word")); return; fi`,
    '  case "$verb:$before" in',
    ...values,
    `    help:help) COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(' ')}' -- "$word")); return ;;`,
    '  esac',
    '  case "$verb" in',
    ...options,
    '  esac',
    '  case "$word" in',
    '    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;',
    '    *) COMPREPLY=($(compgen -f -- "$word")) ;;',
    '  esac',
    '}',
    'complete -o filenames -F _fettle fettle',
  ].join('\n');
}

/** zsh runs bash completions through its own bridge, so that the two never differ. */
function zshOf(verbs: readonly Verb[]): string {
  return ['#compdef fettle', 'autoload -U +X bashcompinit && bashcompinit', bashOf(verbs)].join('\n');
}

function fishOf(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => {
    const inside = `-n '__fish_seen_subcommand_from ${verb.name}'`;
    const own = askedOf(verb).filter(({ flag }) => flag.startsWith('--'));
    return [
      `complete -c fettle -f -n __fish_use_subcommand -a ${verb.name} -d ${quoted(verb.says)}`,
      ...own.map(({ flag, says, choices, kind }) => {
        const values = choices.length > 0 ? ` -xa '${choices.join(' ')}'` : kind === 'flag' ? '' : ' -r';
        return `complete -c fettle ${inside} -l ${flag.slice(2)}${values} -d ${quoted(says)}`;
      }),
      ...(verb.writes
        ? [`complete -c fettle ${inside} -l dry-run -d 'decide and tell, but write nothing'`]
        : []),
    ];
  });
  return [
    '# fish completion for fettle',
    ...lines,
    ...COMMON.map((flag) => `complete -c fettle -l ${flag.slice(2)}`),
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
