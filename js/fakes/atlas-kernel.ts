/** A kernel in the page for views of an atlas without a live model, and for the view of a running scan. */
import type { AtlasAsk, ToKernel } from "../src/wire/protocol.ts";
import { answerAtlas, answerImported, atlasInfo, importedInfo } from "./atlas-answers.ts";
import { FakeKernel } from "./kernel.ts";
import { TEXT_SITES } from "./text-kernel.ts";

export const ATLAS_TRAITS = {
  atlas_snapshot: {},
  shown: { group: "top", context: "full" },
  picked: [],
  query: {},
  has_input: false,
};

export class AtlasKernel extends FakeKernel {
  constructor(traits: Record<string, unknown> = {}) {
    super({ ...ATLAS_TRAITS, unit: "mlp.0:3", atlas_info: atlasInfo("text", TEXT_SITES), ...traits });
  }

  protected hear(message: ToKernel): void {
    if (message.kind !== "atlas") return;
    const { header, buffers } = this.answerTo(message);
    this.later(header, buffers);
  }

  protected answerTo(ask: AtlasAsk): ReturnType<typeof answerAtlas> {
    return answerAtlas("text", ask);
  }
}

/** The same for an atlas that was imported. */
export class ImportedKernel extends AtlasKernel {
  constructor(traits: Record<string, unknown> = {}) {
    super({ atlas_info: importedInfo(TEXT_SITES), ...traits });
  }

  protected override answerTo(ask: AtlasAsk): ReturnType<typeof answerAtlas> {
    return answerImported(ask);
  }
}

const FOUND = [
  {
    value: 4.75,
    pieces: ["print", "(", '"', "bye", '"', ")"],
    values: [0, 0, 3.9, 4.75, 4.1, 0.2],
    id: "a.py",
  },
  { value: 4.1, pieces: ["x", " =", " '", "</b>", "'"], values: [0, 0, 2.2, 4.1, 3], id: "b.py" },
];

export class ScanKernel extends FakeKernel {
  constructor(traits: Record<string, unknown> = {}) {
    super({
      phase: "running",
      done: { documents: 480, tokens: 36_000, rate: 5200, seconds: 7, left: 11, total: 1200 },
      shown: [{ unit: "mlp.0:3", found: FOUND }],
      words: "",
      heard: true,
      ...traits,
    });
  }

  protected hear(message: { kind: string; units?: string }): void {
    const phases: Record<string, string> = { hold: "held", go: "running", stop: "stopped" };
    if (message.kind in phases) this.set("phase", phases[message.kind]);
    const units = message.units?.split(",").map((unit) => unit.trim());
    if (units)
      this.set(
        "shown",
        units.map((unit) => ({ unit, found: FOUND })),
      );
  }
}
