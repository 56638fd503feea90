/** Effect of a component that runs at once. */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/**
 * Runs at once when a signal that it reads changes. The library's own `useSignalEffect` waits for the next frame
 * of the screen, which a picture that follows the keys cannot.
 */
export function useSyncEffect(run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => effect(() => latest.current()), []);
}
