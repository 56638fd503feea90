/** Puts one view of a session into the host's element, and takes it out again. */
import { effect, type ReadonlySignal } from "@preact/signals";
import { type ComponentChild, render } from "preact";
import type { View } from "../kinds/registry.ts";
import { dark, followTheme } from "../paint/theme.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { Session } from "../session/session.ts";
import { hideStandIn } from "./stand-in.ts";
import "../ui/styles.css";

/** What `build.mjs` writes into a bundle: the class that its sheet hangs on. */
declare const NW_ROOT: string;

/** Names of roots by layout; others are called "explorer". */
const NAMES: Record<string, string> = { strip: "token-strip", heatmap: "heatmap" };

export function mount(
  live: LiveSession,
  el: HTMLElement,
  signal: AbortSignal,
  viewOf: (session: Session) => View,
  name?: string,
): void {
  if (signal.aborted) return;
  const root = newRoot(el, signal);
  hideStandIn(live.model, live.blank, signal);
  const session = live.show(el, signal);
  const View = viewOf(session);
  root.dataset.nw = name ?? NAMES[session.layout] ?? "explorer";
  const stops = [
    effect(() => {
      root.dataset.state = session.state.value;
    }),
    effect(() => {
      root.dataset.link = live.link.value;
    }),
    announcePaints(session, root),
  ];
  render(<View session={session} />, root);
  signal.addEventListener("abort", () => {
    for (const stop of stops) stop();
    render(null, root);
    root.remove();
  });
}

/** The same for a view without a live session. */
export function mountAlone(
  name: string,
  state: ReadonlySignal<string>,
  view: ComponentChild,
  el: HTMLElement,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const root = newRoot(el, signal);
  root.dataset.nw = name;
  const stop = effect(() => {
    root.dataset.state = state.value;
  });
  render(view, root);
  signal.addEventListener("abort", () => {
    stop();
    render(null, root);
    root.remove();
  });
}

function newRoot(el: HTMLElement, signal: AbortSignal): HTMLElement {
  followTheme(signal);
  const root = document.createElement("div");
  root.className = `nw-root ${NW_ROOT}`;
  root.dataset.nw = "";
  keepKeys(root, signal);
  el.append(root);
  const stop = effect(() => void root.classList.toggle("nw-dark", dark.value));
  signal.addEventListener("abort", stop);
  return root;
}

/** Keys typed here are no commands of the host's, but for saving. */
function keepKeys(root: HTMLElement, signal: AbortSignal): void {
  const isForHost = (event: KeyboardEvent) =>
    (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
  // JupyterLab takes keys at the document, before we see them, unless an ancestor of the target says otherwise. The
  // window comes before the document, so there is time to say it.
  const mark = (event: KeyboardEvent) => {
    if (isForHost(event)) delete root.dataset.lmSuppressShortcuts;
    else root.dataset.lmSuppressShortcuts = "true";
  };
  window.addEventListener("keydown", mark, { capture: true, signal });
  root.dataset.lmSuppressShortcuts = "true";
  // Other hosts take what bubbles up.
  const keep = (event: KeyboardEvent) => {
    if (!isForHost(event)) event.stopPropagation();
  };
  for (const kind of ["keydown", "keyup", "keypress"] as const) root.addEventListener(kind, keep);
}

/** Says on the root which frame is on the screen, once it is. */
function announcePaints(session: Session, root: HTMLElement): () => void {
  return effect(() => {
    const frame = session.frame.value;
    if (!frame) return;
    const {
      seq,
      head: { ms },
    } = frame;
    // Views paint in effects and animation frames that are queued before ours runs; then comes the paint itself.
    afterPaint(() => {
      if (session.frame.peek() !== frame) return;
      root.dataset.seq = String(seq);
      const detail = { seq, text: frame.text, ms };
      root.dispatchEvent(new CustomEvent("neuronwidget:painted", { bubbles: true, detail }));
    });
  });
}

function afterPaint(then: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    then();
  };
  // A page in the background gets no animation frames.
  const timer = setTimeout(once, 250);
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      once();
    };
    channel.port2.postMessage(null);
  });
}
