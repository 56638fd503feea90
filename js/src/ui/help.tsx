/** Help in one small window: what there is, and what can be done. */
import { useDisclosure } from "./hooks/disclosure.ts";
import { useUniqueId } from "./hooks/unique-id.ts";

/** Headings, each with what there is and what it does. */
export type HelpParts = [string, [string, string][]][];

export function Help({ parts }: { parts: HelpParts }) {
  const id = useUniqueId();
  // A dialog takes the focus.
  const { open, toggle, around, onKeyDown } = useDisclosure("[role=dialog]");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes from wherever the focus is inside.
    <div ref={around} class="nw-help" onKeyDown={onKeyDown}>
      <button
        type="button"
        class="nw-button"
        data-nw="help"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={id}
        aria-label="Help: what this shows, and all keys"
        title="What this shows, and all keys"
        onClick={toggle}
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
