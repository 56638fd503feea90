/** Help in one small window: what there is, and what can be done. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useUniqueId } from "./hooks/unique-id.ts";

/** Headings, each with what there is and what it does. */
export type HelpParts = [string, [string, string][]][];

export function Help({ parts }: { parts: HelpParts }) {
  const [open, setOpen] = useState(false);
  const id = useUniqueId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    // A dialog takes the focus, and Escape gives it back.
    box.current?.querySelector<HTMLElement>("[role=dialog]")?.focus();
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
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={id}
        aria-label="Help: what this shows, and all keys"
        title="What this shows, and all keys"
        onClick={() => setOpen(!open)}
      >
        ?
      </button>
      {open && (
        <div id={id} class="nw-help-box" role="dialog" aria-label="Help" tabIndex={-1}>
          {parts.map(([title, lines]) => (
            <section key={title} aria-label={title}>
              <div class="nw-title">{title}</div>
              {lines.map(([what, does]) => (
                <div key={what} class="nw-help-line">
                  <b>{what}</b> <span>{does}</span>
                </div>
              ))}
            </section>
          ))}
        </div>
      )}
    </div>
  );
}
