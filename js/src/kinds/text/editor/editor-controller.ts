/**
 * Controller of the text editor: keeps textarea, mirror and session in step.
 *
 * The textarea is the truth about text, caret, selection, composition and undo; the mirror only follows. The session
 * writes into the textarea only when Python changed the text, and never while a composition is under way.
 */
import { effect, signal } from "@preact/signals";
import { dark } from "../../../paint/theme.ts";
import type { Session } from "../../../session/session.ts";
import { tokenBefore } from "../../../session/text/offsets.ts";
import type { Frame } from "../../../wire/frame.ts";
import { sameTokens, spansOf, textWindow, tokenCount } from "../../../wire/tokens.ts";
import { tokenUnder } from "./hover.ts";
import { Mirror } from "./mirror.ts";
import { segmentsOf } from "./segments.ts";
import { boxAt, SelectionHighlight } from "./selection-highlight.ts";
import { Shader } from "./shade.ts";

/** Room between the caret's line and the edge of the editor, CSS pixels. */
const MARGIN = 8;

export type Hover = { token: number; x: number; y: number };

export class EditorController {
  readonly hover = signal<Hover | null>(null);
  readonly #mirror: Mirror;
  readonly #selection: SelectionHighlight;
  #composing = false;
  /** A part of the text is marked, and Python knows. */
  #marking = false;
  #following = 0;
  #revealed: number | null = null;
  #drawnText: string | null = null;
  #drawnFrame: Frame | null = null;
  #shader: Shader | null = null;
  #shaded: { frame: Frame; dark: boolean } | null = null;
  #pointed: HTMLElement[] = [];
  readonly #undo: (() => void)[] = [];

  constructor(
    private readonly session: Session,
    private readonly area: HTMLTextAreaElement,
    mirror: HTMLElement,
  ) {
    this.#mirror = new Mirror(mirror);
    this.#selection = new SelectionHighlight(mirror, area);
    this.#undo.push(effect(() => this.#draw()));
    this.#undo.push(effect(() => this.#markPointed()));
    this.#listen();
  }

  close(): void {
    cancelAnimationFrame(this.#following);
    for (const stop of this.#undo) stop();
    this.#selection.set(0, 0);
  }

  // ---- session → page --------------------------------------------------------------------------------------

  #draw(): void {
    const text = this.session.text.value;
    const frame = this.session.frame.value;
    const isDark = dark.value;
    const selected = this.session.selection.value.token ?? frame?.head.token ?? null;
    this.#writeArea(text);
    const before = this.#drawnFrame;
    this.#drawnFrame = frame;
    // Where edits of the model change, the text is cut as it was.
    const isCutAlike = frame === before || (frame && before && sameTokens(frame, before));
    if (text !== this.#drawnText || !isCutAlike) {
      this.#mirror.setText(text, segmentsOf(text, frame), frame ? textWindow(frame).first : 0);
      this.#drawnText = text;
      this.#markSelection();
    }
    if (frame && (this.#shaded?.frame !== frame || this.#shaded.dark !== isDark)) {
      this.#shader = new Shader(frame, isDark);
      this.#shaded = { frame, dark: isDark };
    }
    this.#mirror.paint(this.#shader, selected);
    if (selected !== this.#revealed && frame) {
      this.#revealed = selected;
      this.#reveal(selected);
    }
  }

  /** Marks what is pointed at here or in a picture; the mirror may have drawn it anew. */
  #markPointed(): void {
    const [from, to] = this.session.pointed.value ?? [0, 0];
    void this.session.frame.value;
    for (const node of this.#pointed) delete node.dataset.pointed;
    this.#pointed = [];
    for (let token = from; token < to; token++) {
      const node = this.#mirror.nodeOf(token);
      if (!node) continue;
      node.dataset.pointed = "";
      this.#pointed.push(node);
    }
  }

  /** Scrolls to a token that was selected elsewhere; whoever types here looks after the scrolling alone. */
  #reveal(token: number | null): void {
    const node = token === null ? undefined : this.#mirror.nodeOf(token);
    const scroller = this.#scroller;
    if (!node || !scroller || this.#isFocused()) return;
    const top = node.offsetTop;
    if (top >= scroller.scrollTop && top + node.offsetHeight <= scroller.scrollTop + scroller.clientHeight)
      return;
    scroller.scrollTop = top - scroller.clientHeight / 2;
  }

  /**
   * Keeps the caret in sight after an edit. The browser looked for it before the mirror had grown, inside a textarea
   * that was still too small.
   */
  #followCaret(): void {
    const scroller = this.#scroller;
    this.area.scrollTop = 0;
    if (!scroller || scroller.scrollHeight <= scroller.clientHeight) return;
    const box = boxAt(this.#mirror.root, caret(this.area));
    const frame = scroller.getBoundingClientRect();
    if (!box) return;
    if (box.bottom > frame.bottom - MARGIN) scroller.scrollTop += box.bottom - frame.bottom + MARGIN;
    else if (box.top < frame.top + MARGIN) scroller.scrollTop += box.top - frame.top - MARGIN;
  }

  /** Before the next picture, for which the browser lays the page out anyway: not once more for this. */
  #followSoon(): void {
    cancelAnimationFrame(this.#following);
    this.#following = requestAnimationFrame(() => this.#followCaret());
  }

  get #scroller(): HTMLElement | null {
    return this.#mirror.root.parentElement?.parentElement ?? null;
  }

  #markSelection(): void {
    if (this.#isFocused()) this.#selection.set(this.area.selectionStart, this.area.selectionEnd);
    else this.#selection.set(0, 0);
  }

  #isFocused(): boolean {
    return (this.area.getRootNode() as Document | ShadowRoot).activeElement === this.area;
  }

