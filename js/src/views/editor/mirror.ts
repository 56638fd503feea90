/**
 * The layer under the editor's text: a span for each stretch, with the editor's own metrics.
 *
 * Thousands of spans have to follow each key, so nodes are kept: only those whose text changed are filled anew, and a
 * style is only written where it differs.
 */
import { glyphs } from "../../paint/words.ts";
import type { Segment } from "./segments.ts";
import { type Shader, styleOf } from "./shade.ts";

/** Characters drawn with a mark of their own: controls, and what takes no room (but for the joiner inside emoji). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are the point.
const SPECIAL = /[\u0000-\u001f\u007f-\u00a0\u00ad\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

type Drawn = { node: HTMLElement; text: string; tokens: string; style: string; kind: string };

export class Mirror {
  private drawn: Drawn[] = [];
  /** Keeps the last line open, as an editor does after a newline. */
  private readonly last = document.createElement("span");
  private segments: Segment[] = [];
  private first = 0;
  private selected: number | null = null;

  constructor(readonly root: HTMLElement) {
    this.last.textContent = "\u200b";
    root.replaceChildren(this.last);
  }

  /** Draws the text; `first` is the number of the window's first token in the whole text. */
  setText(text: string, segments: Segment[], first: number): void {
    this.segments = segments;
    this.first = first;
    const texts = segments.map(({ start, end }) => text.slice(start, end));
    const old = this.drawn;
    const most = Math.min(old.length, texts.length);
    let front = 0;
    while (front < most && old[front]!.text === texts[front]) front++;
    let back = 0;
    while (back < most - front && old[old.length - 1 - back]!.text === texts[texts.length - 1 - back]) back++;

    const middle = old.slice(front, old.length - back);
    const wanted = texts.slice(front, texts.length - back);
    const fresh: Drawn[] = [];
    const added = document.createDocumentFragment();
    wanted.forEach((words, i) => {
      const item = middle[i] ?? this.create(added);
      fill(item.node, words);
      item.text = words;
      fresh.push(item);
    });
    for (const extra of middle.slice(wanted.length)) extra.node.remove();
    this.root.insertBefore(added, old[old.length - back]?.node ?? this.last);
    this.drawn = [...old.slice(0, front), ...fresh, ...old.slice(old.length - back)];
    segments.forEach((segment, i) => {
      this.label(this.drawn[i]!, segment);
    });
  }

  /** Colours the tokens; null: nothing is known yet. */
  paint(shader: Shader | null, selected: number | null): void {
    this.selected = selected;
    this.segments.forEach((segment, i) => {
      const item = this.drawn[i]!;
      const looks = shader ? segment.tokens.map((token) => shader.look(token)) : [];
      const style = styleOf(looks);
      if (style !== item.style) {
        item.node.style.cssText = style;
        item.style = style;
      }
      this.mark(item, segment);
    });
  }

  /** The stretch where a token is drawn. */
  nodeOf(token: number): HTMLElement | undefined {
    const i = this.segments.findIndex(({ tokens }) => tokens.includes(token - this.first));
    return this.drawn[i]?.node;
  }

  private mark(item: Drawn, { tokens, outside, special }: Segment): void {
    let kind = outside ? "nw-tok nw-outside" : "nw-tok";
    if (tokens.length === 0) kind += " nw-unknown";
    if (this.selected !== null && tokens.includes(this.selected - this.first)) kind += " nw-selected";
    if (special) kind += " nw-special";
    if (item.text === "\n") kind += " nw-break";
    if (kind === item.kind) return;
    item.node.className = kind;
    item.kind = kind;
  }

  private label(item: Drawn, { tokens }: Segment): void {
    const numbers = tokens.map((token) => this.first + token).join(" ");
    if (numbers === item.tokens) return;
    item.tokens = numbers;
    if (tokens.length === 0) delete item.node.dataset.token;
    else item.node.dataset.token = String(this.first + tokens[0]!);
    if (tokens.length > 1) {
      item.node.dataset.tokens = numbers;
      this.split(item.node, tokens);
    } else if (item.node.dataset.tokens !== undefined) {
      delete item.node.dataset.tokens;
      for (const part of item.node.querySelectorAll("i")) part.remove();
    }
  }

  /** Gives each token after the first that shares a character a part of it to be pointed at. */
  private split(node: HTMLElement, tokens: number[]): void {
    for (const part of node.querySelectorAll("i")) part.remove();
    tokens.slice(1).forEach((token, i) => {
      const part = document.createElement("i");
      part.dataset.token = String(this.first + token);
      part.style.left = `${(100 * (i + 1)) / tokens.length}%`;
      part.style.width = `${100 / tokens.length}%`;
      node.append(part);
    });
  }

  private create(parent: Node): Drawn {
    const node = document.createElement("span");
    node.className = "nw-tok";
    parent.appendChild(node);
    return { node, text: "", tokens: "", style: "", kind: "nw-tok" };
  }
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
