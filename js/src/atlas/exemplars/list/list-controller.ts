/** Controller of the list of exemplars: which place is active or open, what is picked, what clicks and keys do. */
import { signal } from "@preact/signals";
import type { Listing } from "../../../kinds/exemplars.ts";
import type { ExemplarSettings } from "../store/exemplar-settings.ts";
import { type Item, scrollTo } from "./layout.ts";
import type { Use } from "./opened.tsx";
import { type Manner, pick } from "./picks.ts";

/** What the list shows, as it was drawn last. */
export type Drawn = {
  listing: Listing;
  items: readonly Item[];
  height: number;
  line: number;
  perLine: number;
  canUse: boolean;
  use: Use;
};

export class ListController {
  readonly active = signal(0);
  readonly open = signal<number | null>(null);
  /** The place from which Shift reaches. */
  #anchor: number | null = null;
  #drawn!: Drawn;
  #box!: HTMLElement;

  constructor(private readonly settings: ExemplarSettings) {}

  attach(box: HTMLElement): void {
    this.#box = box;
  }

  /** To be called whenever the list is drawn. */
  draw(drawn: Drawn): void {
    this.#drawn = drawn;
  }

  toggleOpen(place: number): void {
    const isOpen = this.open.peek() === place;
    this.active.value = place;
    this.open.value = isOpen ? null : place;
    if (isOpen) this.#focus();
  }

  /** What was opened comes into sight with all of it. */
  revealOpen(): void {
    const box = this.#box;
    const item = this.#drawn.items.find(({ kind }) => kind === "open");
    if (item && item.top + item.height > box.scrollTop + box.clientHeight)
      box.scrollTop = item.top + item.height - box.clientHeight;
  }

  click(event: MouseEvent): void {
    const target = event.target as Element;
    const place = Number(target.closest<HTMLElement>("[data-nw=exemplar]")?.dataset.place ?? Number.NaN);
    const row = this.#drawn.listing.rows[place];
    if (!row) return;
    // A button that was clicked has taken the focus: keys are for the list.
    this.#focus();
    if (target.closest("[data-nw=exemplar-use]")) this.#drawn.use(row);
    else if (target.closest("[data-nw=exemplar-open]") || event.detail === 2) this.toggleOpen(place);
    else this.#choose(place, { toggle: event.ctrlKey || event.metaKey, reach: event.shiftKey });
  }

  key(event: KeyboardEvent): void {
    if (event.target !== this.#box) return;
    const step = this.#steps()[event.key];
    if (step) this.#goTo(this.active.peek() + step, event.shiftKey);
    else if (!this.#command(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** How many places each key moves. */
  #steps(): Record<string, number> {
    const { listing, height, line, perLine } = this.#drawn;
    const page = Math.max(1, Math.floor(height / line) - 1) * perLine;
    const aside = perLine > 1 ? 1 : 0;
    return {
      ArrowDown: perLine,
      ArrowUp: -perLine,
      ArrowRight: aside,
      ArrowLeft: -aside,
      PageDown: page,
      PageUp: -page,
      Home: -listing.total,
      End: listing.total,
    };
  }

  /** Answers whether the key was one of ours. */
  #command(event: KeyboardEvent): boolean {
    const { listing, canUse, use } = this.#drawn;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const place = this.active.peek();
    const row = listing.rows[place];
    if (key === " ") this.#choose(place, { toggle: true, reach: event.shiftKey });
    else if (key === "enter") this.toggleOpen(place);
    else if (key === "escape") return this.#putAway();
    else if (key === "a" && control) this.#setPicked(listing.rows.flatMap((one) => (one ? [one.key] : [])));
    else if (key === "e" && !control && canUse && row) use(row);
    else return false;
    return true;
  }

  /** First what is open, then what is picked; false when there is neither. */
  #putAway(): boolean {
    if (this.open.peek() !== null) this.open.value = null;
    else if (this.settings.picked.peek().length > 0) this.#setPicked([]);
    else return false;
    return true;
  }

  #goTo(place: number, reach: boolean): void {
    const box = this.#box;
    const { listing, items } = this.#drawn;
    const start = this.#anchor ?? this.active.peek();
    const next = Math.min(listing.total - 1, Math.max(0, place));
    this.active.value = next;
    const top = scrollTo(items, next, box.scrollTop, box.clientHeight);
    if (top !== null) box.scrollTop = top;
    if (!reach) return;
    this.#anchor = start;
    this.#choose(next, { toggle: false, reach: true });
  }

  #choose(place: number, manner: Manner): void {
    this.active.value = place;
    const picks = { picked: this.settings.picked.peek(), anchor: this.#anchor };
    const after = pick(picks, place, manner, (at) => this.#drawn.listing.rows[at]?.key);
    this.#anchor = after.anchor;
    this.#setPicked(after.picked);
  }

  #setPicked(keys: readonly number[]): void {
    this.settings.setPicked(this.#drawn.listing.unit, keys);
  }

  #focus(): void {
    this.#box.focus({ preventScroll: true });
  }
}
