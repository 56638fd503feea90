/** Needs of all views of one widget: the next request asks for exactly what is on the screen. */
import { same } from "../wire/inputs.ts";
import type { Asks } from "../wire/protocol.ts";
import type { AskState, Needs, Panels } from "./panel.ts";

type NeedOf = { readonly [panel: string]: object };
type Join = (before: object, after: object) => object;
type Compose = (need: object, state: AskState) => object | null;

export class NeedBook {
  /** In the order of their last change: where two views differ, the one that was touched last is served. */
  readonly #views = new Map<symbol, NeedOf>();

  constructor(private readonly panels: Panels) {}

  /** True when this is news; null withdraws it. */
  set(view: symbol, panel: string, need: object | null): boolean {
    const { [panel]: before = null, ...others } = this.#views.get(view) ?? {};
    if (same(before, need)) return false;
    this.#views.delete(view);
    this.#views.set(view, need ? { ...others, [panel]: need } : others);
    return true;
  }

  drop(view: symbol): void {
    this.#views.delete(view);
  }

  union(): Needs {
    const union: Record<string, object> = {};
    for (const needs of this.#views.values()) {
      for (const [panel, need] of Object.entries(needs)) {
        const before = union[panel];
        const join = this.panels.get(panel)?.join as Join | undefined;
        union[panel] = before && join ? join(before, need) : need;
      }
    }
    return union as Needs;
  }

  /** Would another token under the cursor be another question? */
  followsToken(): boolean {
    return Object.keys(this.union()).some((panel) => this.panels.get(panel)?.ofToken);
  }

  /** What the next request asks of each panel. */
  asks(state: AskState): Partial<Asks> {
    const union = this.union() as Record<string, object>;
    const asks: Record<string, object> = {};
    for (const { name, always, ask } of this.panels.values()) {
      const need = union[name] ?? always;
      const asked = need && ask ? (ask as Compose)(need, state) : need;
      if (asked) asks[name] = asked;
    }
    return asks as Partial<Asks>;
  }
}
