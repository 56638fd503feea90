/**
 * The selected stretch, drawn in the mirror.
 *
 * The textarea's own letters are transparent and blended so that its caret shows on every shade; a selection drawn
 * there would be blended too. CSS highlights draw it under the mirror's letters instead, where the browser has them.
 */

const NAME = "nw-selection";

/** The registry is the document's: one highlight for all editors, each with a range of its own. */
function shared(): Highlight | null {
  if (typeof CSS === "undefined" || !("highlights" in CSS) || typeof Highlight === "undefined") return null;
  let highlight = CSS.highlights.get(NAME);
  if (!highlight) {
    highlight = new Highlight();
    CSS.highlights.set(NAME, highlight);
  }
  return highlight;
}

export class SelectionHighlight {
  readonly #highlight = shared();
  #range: Range | null = null;

  constructor(
    private readonly mirror: HTMLElement,
    area: HTMLElement,
  ) {
    area.classList.toggle("nw-marks-itself", this.#highlight === null);
  }

  /** Marks from `start` to `end`, UTF-16 offsets in the text; nothing when they are equal. */
  set(start: number, end: number): void {
    if (this.#range) this.#highlight?.delete(this.#range);
    this.#range = null;
    if (!this.#highlight || start >= end) return;
    const range = document.createRange();
    range.setStart(...placeOf(this.mirror, start));
    range.setEnd(...placeOf(this.mirror, end));
    this.#range = range;
    this.#highlight.add(range);
  }
}

/** Where the character after a caret at `offset` is drawn; at the very end, the mirror's open last line. */
export function boxAt(mirror: HTMLElement, offset: number): DOMRect | null {
  const [node, at] = placeOf(mirror, offset + 1);
  if (at === 0) return null;
  const range = document.createRange();
  range.setStart(node, at - 1);
  range.setEnd(node, at);
  return range.getBoundingClientRect();
}

/** Node and offset of a place between two characters of the mirror. */
function placeOf(mirror: HTMLElement, offset: number): [Node, number] {
  const walk = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT);
  let rest = offset;
  let last: Node = mirror;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const length = node.nodeValue?.length ?? 0;
    if (rest <= length) return [node, rest];
    rest -= length;
    last = node;
  }
  return [last, last.nodeValue?.length ?? 0];
}
