/** Frame over the picture around the part that is to be kept, drawn by pointer and keys. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { isLive, type Session } from "../../../session/session.ts";
import { frameAround, type Grip, grown, inWords, MIDDLE, moved, pulled, type Rect, stepOf } from "./crop.ts";
import type { ImageEditor, Point } from "./image-editor.ts";
import { ARROWS, place, pointIn, size } from "./places.ts";

const SIDES = [-1, 0, 1] as const;
const GRIPS: Grip[] = SIDES.flatMap((y) => SIDES.map((x): Grip => [x, y])).filter(
  ([x, y]) => x !== 0 || y !== 0,
);
/** Shorter sides have no room for a grip in the middle. */
const ROOMY = 0.3;
/** Pixels of the screen: shorter movements are the tremble of a click. */
const CLICK = 4;

const styleOf = ([x, y]: Rect) => ({ ...place(x[0], y[0]), ...size(x[1] - x[0], y[1] - y[0]) });

type Drag = { from: Point; rect: Rect; grip: Grip; far: boolean };
type CropFrameProps = { session: Session; editor: ImageEditor; children: ComponentChildren };

/** `children` lie where the frame of the model would be. */
export function CropFrame({ session, editor, children }: CropFrameProps) {
  const node = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const rect = editor.framed.value;

  const down = (event: PointerEvent) => {
    event.stopPropagation();
    if (event.button !== 0 || !isLive(session)) return;
    node.current!.setPointerCapture?.(event.pointerId);
    const from = pointIn(node.current!, event);
    const held = (event.target as HTMLElement).dataset.grip?.split(" ").map(Number) as Grip | undefined;
    const here = from.map((value) => Math.min(1, Math.max(0, value)));
    const fresh: Rect = [
      [here[0]!, here[0]!],
      [here[1]!, here[1]!],
    ];
    drag.current =
      rect && held ? { from, rect, grip: held, far: true } : { from, rect: fresh, grip: [1, 1], far: false };
  };
  const move = (event: PointerEvent) => {
    event.stopPropagation();
    const now = drag.current;
    if (!now) return;
    const box = node.current!.getBoundingClientRect();
    const to = pointIn(node.current!, event);
    const by = [to[0] - now.from[0], to[1] - now.from[1]] as const;
    now.far ||= Math.hypot(by[0] * box.width, by[1] * box.height) > CLICK;
    if (!now.far) return;
    const [x, y] = now.grip;
    editor.crop(
      x === 0 && y === 0 ? moved(now.rect, by) : pulled(now.rect, now.grip, by, editor.alike.peek()),
    );
  };
  const up = () => {
    if (drag.current?.far) say(editor);
    drag.current = null;
  };

  return (
    <div
      ref={node}
      class="nw-crop"
      data-nw="crop"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    >
      <div class="nw-crop-below">
        <div class="nw-crop-seen" style={styleOf(rect ? frameAround(rect, editor.alike.value) : WHOLE)}>
          {children}
        </div>
        {rect && <div class="nw-crop-rest" style={styleOf(rect)} />}
      </div>
      {rect && (
        <div class="nw-crop-part" data-nw="crop-part" data-grip="0 0" style={styleOf(rect)}>
          {GRIPS.filter(([x, y]) => roomy(rect, x, y)).map(([x, y]) => (
            <span
              key={`${x} ${y}`}
              class="nw-grip"
              data-grip={`${x} ${y}`}
              style={{ ...place((x + 1) / 2, (y + 1) / 2), cursor: cursorOf(x, y) }}
            />
          ))}
        </div>
      )}
    </div>
  );
}

const WHOLE: Rect = [
  [0, 1],
  [0, 1],
];

const roomy = ([wide, high]: Rect, x: number, y: number) =>
  (x !== 0 || wide[1] - wide[0] >= ROOMY) && (y !== 0 || high[1] - high[0] >= ROOMY);

const cursorOf = (x: number, y: number) =>
  x === 0 ? "ns-resize" : y === 0 ? "ew-resize" : x === y ? "nwse-resize" : "nesw-resize";

function say(editor: ImageEditor): void {
  const rect = editor.framed.peek();
  if (rect) editor.announcement.value = `${inWords(editor.history.peek().now, rect)}.`;
}

/** Answers whether the key was for the frame. */
export function cropByKey(event: KeyboardEvent, editor: ImageEditor): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const arrow = ARROWS[event.key];
  if (arrow) {
    const rect = editor.framed.peek();
    const [x, y] = stepOf(editor.history.peek().now);
    const by = [x * arrow[0], y * arrow[1]] as const;
    const next = event.shiftKey ? grown : moved;
    editor.crop(rect ? next(rect, by, editor.alike.peek()) : MIDDLE);
    say(editor);
  } else if (event.key === "Enter") editor.tool.value = "move";
  else if (event.key === "Escape") cancel(editor);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

export function cancel(editor: ImageEditor): void {
  if (editor.framed.peek()) editor.announcement.value = "Not cropped.";
  editor.crop(null);
  editor.tool.value = "move";
}
