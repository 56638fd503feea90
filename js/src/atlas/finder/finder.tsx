/** Form that finds units by what they did, with a table of those that fit. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { isLive } from "../../session/session.ts";
import { useUniqueId } from "../../ui/hooks/unique-id.ts";
import type { Query } from "../../wire/atlas-protocol.ts";
import { FIND_ORDERS, FIND_PLACES, type FindPlace, STATES } from "../../wire/shared.ts";
import type { AtlasSession } from "../session/session.ts";
import { Offers } from "./offers.tsx";
import { readUnits, writeUnits } from "./saved-units.ts";
import { createSearch } from "./search.ts";
import { COLUMNS, UnitTable } from "./unit-table.tsx";
import "./finder.css";

const PLACE_WORDS: Record<FindPlace, string> = { peak: "at the peak", window: "anywhere" };

export function Finder({ atlas, query: given }: { atlas: AtlasSession; query?: Partial<Query> }) {
  const channel = useMemo(() => atlas.channel("find"), [atlas]);
  useEffect(() => () => atlas.end(channel), [atlas, channel]);
  const search = useMemo(() => createSearch(atlas, channel, given), [channel]);
  const query = search.query.value;
  const density = search.density.value;
  const { set } = search;
  // At first what Python looks for, or everything: nobody should have to press a button to see units.
  useEffect(() => search.begin(), []);
  useEffect(() => {
    if (channel.answer.value) atlas.keep("found", writeUnits(channel.answer.value));
  }, [channel.answer.value]);
  const id = useUniqueId();
  const off = !isLive(atlas);
  const unit = atlas.unit.value;
  const alike = query.similar ?? unit;
  const sites = atlas.info.value.sites;
  const problem = channel.problem.value;
  const saved = useMemo(() => readUnits(atlas.kept("found")), [atlas]);
  const units = channel.answer.value ?? saved;
  const hasInput = atlas.live !== null || atlas.trait("has_input").value === true;
  return (
    <section class="nw-finder" data-nw="finder" aria-label="Find units" aria-busy={channel.waiting.value}>
      <form
        class="nw-find-form"
        onSubmit={(event) => {
          event.preventDefault();
          search.find();
        }}
      >
        <Choice
          label="Site"
          hook="find-site"
          value={query.sites[0] ?? ""}
          choices={sites.map((site) => site.name)}
          choose={(site) => set({ sites: site === "" ? [] : [site] })}
        />
        <Choice
          label="State"
          hook="find-state"
          value={query.states[0] ?? ""}
          choices={[...STATES]}
          choose={(state) => set({ states: state === "" ? [] : [state] })}
        />
        <span class="nw-field" title="Share of values above zero, in percent">
          Density
          {([0, 1] as const).map((end) => (
            <input
              key={end}
              type="number"
              min="0"
              max="100"
              step="any"
              class="nw-find-end"
              data-nw={end === 0 ? "find-low" : "find-high"}
              aria-label={end === 0 ? "Least density in percent" : "Most density in percent"}
              placeholder={end === 0 ? "0" : "100"}
              value={density[end]}
              onInput={(event) => {
                const value = event.currentTarget.value;
                search.density.value = end === 0 ? [value, density[1]] : [density[0], value];
              }}
            />
          ))}
          %
        </span>
        <span class="nw-field nw-find-text">
          <label for={id} title="A regular expression, looked for in the strongest exemplars">
            Exemplars say
          </label>
          <input
            id={id}
            type="text"
            data-nw="find-text"
            spellcheck={false}
            placeholder="\bdef\b"
            value={query.text}
            onInput={(event) => set({ text: event.currentTarget.value })}
          />
          <select
            data-nw="find-at"
            aria-label="Where the exemplars say it"
            value={query.at || FIND_PLACES[0]}
            onChange={(event) => set({ at: event.currentTarget.value as Query["at"] })}
          >
            {FIND_PLACES.map((place) => (
              <option key={place} value={place}>
                {PLACE_WORDS[place]}
              </option>
            ))}
          </select>
        </span>
        {hasInput && (
          <Tick
            hook="find-fires"
            on={query.fires}
            set={(fires) => set({ fires })}
            title="Only units that fire in the present input, strongest against the data set first"
          >
            fires here
          </Tick>
        )}
        <Tick
          hook="find-similar"
          on={query.similar !== null}
          off={alike === null}
          set={(on) => set({ similar: on ? unit : null })}
          title="Only units whose values go with those of the selected unit"
        >
          like {alike === null ? "the selected unit" : <span class="nw-mono">{alike}</span>}
        </Tick>
        <Choice
          label="Sort by"
          hook="find-order"
          any="best fit"
          value={query.order}
          choices={[...FIND_ORDERS]}
          choose={(order) => set({ order: order as Query["order"] })}
        />
        <button type="submit" data-nw="find" disabled={off}>
          Find
        </button>
      </form>
      {problem && (
        <p class="nw-error" role="alert" data-nw="find-problem">
          {problem.message} {problem.hint}
        </p>
      )}
      {units && !problem && (
        <>
          <UnitTable atlas={atlas} units={units} />
          <Offers atlas={atlas} units={units} />
        </>
      )}
      {!units && !problem && channel.waiting.value && <p class="nw-sub">Reading the atlas.</p>}
    </section>
  );
}

type ChoiceProps = {
  label: string;
  hook: string;
  any?: string;
  value: string;
  choices: string[];
  choose: (value: string) => void;
};

function Choice({ label, hook, any = "any", value, choices, choose }: ChoiceProps) {
  return (
    <label class="nw-field">
      {label}{" "}
      <select data-nw={hook} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{any}</option>
        {choices.map((one) => (
          <option key={one} value={one}>
            {COLUMNS[one]?.[0] ?? one}
          </option>
        ))}
      </select>
    </label>
  );
}

type TickProps = {
  hook: string;
  on: boolean;
  off?: boolean;
  title: string;
  set: (on: boolean) => void;
  children: ComponentChildren;
};

function Tick({ hook, on, off = false, title, set, children }: TickProps) {
  return (
    <label class="nw-field" title={title}>
      <input
        type="checkbox"
        data-nw={hook}
        checked={on}
        disabled={off}
        onChange={(event) => set(event.currentTarget.checked)}
      />{" "}
      {children}
    </label>
  );
}
