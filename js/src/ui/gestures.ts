/** Listens to pointer and wheel over a picture: pointing, clicking, panning, zooming. Fractions 0…1 of the picture. */

export type Gestures = {
  point(x: number, y: number, event: PointerEvent): void;
  leave(): void;
  click(x: number, y: number): void;
  /** Pixels since the last call, and the size of the picture. */
  pan(dx: number, dy: number, width: number, height: number): void;
  zoom(factor: number, x: number, y: number): void;
};

/** Shorter movements are the tremble of a click. */
const CLICK = 4;

export function listenTo(node: HTMLElement, gestures: Gestures, signal: AbortSignal): void {
  /** Where the pointer was last: pictures that move under a resting pointer are not pointed at. */
  let last = { x: Number.NaN, y: Number.NaN };
  let drag: { x: number; y: number; far: boolean; id: number } | null = null;
  const at = (event: MouseEvent): [number, number, DOMRect] => {
    const box = node.getBoundingClientRect();
    const x = box.width > 0 ? (event.clientX - box.left) / box.width : 0;
    const y = box.height > 0 ? (event.clientY - box.top) / box.height : 0;
    return [Math.min(0.999999, Math.max(0, x)), Math.min(0.999999, Math.max(0, y)), box];
  };
  const on = <K extends keyof HTMLElementEventMap>(
    kind: K,
    handle: (event: HTMLElementEventMap[K]) => void,
    passive = true,
  ) => node.addEventListener(kind, handle, { signal, passive });

  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, far: false, id: event.pointerId };
  });
  on("pointermove", (event) => {
    if (event.clientX === last.x && event.clientY === last.y) return;
    last = { x: event.clientX, y: event.clientY };
    const [x, y, box] = at(event);
    if (drag !== null) {
      const dx = event.clientX - drag.x;
      const dy = event.clientY - drag.y;
      if (drag.far || Math.hypot(dx, dy) > CLICK) {
        // Only now: a captured pointer would take double clicks from the picture.
        if (!drag.far) node.setPointerCapture?.(event.pointerId);
        drag.far = true;
        gestures.leave();
        gestures.pan(dx, dy, box.width, box.height);
        drag.x = event.clientX;
        drag.y = event.clientY;
        return;
      }
    }
    gestures.point(x, y, event);
  });
  on("pointerup", (event) => {
    if (drag === null) return;
    const { far } = drag;
    drag = null;
    if (!far) gestures.click(...front(at(event)));
  });
  on("pointercancel", () => {
    drag = null;
    gestures.leave();
  });
  on("pointerleave", () => {
    if (drag === null || !drag.far) {
      drag = null;
      gestures.leave();
    }
  });
  on("dblclick", (event) => {
    gestures.zoom(event.shiftKey ? 2 : 0.5, ...front(at(event)));
  });
  on(
    "wheel",
    (event) => {
      // The wheel alone always scrolls the notebook.
      if (!(event.ctrlKey || event.metaKey) || event.deltaY === 0) return;
      event.preventDefault();
      gestures.zoom(wheelFactor(event), ...front(at(event)));
    },
    false,
  );
}

function front([x, y]: [number, number, DOMRect]): [number, number] {
  return [x, y];
}

/** One notch of a wheel (100–120 pixels, or 3 lines) is a factor of about 1.25; trackpads send many small ones. */
export function wheelFactor(event: Pick<WheelEvent, "deltaY" | "deltaMode">): number {
  const pixels =
    event.deltaMode === 1 ? event.deltaY * 36 : event.deltaMode === 2 ? event.deltaY * 300 : event.deltaY;
  return 2 ** Math.max(-1, Math.min(1, pixels / 320));
}

/** Panning in whole cells: keeps the rest of a slow drag until it makes a cell. */
export function cellSteps(): (pixels: number, perCell: number) => number {
  let rest = 0;
  return (pixels, perCell) => {
    rest += pixels;
    const cells = perCell > 0 ? Math.trunc(rest / perCell) : 0;
    rest -= cells * perCell;
    return cells;
  };
}
