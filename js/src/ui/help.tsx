/** Help in one small window: what there is, and what can be done. */
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** Headings, each with what there is and what it does. */
export type HelpParts = [string, [string, string][]][];

export function Help({ parts }: { parts: HelpParts }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes from wherever the focus is inside.
    <div
      ref={box}
      class="nw-help"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          setOpen(false);
          box.current?.querySelector("button")?.focus();
        }
      }}
    >
      <button
        type="button"
        class="nw-button"
        data-nw="help"
        aria-expanded={open}
        aria-controls={id}
        aria-label="Help: what this shows, and all keys"
        title="What this shows, and all keys"
        onClick={() => setOpen(!open)}
      >
        ?
      </button>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the widget is small.
        <section id={id} class="nw-help-box" aria-label="Help" tabIndex={0}>
          {parts.map(([title, lines]) => (
            <dl key={title}>
              <dt class="nw-title">{title}</dt>
              {lines.map(([what, does]) => (
                <dd key={what}>
                  <b>{what}</b> <span>{does}</span>
                </dd>
              ))}
            </dl>
          ))}
        </section>
      )}
    </div>
  );
}
