/**
 * Base of the controllers of heatmap and overview: they paint frames, and their cells are pointed at by pointer
 * and keys.
 */
import { effect } from "@preact/signals";
import { Painter, type Picture } from "../../paint/canvas.ts";
import type { Cell } from "../../paint/cells.ts";
import type { Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import { listenTo } from "../gestures.ts";
import { actionOf, type MapAction } from "./picture-keys.ts";
import { type Plot, type PlotPicture, type Pointing, placeIn } from "./plot.ts";
import { CellPointer } from "./pointing.ts";

export abstract class PictureController {
  readonly pointer: CellPointer;
  readonly #painter = new Painter();
  #canvas: HTMLCanvasElement | null = null;

  constructor(
    protected readonly session: Session,
    protected readonly plot: Plot,
    private readonly of: PlotPicture,
  ) {
    this.pointer = new CellPointer(session, plot, of);
  }

  /** Works on a canvas until the function that comes back is called. */
  attach(canvas: HTMLCanvasElement): () => void {
    this.#canvas = canvas;
    const life = new AbortController();
    const { session, plot, pointer } = this;
    const at = (x: number, y: number): Cell | null => {
      const frame = session.frame.peek();
      return frame && this.cellAt(frame, x, y);
    };
    const gestures = {
      point(x: number, y: number, event: PointerEvent) {
        const corner = placeIn(canvas);
        pointer.point(at(x, y), event.clientX - corner.left, event.clientY - corner.top, "pointer");
      },
      leave() {
        // What the keyboard points at stays when the pointer goes.
        if (plot.pointing.peek()?.by !== "keys") pointer.leave();
      },
      click(x: number, y: number) {
        const cell = at(x, y);
        if (cell) pointer.choose(cell);
      },
      pan: (dx: number, dy: number, width: number, height: number) => this.pan(dx, dy, width, height),
      zoom: (factor: number, x: number, y: number) => this.zoom(factor, x, y),
    };
    const stops = [
      effect(() => pointer.settle()),
      effect(() => this.#paint(canvas)),
      // Under a resting pointer a new picture has new values.
      effect(() => {
        const frame = session.frame.value;
        if (frame) this.refresh(frame);
      }),
    ];
    listenTo(canvas, gestures, life.signal);
    return () => {
      this.#canvas = null;
      life.abort();
      for (const stop of stops) stop();
    };
  }

  key(event: KeyboardEvent): void {
    const action = actionOf(event);
    const frame = this.session.frame.peek();
    if (action === null || !this.takes(action, frame)) return;
    event.preventDefault();
    // The notebook has its own meaning for arrows and Enter.
    event.stopPropagation();
    if (frame) this.act(action, frame);
  }

  /** Is the key for this picture? */
  protected abstract takes(action: MapAction, frame: Frame | null): boolean;
  protected abstract act(action: MapAction, frame: Frame): void;
  /** The cell under fractions of the picture. */
  protected abstract cellAt(frame: Frame, x: number, y: number): Cell | null;
  /** What is painted now, and how high; null: nothing. */
  protected abstract picture(): { height: number; picture: Picture | null };
  protected pan(_dx: number, _dy: number, _width: number, _height: number): void {}
  protected zoom(_factor: number, _x: number, _y: number): void {}

  /** Reads what is pointed at again. */
  protected refresh(frame: Frame): void {
    const pointed = this.pointed();
    if (!pointed || !this.#canvas) return;
    const corner = placeIn(this.#canvas);
    const box = this.#canvas.getBoundingClientRect();
    const x = (pointed.x + corner.left - box.left) / box.width;
    const y = (pointed.y + corner.top - box.top) / box.height;
    this.pointer.refresh(this.cellAt(frame, x, y), pointed.x, pointed.y, pointed.by);
  }

  /** What is pointed at, if it is in this picture. */
  protected pointed(): Pointing | null {
    const pointed = this.plot.pointing.peek();
    return pointed?.picture === this.of ? pointed : null;
  }

  /** Fractions of the picture as pixels of the widget; null without a canvas. */
  protected placeOf(x: number, y: number): [x: number, y: number] | null {
    if (!this.#canvas) return null;
    const corner = placeIn(this.#canvas);
    const box = this.#canvas.getBoundingClientRect();
    return [box.left - corner.left + x * box.width, box.top - corner.top + y * box.height];
  }

  #paint(canvas: HTMLCanvasElement): void {
    const { height, picture } = this.picture();
    const width = this.plot.width.value;
    if (width > 0) this.#painter.paint(canvas, width, height, picture);
  }
}
