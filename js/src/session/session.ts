/** Session of a live view, all that views see: what a person set, what came back, and what a person can do. */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { EditSetting } from "../wire/edits.ts";
import type { Frame } from "../wire/frame.ts";
import type { GalleryItem, Input } from "../wire/inputs.ts";
import type {
  Changes,
  ErrorAnswer,
  ProbeAnswer,
  Selection,
  UnitName,
  ViewSettings,
} from "../wire/protocol.ts";
import type { Where } from "../wire/shared.ts";
import type { Catalog, Labels, Names } from "../wire/traits.ts";
import type { InputKind } from "./kind.ts";
import type { PanelNeeds } from "./panel.ts";
import type { State } from "./state.ts";

export type { State } from "./state.ts";

/** Can the kernel be asked? Views then offer what needs an answer. */
export const isLive = ({ state }: { state: ReadonlySignal<State> }): boolean =>
  state.value !== "no-kernel" && state.value !== "closed";

export interface Session {
  /** How the widget lies on the page: "explorer", "strip", "heatmap". */
  readonly layout: string;
  /** The kind of input. */
  readonly kind: InputKind;

  // what a person set; two-way with Python
  readonly input: ReadonlySignal<Input>;
  /** Another input, in the place of what was before. */
  readonly beside: ReadonlySignal<Input | null>;
  /** "" where the input is no text. */
  readonly text: ReadonlySignal<string>;
  readonly site: ReadonlySignal<string>;
  readonly unit: ReadonlySignal<UnitName | null>;
  readonly selection: ReadonlySignal<Selection>;
  readonly pins: ReadonlySignal<UnitName[]>;
  /** What is done to units of the model. */
  readonly edits: ReadonlySignal<EditSetting[]>;
  readonly view: ReadonlySignal<ViewSettings>;
  /** What units are called. */
  readonly labels: ReadonlySignal<Labels>;
  readonly catalog: ReadonlySignal<Catalog>;
  /** The cursor, UTF-16. */
  readonly focus: ReadonlySignal<number>;

  /** The tokens under the pointer or the keyboard's cell, first and one after the last: every part of a view marks them. */
  readonly pointed: Signal<readonly [number, number] | null>;

  // what came back
  readonly frame: ReadonlySignal<Frame | null>;
  readonly state: ReadonlySignal<State>;
  /** Why the state is what it is, in words for a person; "" when there is nothing to say. */
  readonly reason: ReadonlySignal<string>;
  /** Cleared by the next good frame; the last good frame stays (state "stale"). */
  readonly error: ReadonlySignal<ErrorAnswer | null>;
  readonly probe: ReadonlySignal<ProbeAnswer | null>;
  /** Pictures that can be picked, once asked for. */
  readonly gallery: ReadonlySignal<readonly GalleryItem[]>;

  // what a person does
  setText(text: string, cursor: number): void;
  setInput(input: Input): void;
  setBeside(input: Input | null): void;
  askGallery(): void;
  pick(index: number): void;
  moveCursor(offset: number): void;
  setSite(name: string): void;
  /** A unit of another site moves the site too. */
  setUnit(unit: UnitName | null): void;
  setToken(token: number | null): void;
  /** A part of the text is marked: offsets, UTF-16. What is said of a token then follows the cursor. */
  mark(start: number, end: number): void;
  togglePin(unit: UnitName): void;
  setEdits(edits: EditSetting[]): void;
  setLabels(names: Names): void;
  setView(patch: Partial<ViewSettings>): void;

  /** What is visible of a panel; the union of all needs makes the ask. Called from an effect; null withdraws. */
  need<P extends keyof PanelNeeds>(panel: P, need: PanelNeeds[P] | null): void;
  probeAt(where: Where, x: number, y: number): void;
  endProbe(): void;
  /** Asks again for what is visible. */
  refresh(): void;
  /** A further trait of the widget, as the page has it; undefined where there is none. */
  trait(name: string): ReadonlySignal<unknown>;
  /** Tells Python at once what a person did, where there is a trait for it. */
  tell(changes: Changes): void;
}
