/** The beginning of a blind test: the label that is tested, or examples to write one by. */
import { useState } from "preact/hooks";
import { plural } from "../../paint/words.ts";
import type { BlindInfo, BlindItem } from "../../wire/results/blind.ts";
import { Item } from "./item.tsx";

const FIRST = 6;

type ExplainProps = { info: BlindInfo; open: boolean; begin: (label: string) => void };

export function Explain({ info, open, begin }: ExplainProps) {
  const [label, setLabel] = useState("");
  const { asks, rounds, explain, unit } = info;
  const words = asks ? label.trim() : info.label;
  const send = () => {
    if (open && words !== "") begin(words);
  };
  return (
    <div class="nw-blind-explain" data-nw="blind-explain">
      <p class="nw-blind-ask">
        {asks
          ? "Look at what the unit does here, and write what it fires for. The rounds then have other documents."
          : "Read the label, and judge by it alone."}{" "}
        {plural(rounds, "round")}; the answers stay in the kernel until you gave yours.
      </p>
      {asks && (
        <>
          <div class="nw-blind-sides">
            <Side info={info} title="It fires in these" items={explain.filter(({ fires }) => fires)} />
            <Side info={info} title="It does not in these" items={explain.filter(({ fires }) => !fires)} />
          </div>
          <label class="nw-field nw-blind-label">
            What does {unit} fire for?{" "}
            <input
              type="text"
              data-nw="blind-label"
              maxLength={200}
              value={label}
              disabled={!open}
              placeholder="in a few words"
              onInput={(event) => setLabel(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") send();
              }}
            />
          </label>
        </>
      )}
      <p class="nw-blind-go">
        <button
          type="button"
          class="nw-button nw-blind-main"
          data-nw="blind-send"
          disabled={!open || words === ""}
          onClick={send}
        >
          Begin
        </button>
      </p>
    </div>
  );
}

type SideProps = { info: BlindInfo; title: string; items: readonly BlindItem[] };

function Side({ info, title, items }: SideProps) {
  const [all, setAll] = useState(false);
  return (
    <section aria-label={title}>
      <h4 class="nw-title">{title}</h4>
      <ol class={`nw-blind-items nw-blind-${info.input}`}>
        {(all ? items : items.slice(0, FIRST)).map((item, i) => (
          <li key={i} class="nw-blind-item">
            <Item item={item} info={info} />
          </li>
        ))}
      </ol>
      {!all && items.length > FIRST && (
        <button type="button" class="nw-link" data-nw="blind-more" onClick={() => setAll(true)}>
          Show all {items.length}
        </button>
      )}
    </section>
  );
}
