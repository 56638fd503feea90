/** Curves of 64 numbers: a kind of input that only tests know, with an editor, small maps and exemplars. */

import type { ExemplarFace } from "../../../src/kinds/exemplars.ts";
import { ExplorerFrame, Side } from "../../../src/kinds/explorer-frame.tsx";
import type { Kind } from "../../../src/kinds/registry.ts";
import { NO_TOKENS } from "../../../src/kinds/words.ts";
import { Tiles } from "../../../src/panels/tiles/view.tsx";
import { TILES_WIRE } from "../../../src/panels/tiles/wire.ts";
import { Units } from "../../../src/panels/top/view.tsx";
import { TOP_WIRE } from "../../../src/panels/top/wire.ts";
import { TRACE_WIRE } from "../../../src/panels/trace/wire.ts";
import type { InputKind, KindWords } from "../../../src/session/kind.ts";
import { isLive, type Session } from "../../../src/session/session.ts";
import type { Input } from "../../../src/wire/inputs.ts";

const LENGTH = 64;
export type Curve = number[];

declare module "../../../src/wire/protocol.ts" {
  interface InputAsks {
    curve: { kind: "curve"; points: Curve };
  }
}
declare module "../../../src/wire/traits.ts" {
  interface InputInfos {
    curve: { kind: "curve"; length: number; classes: string[] | null };
  }
}

const WORDS: KindWords = {
  input: "curve",
  document: ["curve", "curves"],
  things: "points",
  ...NO_TOKENS,
};

const curveOf = (input: Input): Curve => (Array.isArray(input) ? input : new Array(LENGTH).fill(0));

const INPUT: InputKind = {
  name: "curve",
  words: WORDS,
  read: (value) => (Array.isArray(value) && value.length === LENGTH ? value.map(Number) : ""),
  ask: (input) => ({ kind: "curve", points: curveOf(input) }),
};

function Editor({ session }: { session: Session }) {
  const curve = curveOf(session.input.value);
  return (
    <section class="nw-area-text" aria-label="Curve" data-nw="editor">
      {curve.map((value, point) => (
        <input
          key={point}
          type="range"
          aria-label={`Point ${point}`}
          min={-1}
          max={1}
          step="any"
          value={value}
          disabled={!isLive(session)}
          onInput={(event) => session.setInput(curve.with(point, event.currentTarget.valueAsNumber))}
        />
      ))}
    </section>
  );
}

function Explorer({ session }: { session: Session }) {
  return (
    <ExplorerFrame session={session} help={[]}>
      <Editor session={session} />
      <Side session={session} label="Units">
        <Units session={session} />
      </Side>
      <section class="nw-area-pictures">
        <Tiles session={session} />
      </section>
    </ExplorerFrame>
  );
}

const EXEMPLARS: ExemplarFace = {
  Item: ({ exemplar }) => (
    <svg role="img" aria-label={`Curve ${exemplar.id}`} viewBox="0 0 64 2">
      <polyline points={Array.from(exemplar.shades, (y, x) => `${x},${1 - y}`).join(" ")} />
    </svg>
  ),
  look: () => ({ sizes: { line: 60, perLine: 1 }, lead: null }),
  openHeight: 200,
  Opened: ({ exemplar }) => <p>{exemplar.shades.length} points</p>,
  place: () => null,
  sayUse: () => "Put this curve in the editor",
  use({ shades }, live) {
    live.setInput(Array.from(shades));
    return "It is in the editor now.";
  },
};

export const CURVE: Kind = {
  name: "curve",
  words: WORDS,
  live: {
    input: INPUT,
    panels: [TRACE_WIRE, TOP_WIRE, TILES_WIRE],
    layouts: { explorer: Explorer },
    card: { view: Editor, place: "above" },
  },
  exemplars: EXEMPLARS,
};
