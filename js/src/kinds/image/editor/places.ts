/** Points, keys and styles in fractions of the picture. */
import type { Point } from "./image-editor.ts";

export const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export const place = (x: number, y: number) => ({ left: `${100 * x}%`, top: `${100 * y}%` });
export const size = (width: number, height: number) => ({
  width: `${100 * width}%`,
  height: `${100 * height}%`,
});

export function pointIn(node: HTMLElement, event: MouseEvent): Point {
  const box = node.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}
