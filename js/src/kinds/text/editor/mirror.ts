/**
 * Mirror of the text, the layer under the editor's own: a span for each stretch, with the editor's own metrics.
 *
 * Thousands of spans have to follow each key, so nodes are kept: only those whose text changed are filled anew, and a
 * style is only written where it differs. Each line of the text is a block, so that the browser lays out anew the line
 * that was edited and only moves the others.
 */
import { glyphs } from "../../../paint/words.ts";
import type { Segment } from "./segments.ts";
import { type Shader, styleOf } from "./shade.ts";

/** Characters drawn with a mark of their own: controls, and what takes no room (but for the joiner inside emoji). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the point.
const SPECIAL = /[\u0000-\u001f\u007f-\u00a0\u00ad\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A stretch, or what of it lies in one line. */
type Part = { text: string; segment: number };
type Drawn = {
  node: HTMLElement;
  text: string;
  segment: number;
  tokens: string;
  style: string;
  kind: string;
};
type Line = { node: HTMLElement; parts: Drawn[] };

export class Mirror {
  #lines: Line[] = [];
  /** Keeps the last line open, as an editor does after a newline. */
  readonly #last = document.createElement("span");
  #segments: Segment[] = [];
  #first = 0;
  #selected: number | null = null;

  constructor(readonly root: HTMLElement) {
    this.#last.textContent = "\u200b";
    root.replaceChildren();
    this.setText("", [], 0);
  }

  /** Draws the text; `first` is the number of the window's first token in the whole text. */
  setText(text: string, segments: Segment[], first: number): void {
    this.#segments = segments;
    this.#first = first;
    const wanted = linesOf(text, segments);
    const { front, back } = alike(this.#lines, wanted, (line, parts) => hasTexts(line.parts, parts));
    const middle = this.#lines.slice(front, this.#lines.length - back);
    const after = this.#lines[this.#lines.length - back]?.node ?? null;
    const fresh = wanted.slice(front, wanted.length - back).map((parts, i) => {
      const line = middle[i] ?? { node: this.root.insertBefore(lineNode(), after), parts: [] };
      line.parts = write(line, parts);
      return line;
    });
    for (const extra of middle.slice(fresh.length)) extra.node.remove();
    this.#lines = [...this.#lines.slice(0, front), ...fresh, ...this.#lines.slice(this.#lines.length - back)];
    const end = this.#lines[this.#lines.length - 1]!.node;
    if (end.lastChild !== this.#last) end.append(this.#last);
    this.#lines.forEach((line, i) => {
      line.parts.forEach((item, j) => {
        item.segment = wanted[i]![j]!.segment;
        this.#label(item, segments[item.segment]!);
      });
    });
  }

  /** Colours the tokens; null: nothing is known yet. */
  paint(shader: Shader | null, selected: number | null): void {
    this.#selected = selected;
    for (const line of this.#lines) {
      for (const item of line.parts) {
        const segment = this.#segments[item.segment]!;
        const looks = shader ? segment.tokens.map((token) => shader.look(token)) : [];
        const style = styleOf(looks);
        if (style !== item.style) {
          item.node.style.cssText = style;
          item.style = style;
        }
        this.#mark(item, segment);
      }
    }
  }

  /** The stretch where a token is drawn, or its beginning. */
  nodeOf(token: number): HTMLElement | undefined {
    const segment = this.#segments.findIndex(({ tokens }) => tokens.includes(token - this.#first));
    for (const line of this.#lines) {
      const item = line.parts.find((part) => part.segment === segment);
      if (item) return item.node;
    }
    return undefined;
  }

  #mark(item: Drawn, { tokens, outside, special }: Segment): void {
    let kind = outside ? "nw-tok nw-outside" : "nw-tok";
    if (tokens.length === 0) kind += " nw-unknown";
    if (this.#selected !== null && tokens.includes(this.#selected - this.#first)) kind += " nw-selected";
    if (special) kind += " nw-special";
    if (item.text === "\n") kind += " nw-break";
    if (kind === item.kind) return;
    item.node.className = kind;
    item.kind = kind;
  }

