/**
 * Host of the widget, the notebook around us: the model that anywidget hands over, and what can be learnt about its kernel.
 *
 * anywidget's model tells nothing about the kernel itself. JupyterLab and Notebook 7 expose it through the widget
 * manager and mark the element of a widget whose comm is gone; other hosts expose nothing, and silence is all we hear.
 */

/** What anywidget gives to `initialize` and `render`. */
export interface HostModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: the arguments depend on the event.
  on(name: string, callback: (...args: any[]) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  off(name?: string | null, callback?: ((...args: any[]) => void) | null): void;
  widget_manager?: unknown;
}

/** A Lumino signal, as far as we use it. */
type Emitter = {
  connect(slot: (sender: unknown, value: unknown) => void): void;
  disconnect(slot: (sender: unknown, value: unknown) => void): void;
};
type Kernel = {
  status?: string;
  connectionStatus?: string;
  statusChanged?: Emitter;
  connectionStatusChanged?: Emitter;
};

export type Gone = {
  reason: string;
  /** True: the same kernel may come back, and our widget with it. */
  mayReturn: boolean;
};

export type HostWatch = {
  /** An element of a view; the host marks it when the comm is gone. */
  addElement(el: Element, signal: AbortSignal): void;
  /** Is the kernel occupied, as far as the host says? */
  busy(): boolean;
};

/** Reports when the kernel behind the widget goes (a reason) and when it may have come back (null). */
export function watchHost(
  model: HostModel,
  signal: AbortSignal,
  report: (gone: Gone | null) => void,
): HostWatch {
  const elements = new Set<Element>();
  const kernel = kernelOf(model);

  const onStatus = (_: unknown, status: unknown) => {
    const gone = goneBy(String(status));
    if (gone) report(gone);
  };
  const onConnection = (_: unknown, status: unknown) => {
    if (status === "connected") report(null);
    else if (status === "disconnected" || status === "connecting") {
      report({ reason: "There is no connection to the kernel.", mayReturn: true });
    }
  };
  kernel?.statusChanged?.connect(onStatus);
  kernel?.connectionStatusChanged?.connect(onConnection);

  const checkMarks = () => {
    if ([...elements].some((el) => el.closest(".jupyter-widgets-disconnected"))) {
      report({ reason: "The kernel that made this is gone: run the cell again.", mayReturn: false });
    }
  };
  // The view marks its element on the same event, maybe after us.
  const onCommLive = () => queueMicrotask(checkMarks);
  model.on("comm_live_update", onCommLive);

  signal.addEventListener("abort", () => {
    kernel?.statusChanged?.disconnect(onStatus);
    kernel?.connectionStatusChanged?.disconnect(onConnection);
    model.off("comm_live_update", onCommLive);
  });
  return {
    addElement(el, viewSignal) {
      elements.add(el);
      viewSignal.addEventListener("abort", () => elements.delete(el));
      checkMarks();
      if (kernel?.status) onStatus(kernel, kernel.status);
    },
    busy: () => kernel?.status === "busy",
  };
}

function kernelOf(model: HostModel): Kernel | null {
  try {
    return (model.widget_manager as { kernel?: Kernel } | undefined)?.kernel ?? null;
  } catch {
    // A manager without a session throws from its getter: it has no kernel.
    return null;
  }
}

function goneBy(status: string): Gone | null {
  switch (status) {
    case "restarting":
      return { reason: "The kernel was restarted: run the cell again.", mayReturn: false };
    case "autorestarting":
      return { reason: "The kernel died and is restarting: run the cells again.", mayReturn: false };
    case "dead":
    case "terminating":
      return { reason: "The kernel is gone: start one and run the cell again.", mayReturn: false };
    default:
      return null;
  }
}
