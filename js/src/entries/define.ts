/** Defines what anywidget calls: one session for each model, one view for each place it is shown. */

import { type Kind, registerKind, TABLES, viewOf } from "../kinds/registry.ts";
import { LiveSession } from "../session/live-session.ts";
import type { HostModel } from "../wire/kernel/host.ts";
import { mount } from "./mount.tsx";
import { awaitViews } from "./stand-in.ts";

/** Hosts older than anywidget 0.11 pass no signal; they call what we return instead. */
type Args = { model: HostModel; signal?: AbortSignal };

/** The default export of an entry: `open` makes the session of a model, `show` a view of it. */
export function define<Shared>(
  open: (model: HostModel, life: AbortSignal) => Shared,
  show: (session: Shared, el: HTMLElement, life: AbortSignal) => void,
) {
  /** By model; some hosts hand `render` another proxy than `initialize`, then the latest session is meant. */
  const sessions = new WeakMap<HostModel, { session: Shared }>();

  return () => {
    let latest: { session: Shared } | undefined;
    const begin = (model: HostModel, life: AbortSignal) => {
      latest = { session: open(model, life) };
      sessions.set(model, latest);
      return latest;
    };
    return {
      // Nothing here may wait for the kernel: anywidget holds all messages back until it returns.
      initialize({ model, signal }: Args): () => void {
        const life = lifetime(signal);
        begin(model, life.signal);
        awaitViews();
        return () => life.abort();
      },
      render({ model, el, signal }: Args & { el: HTMLElement }): () => void {
        const life = lifetime(signal);
        const { session } = sessions.get(model) ?? latest ?? begin(model, life.signal);
        show(session, el, life.signal);
        return () => life.abort();
      },
    };
  };
}

/** The same for views of live models of these kinds of input. */
export function defineLive(kinds: readonly Kind[]) {
  registerKind(...kinds);
  return define(
    (model, life) => new LiveSession(model, life, TABLES),
    (live, el, life) => mount(live, el, life, viewOf),
  );
}

export function lifetime(signal: AbortSignal | undefined): AbortController {
  const life = new AbortController();
  if (signal?.aborted) life.abort();
  signal?.addEventListener("abort", () => life.abort());
  return life;
}
