/** Bar above the exemplars: the groups, how much of each is shown, and what the colours mean. */

import type { Listing } from "../../kinds/exemplars.ts";
import { formatExact, formatValue, gradientOf } from "../../paint/scale.ts";
import type { Scale, UnitName } from "../../wire/protocol.ts";
import { CONTEXTS, type Context, GROUPS, type Group } from "../../wire/shared.ts";
import { GROUP_WORDS } from "./store/words.ts";

type TabsProps = { listing: Listing | null; group: Group; choose: (group: Group) => void };

export function GroupTabs({ listing, group, choose }: TabsProps) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = GROUPS[(GROUPS.indexOf(group) + step + GROUPS.length) % GROUPS.length]!;
    choose(next);
    const tabs = (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]");
    tabs[GROUPS.indexOf(next)]?.focus();
  };
  return (
    <div class="nw-ex-tabs" role="tablist" tabIndex={-1} aria-label="Groups of exemplars" onKeyDown={move}>
      {GROUPS.map((one) => {
        const [name, hint] = GROUP_WORDS[one];
        return (
          <button
            key={one}
            type="button"
            role="tab"
            data-nw="exemplar-tab"
            data-group={one}
            aria-selected={one === group}
            tabIndex={one === group ? 0 : -1}
            title={hint}
            onClick={() => choose(one)}
          >
            {name}
            <span class="nw-soft"> {listing ? listing.groups[one] : ""}</span>
          </button>
        );
      })}
    </div>
  );
}

export function ContextChoice({ context, choose }: { context: Context; choose: (context: Context) => void }) {
  return (
    <label class="nw-field">
      Tokens{" "}
      <select
        data-nw="context"
        value={context}
        title="How many tokens of each exemplar are shown"
        onChange={(event) => choose(event.currentTarget.value as Context)}
      >
        {CONTEXTS.map((one) => (
          <option key={one} value={one}>
            {one === "full" ? "all kept" : one}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The ends of the colours, which are those of the whole data set. */
export function Ramp({ scale, unit, ground }: { scale: Scale; unit: UnitName; ground: boolean }) {
  const words = `Colours of ${unit} from ${formatExact(scale.lo)} to ${formatExact(scale.hi)}, over the data set`;
  return (
    <span class="nw-ex-ramp" role="img" aria-label={words} title={words}>
      {formatValue(scale.lo)}
      <span style={{ background: gradientOf(scale, ground) }} />
      {formatValue(scale.hi)}
    </span>
  );
}
