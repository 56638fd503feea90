/** The entry that anywidget calls: one session for each model, one view for each place it is shown. */
import type { HostModel } from "./host.ts";
import { LiveSession } from "./live.ts";
import { mount } from "./mount.tsx";

/** Hosts older than anywidget 0.11 pass no signal; they call what we return instead. */
type Args = { model: HostModel; signal?: AbortSignal };

/** By model; some hosts hand `render` another proxy than `initialize`, then the latest session is meant. */
const sessions = new WeakMap<HostModel, LiveSession>();

export default () => {
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
      mount(sessions.get(model) ?? latest ?? open(model, life.signal), el, life.signal);
      return () => life.abort();
    },
  };
};

function lifetime(signal: AbortSignal | undefined): AbortController {
  const life = new AbortController();
  if (signal?.aborted) life.abort();
  signal?.addEventListener("abort", () => life.abort());
  return life;
}
