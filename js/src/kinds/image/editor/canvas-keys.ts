/** Keys in the picture: history, the brush, the view, and arrows by the tool. */
import { unitGrid } from "../../../panels/trace/wire.ts";
import type { Session } from "../../../session/session.ts";
import { redo, undo } from "./change.ts";
import { cropByKey } from "./crop-frame.tsx";
import type { ImageEditor, Point } from "./image-editor.ts";
import { ARROWS } from "./places.ts";

type Work = {
  session: Session;
  editor: ImageEditor;
  /** Points there. */
  look: (point: Point | null) => void;
};

export function shift(editor: ImageEditor, dx: number, dy: number): void {
  const { change } = editor.history.peek().now;
  editor.change({ dx: change.dx + dx, dy: change.dy + dy }, "shift");
}

export function zoom(editor: ImageEditor, factor: number): void {
  const now = editor.history.peek().now.change.zoom;
  editor.change({ zoom: Math.min(8, Math.max(0.25, now * factor)) }, "zoom");
}

export function canvasKey(event: KeyboardEvent, work: Work): void {
  const { editor } = work;
  if (editor.tool.peek() === "crop" && cropByKey(event, editor)) return;
  const command = event.ctrlKey || event.metaKey;
  const isOurs = command
    ? historyKey(event, editor)
    : arrowKey(event, work) || brushKey(event, editor) || viewKey(event, work);
  if (isOurs) event.preventDefault();
}

// Each answers whether the key was one of its own.

function historyKey(event: KeyboardEvent, editor: ImageEditor): boolean {
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return false;
  editor.travel(key === "y" || event.shiftKey ? redo : undo);
  return true;
}

function arrowKey(event: KeyboardEvent, { session, editor, look }: Work): boolean {
  const arrow = ARROWS[event.key];
  if (!arrow) return false;
  if (editor.tool.peek() === "move") {
    const { width, height } = editor.whole.peek();
    const far = event.shiftKey ? 8 : 1;
    shift(editor, (far * arrow[0]) / width, (far * arrow[1]) / height);
    return true;
  }
  const frame = session.frame.peek();
  const grid = frame && unitGrid(frame);
  const [x, y] = pointOf(editor);
  const [high, wide] = (!hasBrush(editor) && grid) || [2 / editor.size.peek(), 2 / editor.size.peek()];
  const inside = (value: number) => Math.min(0.9999, Math.max(0, value));
  look([inside(x + arrow[0] / wide), inside(y + arrow[1] / high)]);
  return true;
}

function brushKey(event: KeyboardEvent, editor: ImageEditor): boolean {
  if (!hasBrush(editor)) return false;
  const key = event.key.toLowerCase();
  if (key === " " || key === "enter") editor.dab(pointOf(editor), false);
  else if (key === "c") editor.take(pointOf(editor));
  else return false;
  return true;
}

function viewKey(event: KeyboardEvent, { editor, look }: Work): boolean {
  const { key } = event;
  if (key === "+" || key === "=") zoom(editor, 1.1);
  else if (key === "-") zoom(editor, 1 / 1.1);
  else if (key === "[" || key === "]") {
    editor.change({ turn: editor.history.peek().now.change.turn + (key === "]" ? 5 : -5) }, "turn");
  } else if (key === "Escape") look(null);
  else return false;
  return true;
}

const pointOf = (editor: ImageEditor): Point => editor.point.peek() ?? [0.5, 0.5];

function hasBrush(editor: ImageEditor): boolean {
  const tool = editor.tool.peek();
  return tool === "paint" || tool === "erase";
}
