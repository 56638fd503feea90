/** The grid of exemplars as a widget of its own, with a field to choose the unit. */

import { useEffect, useState } from "preact/hooks";
import { kindOf } from "../../kinds/registry.ts";
import { plural, splitUnit } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { UnitLine } from "../../ui/naming/unit-line.tsx";
import type { AtlasInfo } from "../../wire/atlas-protocol.ts";
import type { AtlasSession } from "../session/session.ts";
import { Exemplars } from "./exemplars.tsx";

export function ExemplarGrid({ atlas }: { atlas: AtlasSession }) {
  const { model, input, documents, about } = atlas.info.value;
  const state = atlas.state.value;
  const [one, many] = kindOf(input).words.document;
  return (
    <div class="nw-exemplar-grid">
      <header class="nw-head">
        <span class="nw-model" title={`The model ${model}`}>
          {model || "model"}
        </span>
        <UnitField atlas={atlas} />
        <UnitLine of={atlas} />
        <span class="nw-soft nw-ex-amount">
          {documents === null ? about : `over ${plural(documents, one, many)}`}
        </span>
        {state !== "live" && (
          <span class="nw-soft" role="status" data-nw="status">
            {isLive(atlas) ? state : "not live"}: {atlas.reason.value}
          </span>
        )}
      </header>
      <Exemplars atlas={atlas} />
    </div>
  );
}

/** What a person wrote as a unit; a sentence where there is none. */
export function readUnit(text: string, { sites }: AtlasInfo): { unit: string } | { problem: string } {
  const [name, index] = splitUnit(text.trim());
  const site = sites.find((one) => one.name === name);
  if (!site) {
    return {
      problem: `Write a site and a unit, as ${sites[0]?.name ?? "mlp.0"}:3. There are ${list(sites.map((s) => s.name))}.`,
    };
  }
  if (!Number.isInteger(index) || index < 0 || index >= site.width || /:\s*$/.test(text))
    return { problem: `${site.name} has the units 0 to ${site.width - 1}.` };
  return { unit: `${site.name}:${index}` };
}

const list = (names: string[]): string =>
  names.length <= 8 ? names.join(", ") : `${names.slice(0, 7).join(", ")} and ${names.length - 7} others`;

function UnitField({ atlas }: { atlas: AtlasSession }) {
  const unit = atlas.unit.value ?? "";
  const [text, setText] = useState(unit);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    setText(unit);
    setProblem("");
  }, [unit]);
  const go = (to: string) => {
    const read = readUnit(to, atlas.info.peek());
    setProblem("problem" in read ? read.problem : "");
    if ("unit" in read) atlas.setUnit(read.unit);
  };
  const step = (by: number) => {
    const [site, index] = splitUnit(unit);
    go(`${site}:${index + by}`);
  };
  const off = !isLive(atlas);
  return (
    <span class="nw-field nw-ex-unit">
      <button
        type="button"
        class="nw-icon"
        aria-label="The unit before"
        disabled={off}
        onClick={() => step(-1)}
      >
        ‹
      </button>
      <input
        type="text"
        data-nw="unit"
        aria-label="Unit"
        spellcheck={false}
        value={text}
        disabled={off}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && go(text)}
        onBlur={() => text !== unit && go(text)}
      />
      <button type="button" class="nw-icon" aria-label="The next unit" disabled={off} onClick={() => step(1)}>
        ›
      </button>
      {problem !== "" && (
        <span class="nw-problem" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}
