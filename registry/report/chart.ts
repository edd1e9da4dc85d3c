/** What every picture is drawn with: SVG as text that scales, describes itself, and takes its colours from the page. */
import type { Standing } from './story.ts';
import { html } from './words.ts';

/** Each picture is drawn for a desk and for a phone, so that its words are readable on both. */
export type Breadth = 'wide' | 'narrow';

export const WIDTHS: Readonly<Record<Breadth, number>> = { wide: 800, narrow: 334 };

/** Pixels that a character takes at most in the type of the charts. */
export const CHARACTER = 7.6;

interface Picture {
  readonly title: string;
  readonly says: string;
  readonly width: number;
  readonly height: number;
  readonly parts: readonly string[];
}

export function svg({ title, says, width, height, parts }: Picture): string {
  const box = `viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}"`;
  return [
    `<svg ${box} role="img" aria-label="${html(title)}" xmlns="http://www.w3.org/2000/svg">`,
    `<title>${html(title)}</title><desc>${html(says)}</desc>`,
    ...parts,
    '</svg>',
  ].join('');
}

interface Words {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly kind?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Rising to the right by half a right angle. */
  readonly turned?: boolean;
}

export function words({ x, y, text, kind = 'tick', anchor = 'start', turned = false }: Words): string {
  const [a, b] = [round(x), round(y)];
  const turn = turned ? ` transform="rotate(-45 ${a} ${b})"` : '';
  return `<text x="${a}" y="${b}" class="${kind}" text-anchor="${anchor}"${turn}>${html(text)}</text>`;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly kind: string;
  readonly corner?: number;
  readonly opacity?: number;
}

export function box({ x, y, width, height, kind, corner = 3, opacity }: Box): string {
  const faded = opacity === undefined ? '' : ` fill-opacity="${opacity.toFixed(2)}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${corner}" class="${kind}"${faded}/>`;
}

/** A group with what a pointer resting on it is told. */
export function told(text: string, parts: readonly string[], kind = ''): string {
  const classed = kind === '' ? '' : ` class="${kind}"`;
  return `<g${classed}><title>${html(text)}</title>${parts.join('')}</g>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The colour of a standing, as a class of the page. */
export const HUES: Readonly<Record<Standing, string>> = {
  serving: 'serving',
  served: 'served',
  passed: 'served',
  held: 'held',
  refused: 'refused',
  'rolled back': 'back',
  'not judged': 'served',
};

/** Shape as well as colour, so that neither print nor a colour-blind reader loses anything. */
export function markShape(standing: Standing, x: number, y: number): string {
  const [a, b] = [round(x), round(y)];
  switch (standing) {
    case 'serving':
      return `<circle cx="${a}" cy="${b}" r="5" class="mark"/><circle cx="${a}" cy="${b}" r="8.5" class="ring"/>`;
    case 'served':
      return `<circle cx="${a}" cy="${b}" r="5" class="mark"/>`;
    case 'passed':
      return `<circle cx="${a}" cy="${b}" r="5" class="hollow"/>`;
    case 'held':
      return `<path d="M${a} ${round(y - 6.5)}l6.5 11.5h-13z" class="mark"/>`;
    case 'refused':
      return `<path d="M${round(x - 4.5)} ${round(y - 4.5)}l9 9m0 -9l-9 9" class="cross"/>`;
    case 'rolled back':
      return `<path d="M${a} ${round(y - 7)}l7 7l-7 7l-7 -7z" class="mark"/>`;
    case 'not judged':
      return `<rect x="${round(x - 4.5)}" y="${round(y - 4.5)}" width="9" height="9" class="hollow"/>`;
  }
}

export interface Key {
  readonly standing: Standing;
  readonly says: string;
}

export const KEYS: readonly Key[] = [
  { standing: 'serving', says: 'serves now' },
  { standing: 'served', says: 'served before' },
  { standing: 'passed', says: 'passed, never served' },
  { standing: 'held', says: 'held: the evidence is too thin' },
  { standing: 'refused', says: 'refused by a gate' },
  { standing: 'rolled back', says: 'rolled back from service' },
  { standing: 'not judged', says: 'not judged yet' },
];

/** A mark alone, for a legend or the head of a line; what it means stands beside it as text. */
export function keyPicture(standing: Standing, hue = HUES[standing]): string {
  return `<svg viewBox="-10 -10 20 20" class="key ${hue}" aria-hidden="true">${markShape(standing, 0, 0)}</svg>`;
}

/** Drawn for the desk and for the phone; the page's style sheet shows the one that fits. */
export function bothOf(draw: (breadth: Breadth) => string): string {
  return `<div class="on-desk">${draw('wide')}</div><div class="on-phone">${draw('narrow')}</div>`;
}
