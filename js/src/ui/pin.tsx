/** Button that pins a unit. */
import { hueOf } from "../paint/scale.ts";
import { dark } from "../paint/theme.ts";
import { isLive, type Session } from "../session/session.ts";

/** What has pins: a live view, or a view that is linked with one. */
export type Pinning = Pick<Session, "pins" | "state" | "togglePin">;

/** Keeps a unit in sight: its trace is drawn, and marked in the text in its own hue. */
export function PinButton({ session, unit, tab = 0 }: { session: Pinning; unit: string; tab?: number }) {
  const place = session.pins.value.indexOf(unit);
  const pinned = place >= 0;
  return (
    <button
      type="button"
      class="nw-icon nw-pin"
      data-nw="pin"
      tabIndex={tab}
      aria-pressed={pinned}
      disabled={!isLive(session)}
      aria-label={pinned ? `Unpin ${unit}` : `Pin ${unit}`}
      title={pinned ? "Unpin: stop following this unit" : "Pin: keep this unit's trace in sight"}
      style={pinned ? { color: hueOf(place, dark.value) } : {}}
      onClick={() => session.togglePin(unit)}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path
          d="M5.2 1.8h5.6M6.2 1.8v4L4 9.2h8L9.8 5.8v-4M8 9.2v5"
          fill={pinned ? "currentColor" : "none"}
          stroke="currentColor"
          stroke-width="1.4"
          stroke-linejoin="round"
          stroke-linecap="round"
        />
      </svg>
    </button>
  );
}