  #label(item: Drawn, { tokens }: Segment): void {
    const numbers = tokens.map((token) => this.#first + token).join(" ");
    if (numbers === item.tokens) return;
    item.tokens = numbers;
    if (tokens.length === 0) delete item.node.dataset.token;
    else item.node.dataset.token = String(this.#first + tokens[0]!);
    if (tokens.length > 1) {
      item.node.dataset.tokens = numbers;
      this.#split(item.node, tokens);
    } else if (item.node.dataset.tokens !== undefined) {
      delete item.node.dataset.tokens;
      for (const part of item.node.querySelectorAll("i")) part.remove();
    }
  }

  /** Gives each token after the first that shares a character a part of it to be pointed at. */
  #split(node: HTMLElement, tokens: number[]): void {
    for (const part of node.querySelectorAll("i")) part.remove();
    tokens.slice(1).forEach((token, i) => {
      const part = document.createElement("i");
      part.dataset.token = String(this.#first + token);
      part.style.left = `${(100 * (i + 1)) / tokens.length}%`;
      part.style.width = `${100 / tokens.length}%`;
      node.append(part);
    });
  }
}

/** The parts of each line; a line ends behind its newline, and the last has none. */
function linesOf(text: string, segments: Segment[]): Part[][] {
  const lines: Part[][] = [[]];
  segments.forEach(({ start, end }, segment) => {
    for (let at = start; at < end; ) {
      const newline = text.indexOf("\n", at);
      const stop = newline < 0 || newline >= end ? end : newline + 1;
      lines[lines.length - 1]!.push({ text: text.slice(at, stop), segment });
      if (text[stop - 1] === "\n") lines.push([]);
      at = stop;
    }
  });
  return lines;
}

/** How many at the front and at the back are the same in both lists. */
function alike<A, B>(old: A[], wanted: B[], same: (a: A, b: B) => boolean): { front: number; back: number } {
  const most = Math.min(old.length, wanted.length);
  let front = 0;
  while (front < most && same(old[front]!, wanted[front]!)) front++;
  let back = 0;
  while (back < most - front && same(old[old.length - 1 - back]!, wanted[wanted.length - 1 - back]!)) back++;
  return { front, back };
}

function hasTexts(drawn: Drawn[], parts: Part[]): boolean {
  return drawn.length === parts.length && drawn.every(({ text }, i) => text === parts[i]!.text);
}

/** Makes a line say its parts. */
function write(line: Line, parts: Part[]): Drawn[] {
  const old = line.parts;
  const { front, back } = alike(old, parts, (a, b) => a.text === b.text);
  const middle = old.slice(front, old.length - back);
  const after = old[old.length - back]?.node ?? null;
  const fresh = parts.slice(front, parts.length - back).map(({ text, segment }, i) => {
    const item = middle[i] ?? create(line.node, after);
    fill(item.node, text);
    item.text = text;
    item.segment = segment;
    return item;
  });
  for (const extra of middle.slice(fresh.length)) extra.node.remove();
  return [...old.slice(0, front), ...fresh, ...old.slice(old.length - back)];
}

function create(line: HTMLElement, before: Node | null): Drawn {
  const node = document.createElement("span");
  node.className = "nw-tok";
  line.insertBefore(node, before);
  return { node, text: "", segment: 0, tokens: "", style: "", kind: "nw-tok" };
}

function lineNode(): HTMLElement {
  const node = document.createElement("div");
  node.className = "nw-line";
  return node;
}

/** Text as text nodes; special characters in spans whose mark is drawn by the style sheet. */
function fill(node: HTMLElement, text: string): void {
  const parts = [...node.querySelectorAll("i")];
  node.replaceChildren();
  let at = 0;
  for (const match of text.matchAll(SPECIAL)) {
    if (match.index > at) node.append(text.slice(at, match.index));
    node.append(special(match[0]));
    at = match.index + 1;
  }
  if (at < text.length) node.append(text.slice(at));
  node.append(...parts);
}

function special(character: string): HTMLElement {
  const node = document.createElement("span");
  node.textContent = character;
  node.dataset.glyph = character === "\n" ? "↵" : character === "\t" ? "→" : glyphs(character);
  if (character === "\n") node.className = "nw-glyph nw-glyph-break";
  else if (character === "\t") node.className = "nw-glyph";
  // Controls have a box of their own in most fonts, which the mark replaces; the others have no room at all.
  else node.className = character < " " ? "nw-glyph nw-glyph-control" : "nw-glyph nw-glyph-small";
  return node;
}
