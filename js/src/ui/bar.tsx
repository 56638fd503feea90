/** A share of a whole as a bar. One element with a background: many of them change with every key. */

type BarProps = {
  /** 0…1; null where it is not known. */
  share: number | null;
  colour?: string | undefined;
  /** What it was before, as a mark. */
  was?: number | null | undefined;
};

export function Bar({ share, colour, was = null }: BarProps) {
  const size = share === null ? 0 : 100 * Math.min(1, Math.max(0.005, share));
  return (
    <span
      class={was === null ? "nw-bar" : "nw-bar nw-compared"}
      aria-hidden="true"
      style={{ backgroundSize: `${size.toFixed(1)}% 100%`, ...(colour !== undefined && { color: colour }) }}
    >
      {was !== null && <span class="nw-was" style={{ left: `${100 * was}%` }} />}
    </span>
  );
}
