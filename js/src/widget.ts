/** What anywidget calls: one session for each model, one view for each place it is shown. */
import type { HostModel } from "./host.ts";
import { LiveSession } from "./live.ts";
import { mount, type View } from "./mount.tsx";
import type { Session } from "./session.ts";

/** Hosts older than anywidget 0.11 pass no signal; they call what we return instead. */
export type Args = { model: HostModel; signal?: AbortSignal };

/** The default export of an entry. `viewOf` chooses what shows a session. */
export function define(viewOf: (session: Session) => View) {
  /** By model; some hosts hand `render` another proxy than `initialize`, then the latest session is meant. */
  const sessions = new WeakMap<HostModel, LiveSession>();

  return () => {
    let latest: LiveSession | undefined;
    const open = (model: HostModel, signal: AbortSignal) => {
      latest = new LiveSession(model, signal);
      sessions.set(model, latest);
      return latest;
    };
    return {
      // Nothing here may wait for the kernel: anywidget holds all messages back until it returns.
      initialize({ model, signal }: Args): () => void {
        const life = lifetime(signal);
        open(model, life.signal);
        return () => life.abort();
      },
      render({ model, el, signal }: Args & { el: HTMLElement }): () => void {
        const life = lifetime(signal);
        mount(sessions.get(model) ?? latest ?? open(model, life.signal), el, life.signal, viewOf);
        return () => life.abort();
      },
    };
  };
}

export function lifetime(signal: AbortSignal | undefined): AbortController {
  const life = new AbortController();
  if (signal?.aborted) life.abort();
  signal?.addEventListener("abort", () => life.abort());
  return life;
}
