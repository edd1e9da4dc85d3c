/** A picture as a file of its own: with its colours, for light and for dark, and a ground to lie on. */
import { PICTURE_STYLE } from './page-style.ts';

const ALONE = `svg { background: var(--card); color: var(--ink); } .serving { color: var(--blue); } .served { color: var(--past); } .held { color: var(--amber); } .refused { color: var(--red); } .back { color: var(--violet); }`;

/** Air around what was drawn to the edge. */
const AIR = 16;

/** @param picture  as `svg` of chart.ts makes it */
export function standAlone(picture: string): string {
  const style = `<style>${PICTURE_STYLE}${ALONE}</style>`;
  const framed = picture.replace(
    /viewBox="0 0 ([\d.]+) ([\d.]+)" width="[\d.]+" height="[\d.]+"/,
    (_, width: string, height: string) => {
      const [outerWidth, outerHeight] = [Number(width) + 2 * AIR, Number(height) + 2 * AIR];
      return `viewBox="${-AIR} ${-AIR} ${outerWidth} ${outerHeight}" width="${outerWidth}" height="${outerHeight}"`;
    },
  );
  return `${framed.replace('</desc>', `</desc>${style}`)}\n`;
}
