/** How far a long question is, and the way to stop it. */
import type { ReadonlySignal } from "@preact/signals";

type Running = { readonly share: ReadonlySignal<number | null>; stop(): void };

export function Progress({ study }: { study: Running }) {
  const share = study.share.value;
  if (share === null) return null;
  return (
    <span class="nw-progress">
      <progress value={share} aria-label="How much is done" />
      <button type="button" data-nw="study-stop" onClick={() => study.stop()}>
        stop
      </button>
    </span>
  );
}
