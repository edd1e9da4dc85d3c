/** What every page shares: one self-contained document, no script, nothing fetched, light and dark. */
import { STYLE } from './page-style.ts';
import { html } from './words.ts';

export interface Shell {
  /** Plain text, for the tab. */
  readonly title: string;
  /** The small line above the heading, plain text. */
  readonly eyebrow: string;
  /** Plain text. */
  readonly heading: string;
  /** What stands below the heading, HTML; nothing where it is empty. */
  readonly below: string;
  /** HTML. */
  readonly main: string;
  /** HTML; nothing where it is empty. */
  readonly footer: string;
  /** Rules of this page alone, CSS. */
  readonly style?: string;
}

export function shellOf({ title, eyebrow, heading, below, main, footer, style = '' }: Shell): string {
  const soft = below === '' ? '' : `\n<p class="soft">${below}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${html(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<header>
<p class="eyebrow">${html(eyebrow)}</p>
<h1>${html(heading)}</h1>${soft}
</header>
<main>
${main}
</main>
${footer}
</body>
</html>
`;
}
