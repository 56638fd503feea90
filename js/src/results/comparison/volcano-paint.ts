/** Painter of the picture of units: discs for those that pass, rings for the others, crosses for what chance makes. */
import type { Spot } from "../points/steps.ts";
import { greyFor, groupHue } from "./groups.ts";
import type { Points } from "./store.ts";

/** Small crosses: no unit of this model. */
export function paintBehind(
  pen: CanvasRenderingContext2D,
  places: Points,
  [width, height]: Spot,
  isDark: boolean,
): void {
  pen.strokeStyle = greyFor(isDark);
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0; i < places.count; i++) {
    const [x, y] = places.at(i);
    pen.moveTo(x * width - 2, y * height - 2);
    pen.lineTo(x * width + 2, y * height + 2);
    pen.moveTo(x * width - 2, y * height + 2);
    pen.lineTo(x * width + 2, y * height - 2);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/** Rings for those that do not pass, discs for those that do. */
export function paintUnits(
  pen: CanvasRenderingContext2D,
  points: Points,
  [width, height]: Spot,
  isDark: boolean,
): void {
  const radius = points.count > 3000 ? 1.8 : points.count > 600 ? 2.5 : 3.5;
  for (let i = points.count - 1; i >= 0; i--) {
    const mark = points.mark(i);
    const [x, y] = points.at(i);
    pen.beginPath();
    pen.arc(x * width, y * height, mark === 0 ? 0.8 * radius : radius, 0, 7);
    if (mark === 0) {
      pen.strokeStyle = greyFor(isDark);
      pen.lineWidth = 1.2;
      pen.stroke();
    } else {
      pen.fillStyle = groupHue(mark - 1, isDark);
      pen.globalAlpha = 0.9;
      pen.fill();
      pen.globalAlpha = 1;
    }
  }
}