  #writeArea(text: string): void {
    if (this.#composing || this.area.value === text) return;
    const at = this.session.focus.peek();
    this.area.value = text;
    this.area.setSelectionRange(at, at);
  }

  // ---- page → session --------------------------------------------------------------------------------------

  #listen(): void {
    const { area } = this;
    const on = <K extends keyof HTMLElementEventMap>(
      kind: K,
      does: (event: HTMLElementEventMap[K]) => void,
    ) => {
      area.addEventListener(kind, does);
      this.#undo.push(() => area.removeEventListener(kind, does));
    };
    on("input", () => {
      // Whoever types reads the text, not the tooltip.
      this.#pointAt(null);
      this.#marking = false;
      this.session.setText(area.value, caret(area));
      this.#followSoon();
    });
    on("focus", () => this.#markSelection());
    on("blur", () => this.#markSelection());
    on("compositionstart", () => {
      this.#composing = true;
    });
    on("compositionend", () => {
      this.#composing = false;
      this.session.setText(area.value, caret(area));
      this.#writeArea(this.session.text.peek());
    });
    on("keydown", (event) => this.#key(event));
    on("pointermove", (event) => {
      const token = tokenUnder(area, event.clientX, event.clientY);
      this.#pointAt(token === null ? null : { token, x: event.clientX, y: event.clientY });
    });
    on("pointerleave", () => this.#pointAt(null));
    on("click", (event) => this.#click(event));
    const moved = () => {
      this.#markSelection();
      this.#caretMoved();
    };
    document.addEventListener("selectionchange", moved);
    this.#undo.push(() => document.removeEventListener("selectionchange", moved));
  }

  #pointAt(hover: Hover | null): void {
    const { pointed } = this.session;
    if (hover === null) {
      if (this.hover.peek() !== null) pointed.value = null;
    } else if (pointed.peek()?.[0] !== hover.token) pointed.value = [hover.token, hover.token + 1];
    this.hover.value = hover;
  }

  #click(event: MouseEvent): void {
    this.session.moveCursor(caret(this.area));
    if (this.area.selectionStart !== this.area.selectionEnd) return;
    const token = tokenUnder(this.area, event.clientX, event.clientY);
    if (token !== null) this.session.setToken(token);
  }

  /** Arrow keys and the like: the token before the caret becomes the selected one. */
  #caretMoved(): void {
    if (!this.#isFocused() || this.#composing) return;
    const at = caret(this.area);
    const { selectionStart, selectionEnd } = this.area;
    if (selectionStart !== selectionEnd) {
      this.#marking = true;
      this.session.moveCursor(at);
      this.session.mark(selectionStart, selectionEnd);
      return;
    }
    // After an edit the session already knows; a click selects the token it hit.
    if (at === this.session.focus.peek() && !this.#marking) return;
    const wasMarked = this.#marking;
    this.#marking = false;
    this.session.moveCursor(at);
    const frame = this.session.frame.peek();
    if (!frame || frame.text !== this.session.text.peek() || tokenCount(frame) === 0) {
      if (wasMarked) this.session.setToken(null);
      return;
    }
    const { start, end, first } = textWindow(frame);
    this.session.setToken(at >= start && at <= end ? first + tokenBefore(spansOf(frame), at) : null);
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    // Tab moves the focus, as everywhere: nobody is caught here. Ctrl+] (⌘ ]) writes one.
    if (key === "]" && command && !event.altKey) this.#take(event, () => this.#insert("\t"));
    // JupyterLab cancels line breaks, undo and redo in whatever lies in a cell's output, so we do them ourselves;
    // the browser's own undo history holds for these commands too.
    else if (key === "enter" && !command) this.#take(event, () => this.#insert("\n"));
    else if (key === "z" && command)
      this.#take(event, () => document.execCommand?.(event.shiftKey ? "redo" : "undo"));
    else if (key === "y" && command) this.#take(event, () => document.execCommand?.("redo"));
  }

  #take(event: KeyboardEvent, does: () => void): void {
    event.preventDefault();
    does();
  }

  #insert(text: string): void {
    // execCommand is the one way that keeps the browser's undo; it fires `input` itself.
    if (document.execCommand?.("insertText", false, text)) return;
    const { area } = this;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    this.session.setText(area.value, caret(area));
  }
}

/** The moving end of the selection. */
function caret(area: HTMLTextAreaElement): number {
  return area.selectionDirection === "backward" ? area.selectionStart : area.selectionEnd;
}
