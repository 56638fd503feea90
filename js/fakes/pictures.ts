/** Invented pictures. */
import type { Picture } from "../src/wire/inputs.ts";

/** A drawn digit or two, so that there is something to see. */
export function drawn(which: number, size: number): Picture {
  const rgb = new Uint8Array(3 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [(2 * (x + 0.5)) / size - 1, (2 * (y + 0.5)) / size - 1];
      const ring = Math.abs(Math.hypot(u, v * (0.7 + 0.05 * (which % 5))) - 0.55);
      const bar = Math.abs(u * Math.cos(which) + v * Math.sin(which));
      const ink = Math.max(0, 1 - 5 * (which % 3 === 0 ? ring : which % 3 === 1 ? bar : Math.min(ring, bar)));
      const tint = [1, which % 4 === 3 ? 0.5 : 1, which % 5 === 4 ? 0.3 : 1];
      for (let c = 0; c < 3; c++) rgb[3 * (y * size + x) + c] = Math.min(255, 300 * ink * tint[c]!);
    }
  }
  return { width: size, height: size, rgb };
}
