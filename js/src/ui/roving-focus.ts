/** Roving focus, one stop for Tab and arrows within: moves to the neighbouring button, by lines as they are seen. */

const STEP: Record<string, [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [Number.NEGATIVE_INFINITY, 0],
  End: [Number.POSITIVE_INFINITY, 0],
};

/** For the keydown of the element around the buttons. */
export function moveFocus(event: KeyboardEvent): void {
  const step = STEP[event.key];
  const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
  const here = buttons.indexOf(event.target as HTMLButtonElement);
  if (!step || here < 0) return;
  event.preventDefault();
  // Lines of lists are contained: of what is in them, only the page knows where it is.
  const tops = buttons.map((button) => Math.round(button.getBoundingClientRect().top));
  buttons[neighbour(tops, here, step)]!.focus();
}

/** The same among those that fit a selector, as they follow on each other: of lists whose parts hold lists of their own. */
export function stepAmong(event: KeyboardEvent, selector: string): void {
  const step = STEP[event.key];
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLElement | SVGElement>(selector)];
  const here = all.indexOf(event.target as HTMLElement);
  if (!step || here < 0) return;
  event.preventDefault();
  const inOneLine = all.map(() => 0);
  all[neighbour(inOneLine, here, step)]!.focus();
}

/** The one button of a list that Tab stops at: the chosen unit's, else the first. */
export const stopAt = (units: readonly string[], chosen: string | null): number =>
  Math.max(0, chosen === null ? 0 : units.indexOf(chosen));

/** Where a step leads among boxes in reading order, given the tops of their lines. */
export function neighbour(tops: readonly number[], here: number, [dx, dy]: [dx: number, dy: number]): number {
  // In a single line, as in a single column, there is one way on and one back.
  if (tops[0] === tops.at(-1)) return Math.min(tops.length - 1, Math.max(0, here + dx + dy));
  if (dy === 0) return Math.min(tops.length - 1, Math.max(0, here + dx));
  const start = (at: number) => tops.indexOf(tops[at]!);
  const end = (at: number) => tops.lastIndexOf(tops[at]!);
  const line = dy < 0 ? start(here) - 1 : end(here) + 1;
  if (line < 0 || line >= tops.length) return here;
  return Math.min(start(line) + here - start(here), end(line));
}
