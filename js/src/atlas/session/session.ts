/** Session of an atlas: all that its views see, whether they stand beside a live view or alone. */
import type { ReadonlySignal } from "@preact/signals";
import type { Session, State } from "../../session/session.ts";
import type { AtlasInfo, Want } from "../../wire/atlas-protocol.ts";
import type { Changes, UnitName } from "../../wire/protocol.ts";
import type { Labels, Names } from "../../wire/traits.ts";
import type { Channel } from "./channel.ts";
import type { Part } from "./saved.ts";

export interface AtlasSession {
  /** Is there an atlas? A live view may be without. */
  readonly given: ReadonlySignal<boolean>;
  readonly info: ReadonlySignal<AtlasInfo>;
  readonly unit: ReadonlySignal<UnitName | null>;
  readonly state: ReadonlySignal<State>;
  /** Why the state is what it is; "" when there is nothing to say. */
  readonly reason: ReadonlySignal<string>;
  /** The live view beside the atlas; null where there is none. */
  readonly live: Session | null;
  /** What units are called. */
  readonly labels: ReadonlySignal<Labels>;
  setUnit(unit: UnitName | null): void;
  setLabels(names: Names): void;
  /** Opens a channel for one kind of question; `end` it when the view goes. */
  channel<W extends Want>(want: W): Channel<W>;
  end<W extends Want>(channel: Channel<W>): void;
  /** Tells Python what a person did, where there is a trait for it. */
  tell(changes: Changes): void;
  /** A trait of the widget, as the page has it; undefined where there is none. */
  trait(name: string): ReadonlySignal<unknown>;
  /** Keeps a part of what is on the screen for a saved notebook. */
  keep(part: Part, written: string): void;
  /** What was kept of it. */
  kept(part: Part): unknown;
}
