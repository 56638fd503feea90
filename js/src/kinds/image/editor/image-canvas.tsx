/** The picture itself: shown with the selected unit over it, moved, painted on and read, by pointer and keys. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatExact } from "../../../paint/scale.ts";
import { unitGrid, unitScale, unitValues } from "../../../panels/trace/wire.ts";
import { isLive, type Session } from "../../../session/session.ts";
import { wheelFactor } from "../../../ui/gestures.ts";
import { ofRgb, overlayOf, Pixels } from "../../../ui/pixels.tsx";
import { canvasKey, shift, zoom } from "./canvas-keys.ts";
import { cellAt } from "./change.ts";
import { CropFrame } from "./crop-frame.tsx";
import type { ImageEditor, Point } from "./image-editor.ts";
import { place, pointIn, size } from "./places.ts";
import { seenOf } from "./seen.ts";

const KEYS = {
  move: "Arrows shift it, with Shift by eight pixels.",
  crop: "Arrows move the frame of the part to keep, with Shift they make it larger or smaller; Enter crops, Escape does not.",
  paint: "Arrows move the brush, Space paints, C takes the colour from below it.",
  erase: "Arrows move the brush, Space erases.",
  read: "Arrows go from cell to cell and read the unit there.",
};

type ImageCanvasProps = { session: Session; editor: ImageEditor };

export function ImageCanvas({ session, editor }: ImageCanvasProps) {
  const node = useRef<HTMLDivElement>(null);
  const from = useRef<Point | null>(null);
  const picture = editor.whole.value;
  const rgba = useMemo(() => ofRgb(picture.rgb), [picture]);
  const tool = editor.tool.value;
  const brush = tool === "paint" || tool === "erase";

  const at = (event: MouseEvent) => pointIn(node.current!, event);
  const look = (point: Point | null) => {
    editor.point.value = point;
    const frame = session.frame.peek();
    const grid = frame && unitGrid(frame);
    if (!point || !grid) return session.endProbe();
    const [row, col] = cellAt(grid, ...point);
    session.probeAt("unit", col, row);
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || !isLive(session)) return;
    node.current!.setPointerCapture?.(event.pointerId);
    const point = at(event);
    if (event.altKey) {
      editor.take(point);
      return;
    }
    from.current = point;
    if (brush) editor.dab(point, false);
  };
  const moved = (event: PointerEvent) => {
    const point = at(event);
    const start = from.current;
    look(point);
    if (!start || tool === "read") return;
    from.current = point;
    if (brush) editor.dab(point, true);
    else shift(editor, point[0] - start[0], point[1] - start[1]);
  };
  const up = () => {
    from.current = null;
    editor.settle();
  };
  useEffect(() => {
    // Not by Preact: it listens passively, and then the notebook would scroll too.
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(editor, 1 / wheelFactor(event));
    };
    node.current!.addEventListener("wheel", wheel, { passive: false });
  }, [editor]);

  const frame = session.frame.value;
  useEffect(() => {
    // Another frame: what lies under the resting pointer is another value.
    if (editor.point.peek()) look(tool === "crop" ? null : editor.point.peek());
  }, [frame, tool]);

  const point = editor.point.value;
  return (
    <div
      ref={node}
      class={`nw-easel nw-tool-${tool}`}
      data-nw="picture"
      style={{ aspectRatio: `${picture.width} / ${picture.height}` }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is worked on by keys.
      tabIndex={0}
      role="application"
      aria-label={`The picture, ${picture.width} × ${picture.height} pixels. ${KEYS[tool]} Plus and minus zoom, brackets turn, Ctrl Z undoes.`}
      onPointerDown={down}
      onPointerMove={moved}
      onPointerUp={up}
      onPointerCancel={up}
      onPointerLeave={() => from.current || look(null)}
      onKeyDown={(event) => isLive(session) && canvasKey(event, { session, editor, look })}
    >
      <Pixels rgba={rgba} width={picture.width} height={picture.height} class="nw-pixels" />
      {tool === "crop" ? (
        <CropFrame session={session} editor={editor}>
          <Overlay session={session} editor={editor} />
        </CropFrame>
      ) : (
        <>
          <Overlay session={session} editor={editor} />
          <Box session={session} />
        </>
      )}
      {brush && point && (
        <span
          class="nw-brush"
          style={{ ...place(point[0], point[1]), width: `${100 * editor.size.value}%` }}
        />
      )}
      {editor.base.value === null && editor.history.value.past.length === 0 && (
        <p class="nw-over nw-blank">Nothing is picked yet: paint here, open an image, or drop one.</p>
      )}
      <Reading session={session} point={point} />
      <span class="nw-said" role="status" data-nw="said">
        {editor.announcement.value}
      </span>
    </div>
  );
}

/** The selected unit where it is active. */
function Overlay({ session, editor }: ImageCanvasProps) {
  const frame = session.frame.value;
  const grid = frame && unitGrid(frame);
  const scale = frame && unitScale(frame);
  const values = frame && unitValues(frame);
  if (!grid || !scale || values?.length !== grid[0] * grid[1]) return null;
  const rgba = overlayOf(values, scale, editor.opacity.value);
  return <Pixels rgba={rgba} width={grid[1]} height={grid[0]} class="nw-pixels" />;
}

/** What of the picture the cell pointed at can see. */
export function Box({ session }: { session: Session }) {
  const box = session.probe.value?.box;
  const seen = seenOf(session.frame.value);
  if (!box || !seen) return null;
  const [x0, y0] = [Math.max(0, box[0]) / seen.width, Math.max(0, box[1]) / seen.height];
  const [x1, y1] = [Math.min(1, box[2] / seen.width), Math.min(1, box[3] / seen.height)];
  return <span class="nw-box" data-nw="box" style={{ ...place(x0, y0), ...size(x1 - x0, y1 - y0) }} />;
}

/** The selected unit's exact value where one points, in words beside the cell. */
function Reading({ session, point }: { session: Session; point: Point | null }) {
  const frame = session.frame.value;
  const grid = frame && unitGrid(frame);
  if (!grid || !point) return null;
  const [row, col] = cellAt(grid, ...point);
  const value = unitValues(frame)?.[row * grid[1] + col];
  if (value === undefined) return null;
  const box = session.probe.value?.box;
  const [x, y] = [100 * point[0], 100 * point[1]];
  const beside = {
    ...(x > 50 ? { right: `${103 - x}%` } : { left: `${3 + x}%` }),
    ...(y > 50 ? { bottom: `${103 - y}%` } : { top: `${3 + y}%` }),
  };
  return (
    <>
      <span
        class="nw-cell"
        style={{ ...place(col / grid[1], row / grid[0]), ...size(1 / grid[1], 1 / grid[0]) }}
      />
      <span class="nw-tooltip" role="status" data-nw="tooltip" style={beside}>
        <b>{formatExact(value)}</b> <span class="nw-mono">{frame.head.unit}</span>
        <br />
        <span class="nw-soft">
          row {row}, column {col}
          {box && `; sees ${box[2] - box[0]} × ${box[3] - box[1]} pixels`}
        </span>
      </span>
    </>
  );
}
