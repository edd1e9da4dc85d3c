/** The whole state as one self-contained page: no script, nothing fetched, readable from the disk and on a phone. */
import type { ModelState, RegistryState } from '../schema/state.ts';
import { keyPicture } from './chart.ts';
import { anchorOf, modelPart } from './page-model.ts';
import { shellOf } from './shell.ts';
import { champion, metricNamed, servingIn } from './story.ts';
import { clipped, counted, html, shareText, timeText } from './words.ts';

export interface PagePlace {
  readonly title: string;
  readonly origin: string;
  readonly size: number;
  readonly madeAt: string;
}

export function pageOf(state: RegistryState, place: PagePlace): string {
  const models = [...state.models.values()].sort((a, b) => (a.model < b.model ? -1 : 1));
  const { title, size, madeAt } = place;
  return shellOf({
    title: `${title} · model registry`,
    eyebrow: 'Model registry',
    heading: title,
    below: `${counted(models.length, 'model')}, ${counted(size, 'event')}; as of ${timeText(madeAt)}`,
    main: bodyOf(models),
    footer: footerOf(place),
  });
}

function bodyOf(models: readonly ModelState[]): string {
  if (models.length === 0) return emptyPart();
  return [...(models.length > 1 ? [indexPart(models)] : []), ...models.map(modelPart)].join('\n');
}

function footerOf({ origin }: PagePlace): string {
  return `<footer>
<p>Every number here follows from the log on the branch <code>fettle/registry</code> of registry <code>${html(origin)}</code>. <code>fettle verify</code> reads the log again and says whether all of it still agrees.</p>
</footer>`;
}

function emptyPart(): string {
  return `<section class="card welcome">
<h2>Nothing here yet</h2>
<p>No model has been trained in this registry. The first run trains one, judges it on rows it has not seen, and lets it serve if every gate passes:</p>
<pre>fettle run train-and-promote --from data.csv --model my-model</pre>
<p class="soft">Or watch the whole story on handwritten digits first: <code>fettle demo</code>.</p>
</section>`;
}

function indexPart(models: readonly ModelState[]): string {
  return `<nav class="card" aria-label="Models"><ul class="index">${models.map(indexItem).join('')}</ul></nav>`;
}

function indexItem(known: ModelState): string {
  const name = `<a href="#${anchorOf(known)}">${html(known.model)}</a>`;
  const picture = keyPicture(servingIn(known).length > 0 ? 'serving' : 'passed');
  return `<li>${picture}<span>${name}<br><span class="soft small">${html(inBrief(known))}</span></span></li>`;
}

function inBrief(known: ModelState): string {
  if (known.retired !== null) return `retired: ${clipped(known.retired.reason, 120)}`;
  const serving = servingIn(known).map(([channel, version]) => `${version} serves ${channel}`);
  if (serving.length === 0) return 'nothing serves yet';
  const accuracy = metricNamed(champion(known), 'accuracy');
  return [...serving, ...(accuracy === null ? [] : [`accuracy ${shareText(accuracy)}`])].join(', ');
}
