/** Size of an element that is painted, in whole pixels, as long as it is there. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { Spot } from "./steps.ts";

export function useSize(node: { current: HTMLElement | null }): Spot {
  const [size, setSize] = useState<Spot>([0, 0]);
  useLayoutEffect(() => {
    const measured = node.current!;
    const measure = () => {
      const { width, height } = measured.getBoundingClientRect();
      setSize([Math.round(width), Math.round(height)]);
    };
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(measured);
    return () => observer.disconnect();
  }, []);
  return size;
}
