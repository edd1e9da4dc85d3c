/** Shows how far a long step is: one line rewritten on a terminal, one line a finished step elsewhere. */
import type { Progress } from './verbs/verb.ts';

export interface Screen {
  readonly isTerminal: boolean;
  write(text: string): void;
  /** Milliseconds of a clock that only goes forward. */
  elapsedMs(): number;
}

/** A line is rewritten at most this often, so that showing costs nothing beside doing. */
const REFRESH_MS = 100;
/** Steps shorter than this are not worth a line of their own off a terminal. */
const WORTH_MS = 1000;

export const SILENT: Progress = {
  step: () => ({ tell: () => undefined, end: () => undefined }),
  say: () => undefined,
};

export function progressOn(screen: Screen): Progress {
  return {
    say: (line) => screen.write(screen.isTerminal ? `\r\u001b[2K${line}\n` : `${line}\n`),
    step(name) {
      const began = screen.elapsedMs();
      let shown = began;
      return {
        tell(done, total) {
          const now = screen.elapsedMs();
          if (!screen.isTerminal || now - shown < REFRESH_MS) return;
          shown = now;
          screen.write(
            `\r\u001b[2K  ${name} ${shareOf(done, total)}${leftOf({ done, total, spentMs: now - began })}`,
          );
        },
        end(note) {
          const spent = screen.elapsedMs() - began;
          if (screen.isTerminal) screen.write('\r\u001b[2K');
          else if (spent >= WORTH_MS) {
            screen.write(`  ${name} ${seconds(spent)}${note === '' ? '' : ` (${note})`}\n`);
          }
        },
      };
    },
  };
}

function shareOf(done: number, total: number): string {
  return `${String(Math.floor((100 * done) / Math.max(1, total))).padStart(3)}%`;
}

interface Way {
  readonly done: number;
  readonly total: number;
  readonly spentMs: number;
}

/** What is left at the pace so far; nothing before there is a pace. */
function leftOf({ done, total, spentMs }: Way): string {
  if (done <= 0 || spentMs < WORTH_MS) return '';
  return `, about ${seconds((spentMs * (total - done)) / done)} left`;
}

function seconds(ms: number): string {
  return ms < 90_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
