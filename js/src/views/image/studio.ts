/** The picture that is worked on, its tools, and its way to the session. */
import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { isPicture, type Picture } from "../../inputs.ts";
import type { Session } from "../../session.ts";
import {
  begin,
  brushOnSource,
  type Colour,
  cellAt,
  changed,
  type Edit,
  type History,
  onSource,
  sizeFor,
  step,
  UNTOUCHED,
  type Work,
  workOn,
} from "./edit.ts";
import { borderColour, createRenderer } from "./render.ts";

export type Tool = "move" | "paint" | "erase" | "read";
/** Fractions of the frame. */
export type Point = readonly [x: number, y: number];

export interface Studio {
  readonly history: ReadonlySignal<History>;
  /** What is sent: the work, rendered. */
  readonly picture: ReadonlySignal<Picture>;
  /** The picture before it was edited: what “before” means. */
  readonly base: ReadonlySignal<Picture | null>;
  readonly tool: Signal<Tool>;
  /** Of the brush, in widths of the frame. */
  readonly size: Signal<number>;
  readonly colour: Signal<Colour>;
  readonly opacity: Signal<number>;
  /** Where the pointer or the keys are. */
  readonly point: Signal<Point | null>;
  /** Changes with one tag in a row are one step back. */
  change(patch: Partial<Edit>, tag?: string): void;
  /** A drag has ended: what comes next is a step of its own. */
  settle(): void;
  /** Back and forth in the history. */
  travel(how: (history: History) => History): void;
  open(source: Picture): void;
  /** `on`: goes on with the stroke that was begun. */
  dab(point: Point, on: boolean): void;
  /** Takes the brush's colour from the picture. */
  take(point: Point): void;
  /** Stops following the session. */
  close(): void;
}

export function createStudio(session: Session): Studio {
  const model = session.catalog.peek().input;
  const size = sizeFor(model?.kind === "image" ? model : { width: 1, height: 1 });
  const blank = { ...size, rgb: new Uint8Array(3 * size.width * size.height) };
  const render = createRenderer();
  const first = session.input.peek();
  const history = signal(begin(workOn(isPicture(first) ? first : blank)));
  const picture = signal(render(history.peek().now));
  const base = signal<Picture | null>(isPicture(first) ? picture.peek() : null);
  const brush = signal(0.08);
  // What is drawn first should be seen.
  const [border] = borderColour(picture.peek());
  const colour = signal<Colour>(border > 127 ? [0, 0, 0] : [255, 255, 255]);
  const tool = signal<Tool>("move");

  const show = (next: History) => {
    history.value = next;
    picture.value = render(next.now);
    if (next.now.edit === UNTOUCHED) base.value = picture.peek();
  };
  const set = (next: History) => {
    show(next);
    session.setInput(picture.peek());
  };
  const work = (patch: Partial<Work>, tag: string | null = null) => {
    const before = history.peek();
    set(step(before, { ...before.now, ...patch }, tag));
  };

  return {
    history,
    picture,
    base,
    tool,
    size: brush,
    colour,
    opacity: signal(0.7),
    point: signal<Point | null>(null),
    change: (patch, tag) => work({ edit: changed(history.peek().now.edit, patch) }, tag),
    settle: () => {
      history.value = { ...history.peek(), tag: null };
    },
    travel: (how) => set(how(history.peek())),
    open: (source) => work({ source, ...size, edit: UNTOUCHED }),
    dab: (point, on) => {
      const { now } = history.peek();
      const [x, y] = onSource(now, ...point);
      const strokes = now.edit.strokes.slice();
      const last = on ? strokes.pop() : undefined;
      strokes.push({
        size: brushOnSource(now, brush.peek()),
        colour: tool.peek() === "erase" ? null : colour.peek(),
        ...last,
        points: [...(last?.points ?? []), x, y],
      });
      work({ edit: { ...now.edit, strokes } }, `stroke ${strokes.length}`);
    },
    take: (point) => {
      const { width, height, rgb } = picture.peek();
      const [y, x] = cellAt([height, width], ...point);
      const pixel = 3 * (y * width + x);
      colour.value = [rgb[pixel]!, rgb[pixel + 1]!, rgb[pixel + 2]!];
      tool.value = "paint";
    },
    close: effect(() => {
      const input = session.input.value;
      // Not ours: picked in the gallery, or set by Python.
      if (isPicture(input) && input !== picture.peek()) show(step(history.peek(), workOn(input)));
    }),
  };
}
