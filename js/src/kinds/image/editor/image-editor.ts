/** State of the image editor: the picture that is worked on, its tools, and its way to the session. */
import { effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { Session } from "../../../session/session.ts";
import { isPicture, type Picture } from "../../../wire/inputs.ts";
import type { Size } from "../../../wire/protocol.ts";
import {
  begin,
  brushOnSource,
  type Change,
  type Colour,
  cellAt,
  changed,
  type History,
  onSource,
  sizeFor,
  step,
  UNTOUCHED,
  type Work,
  workOn,
} from "./change.ts";
import { alike, cutOut, inWords, type Rect, snapped } from "./crop.ts";
import { borderColour, createRenderer } from "./render.ts";

export type Tool = "move" | "crop" | "paint" | "erase" | "read";
/** Fractions of the frame. */
export type Point = readonly [x: number, y: number];

export interface ImageEditor {
  readonly history: ReadonlySignal<History>;
  /** What is sent: the work, rendered, and of it what is framed. */
  readonly picture: ReadonlySignal<Picture>;
  /** The work without regard to what is framed. */
  readonly whole: ReadonlySignal<Picture>;
  /** The picture before it was edited: what “before” means. */
  readonly base: ReadonlySignal<Picture | null>;
  readonly tool: Signal<Tool>;
  /** Of the brush, in widths of the frame. */
  readonly size: Signal<number>;
  readonly colour: Signal<Colour>;
  readonly opacity: Signal<number>;
  /** What the crop tool frames: the model sees it already, and with another tool it is cut out. */
  readonly framed: ReadonlySignal<Rect | null>;
  /** Only what has the frame's proportions is framed. */
  readonly alike: Signal<boolean>;
  /** What was done, for those who do not see it. */
  readonly announcement: Signal<string>;
  /** Where the pointer or the keys are. */
  readonly point: Signal<Point | null>;
  /** Changes with one tag in a row are one step back. */
  change(patch: Partial<Change>, tag?: string): void;
  /** A drag has ended: what comes next is a step of its own. */
  settle(): void;
  /** Back and forth in the history. */
  travel(how: (history: History) => History): void;
  /** Back to the picture as it was picked. */
  reset(): void;
  open(source: Picture): void;
  /** Frames a part, or with null nothing. */
  crop(rect: Rect | null): void;
  /** `on`: goes on with the stroke that was begun. */
  dab(point: Point, on: boolean): void;
  /** Takes the brush's colour from the picture. */
  take(point: Point): void;
  /** Stops following the session. */
  close(): void;
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a closure over its state; the functions in it are short.
export function createImageEditor(session: Session): ImageEditor {
  const model = session.catalog.peek().input as Size | undefined;
  const size = sizeFor(model ?? { width: 1, height: 1 });
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
  const whole = signal(picture.peek());
  const framed = signal<Rect | null>(null);
  const likeFrame = signal(true);
  const announcement = signal("");

  const look = () => {
    const rect = framed.peek();
    picture.value = rect ? render(cutOut(history.peek().now, rect, likeFrame.peek())) : whole.peek();
  };
  const show = (next: History) => {
    history.value = next;
    whole.value = render(next.now);
    if (next.now.change === UNTOUCHED) base.value = whole.peek();
    look();
  };
  const send = () => session.setInput(picture.peek());
  const set = (next: History) => {
    show(next);
    send();
  };
  const work = (patch: Partial<Work>, tag: string | null = null) => {
    const before = history.peek();
    set(step(before, { ...before.now, ...patch }, tag));
  };

  const crop = (rect: Rect | null) => {
    const next = rect && snapped(history.peek().now, rect);
    if (String(next) === String(framed.peek())) return;
    framed.value = next;
    look();
    send();
  };
  const cut = () => {
    const rect = framed.peek();
    if (!rect) return;
    framed.value = null;
    const { now } = history.peek();
    announcement.value = `Cropped to ${inWords(now, rect)}.`;
    work(cutOut(now, rect, likeFrame.peek()));
  };
  const ends = [
    effect(() => {
      if (tool.value !== "crop") untracked(cut);
    }),
    effect(() => {
      const rect = likeFrame.value ? framed.peek() : null;
      if (rect) untracked(() => crop(alike(rect)));
    }),
    effect(() => {
      const input = session.input.value;
      // Not ours: picked in the gallery, or set by Python.
      if (!isPicture(input) || input === picture.peek()) return;
      framed.value = null;
      show(step(history.peek(), workOn(input)));
    }),
  ];

  return {
    history,
    picture,
    whole,
    base,
    tool,
    size: brush,
    colour,
    opacity: signal(0.7),
    framed,
    alike: likeFrame,
    announcement,
    point: signal<Point | null>(null),
    change: (patch, tag) => work({ change: changed(history.peek().now.change, patch) }, tag),
    settle: () => {
      history.value = { ...history.peek(), tag: null };
    },
    // What is framed is the latest, and not in the history yet.
    travel: (how) => (framed.peek() ? crop(null) : set(how(history.peek()))),
    reset: () => {
      framed.value = null;
      const before = history.peek();
      const untouched = before.now.change === UNTOUCHED;
      set(untouched ? before : step(before, { ...before.now, change: UNTOUCHED }));
    },
    open: (source) => {
      framed.value = null;
      work({ source, ...size, change: UNTOUCHED });
    },
    crop,
    dab: (point, on) => {
      const { now } = history.peek();
      const [x, y] = onSource(now, ...point);
      const strokes = now.change.strokes.slice();
      const last = on ? strokes.pop() : undefined;
      strokes.push({
        size: brushOnSource(now, brush.peek()),
        // What is erased becomes background, as far as the border tells it.
        colour: tool.peek() === "erase" ? borderColour(now.source) : colour.peek(),
        ...last,
        points: [...(last?.points ?? []), x, y],
      });
      work({ change: { ...now.change, strokes } }, `stroke ${strokes.length}`);
    },
    take: (point) => {
      const { width, height, rgb } = picture.peek();
      const [y, x] = cellAt([height, width], ...point);
      const pixel = 3 * (y * width + x);
      colour.value = [rgb[pixel]!, rgb[pixel + 1]!, rgb[pixel + 2]!];
      tool.value = "paint";
    },
    close: () => {
      for (const end of ends) end();
    },
  };
}
