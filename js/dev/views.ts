/** Every view of neuronwidget, each over a kernel in the page. */

import { atlasInfo, importedInfo } from "../fakes/atlas-answers.ts";
import { ATLAS_TRAITS, AtlasKernel, ImportedKernel, ScanKernel } from "../fakes/atlas-kernel.ts";
import type { Host } from "../fakes/host.ts";
import { INPUT_SITES, InputKernel, type InputSetting } from "../fakes/input-kernel.ts";
import { BlindKernel, type BlindKindOfInput, playedBlind } from "../fakes/results/blind.ts";
import type { ResultKind } from "../fakes/results/bytes.ts";
import { comparisonInfo } from "../fakes/results/comparison.ts";
import { healthInfo } from "../fakes/results/health.ts";
import { localisedInfo } from "../fakes/results/localised.ts";
import { groupsInfo, patternsInfo } from "../fakes/results/patterns.ts";
import { ResultKernel } from "../fakes/results/result-kernel.ts";
import { shortcutsInfo } from "../fakes/results/shortcuts.ts";
import { TEXT_SITES, TextKernel, type TextSetting } from "../fakes/text-kernel.ts";
import explorer from "../src/entries/explorer.tsx";
import inputs from "../src/entries/inputs.tsx";
import results from "../src/entries/results.tsx";
import scan from "../src/entries/scan.tsx";
import text from "../src/entries/text.tsx";
import { CASES, INPUT_CASES } from "./cases.ts";

type Args = { model: Host; el: HTMLElement; signal: AbortSignal };
type Widget = { initialize?(args: Args): unknown; render(args: Args): unknown };

/** What is shown, and the kernel that answers it; a case is one of those in cases.ts. */
export type View = { title: string; open(named: string): { widget: Widget; kernel: Host } };

const TEXT_ATLAS = { ...ATLAS_TRAITS, atlas_info: atlasInfo("text", TEXT_SITES) };
const IMPORTED = { ...ATLAS_TRAITS, atlas_info: importedInfo(TEXT_SITES) };
const INPUT_ATLAS = {
  image: { ...ATLAS_TRAITS, atlas_info: atlasInfo("image", INPUT_SITES.image) },
  table: { ...ATLAS_TRAITS, atlas_info: atlasInfo("table", INPUT_SITES.table) },
};

/** One layer, or two whose patterns are compared; a chosen pattern is open. */
const patternsOf = (kind: "text" | "image" | "table", layers: 1 | 2 = 1) => ({
  patterns_info: patternsInfo(kind, layers),
  pattern: null,
  narrowed: {},
  member: null,
});

/** Linked with an Explorer, which answers by itself; the best unit is chosen. */
const ofShortcuts = (title: string, { none = false, linked = true }): View => ({
  title,
  open: () => {
    const info = shortcutsInfo(none);
    const traits = { layout_kind: "shortcuts", shortcuts_info: info, unit: info.gains[0]!.unit };
    return {
      widget: results(),
      kernel: new ResultKernel("image", { ...traits, linked, pins: [], edits: [] }),
    };
  },
});

function ofComparison(
  title: string,
  kind: ResultKind,
  { info = {}, linked = true }: { info?: Parameters<typeof comparisonInfo>[1]; linked?: boolean } = {},
): View {
  const comparison_info = comparisonInfo(kind, info);
  const [best, second] = comparison_info.units.rows.map(({ unit }) => unit);
  const labels = { [best!]: "likes large cells (AUROC .93)" };
  return {
    title,
    open: (named) => ({
      widget: results(),
      kernel: new ResultKernel(
        kind,
        {
          layout_kind: "comparison",
          ...{
            comparison_info,
            linked,
            labels,
            unit: best,
            pins: linked ? [second] : [],
            edits: [],
            member: null,
          },
        },
        { silent: named === "silent" },
      ),
    }),
  };
}
/** Blind tests by what was done in them: of which input, and which moves. */
const BLIND: Record<string, [BlindKindOfInput, object[]]> = {
  explain: ["text", []],
  begin: ["text", []],
  detection: ["text", [{}]],
  feedback: ["text", [{}, { answer: [1, 2] }]],
  fuzzing: ["text", [{}, { answer: [] }, {}]],
  end: ["text", [{}, { answer: [1, 2] }, {}, { answer: [0] }, {}, { answer: [2] }, {}]],
  image: ["image", [{}, { answer: [1, 3] }]],
  "image-fuzzing": ["image", [{}, { answer: [] }, {}]],
  table: ["table", [{}]],
  "table-fuzzing": ["table", [{}, { answer: [] }, {}]],
};

const OFFER = { takes: "about a minute", phase: "offered", share: null, left: null, words: "" };

const ofText = (entry: () => Widget, title: string, layout_kind: string, more: object = {}): View => ({
  title,
  open: (named) => {
    const setting: TextSetting = { ...CASES[named], ...more, layout_kind };
    return { widget: entry(), kernel: new TextKernel(setting) };
  },
});

const ofInput = (
  entry: () => Widget,
  title: string,
  kind: "image" | "table",
  layout_kind: string,
  more: object = {},
): View => ({
  title,
  open: (named) => {
    const setting: InputSetting = { ...INPUT_CASES[named], ...more, layout_kind };
    return { widget: entry(), kernel: new InputKernel(kind, setting) };
  },
});

export const VIEWS: Record<string, View> = {
  strip: ofText(text, "TokenStrip", "strip"),
  heatmap: ofText(text, "Heatmap", "heatmap"),
  explorer: ofText(explorer, "Explorer of a text", "explorer", { atlas_offer: OFFER }),
  image: ofInput(inputs, "Explorer of a picture", "image", "explorer"),
  table: ofInput(inputs, "Explorer of a row", "table", "explorer"),
  atlas: ofText(explorer, "Explorer of a text with an atlas", "explorer", TEXT_ATLAS),
  "atlas-image": ofInput(
    inputs,
    "Explorer of a picture with an atlas",
    "image",
    "explorer",
    INPUT_ATLAS.image,
  ),
  "atlas-table": ofInput(inputs, "Explorer of a row with an atlas", "table", "explorer", INPUT_ATLAS.table),
  card: ofText(explorer, "UnitCard of a text", "card", TEXT_ATLAS),
  "card-image": ofInput(inputs, "UnitCard of a picture", "image", "card", INPUT_ATLAS.image),
  "card-table": ofInput(inputs, "UnitCard of a row", "table", "card", INPUT_ATLAS.table),
  exemplars: {
    title: "ExemplarGrid",
    open: () => ({ widget: explorer(), kernel: new AtlasKernel({ layout_kind: "exemplars" }) }),
  },
  finder: {
    title: "UnitFinder",
    open: () => ({ widget: explorer(), kernel: new AtlasKernel({ layout_kind: "finder" }) }),
  },
  imported: ofText(explorer, "Explorer of a text with an imported atlas", "explorer", IMPORTED),
  "imported-card": ofText(explorer, "UnitCard of an imported atlas", "card", IMPORTED),
  "imported-exemplars": {
    title: "ExemplarGrid of an imported atlas",
    open: () => ({ widget: explorer(), kernel: new ImportedKernel({ layout_kind: "exemplars" }) }),
  },
  "imported-finder": {
    title: "UnitFinder of an imported atlas",
    open: () => ({ widget: explorer(), kernel: new ImportedKernel({ layout_kind: "finder" }) }),
  },
  patterns: {
    title: "PatternView of pictures without a model",
    open: (named) => ({
      widget: results(),
      kernel: new ResultKernel(
        "image",
        { layout_kind: "patterns", ...patternsOf("image"), pattern: 2 },
        { silent: named === "silent" },
      ),
    }),
  },
  "patterns-image": ofInput(
    results,
    "PatternView of pictures, two layers",
    "image",
    "patterns",
    patternsOf("image", 2),
  ),
  "patterns-text": ofText(results, "PatternView of texts", "patterns", { ...patternsOf("text"), pattern: 1 }),
  "patterns-table": ofInput(results, "PatternView of rows", "table", "patterns", patternsOf("table")),
  "explorer-patterns": ofInput(
    inputs,
    "Explorer of a picture with patterns",
    "image",
    "explorer",
    patternsOf("image"),
  ),
  groups: {
    title: "GroupView",
    open: () => ({
      widget: results(),
      kernel: new ResultKernel("text", {
        layout_kind: "groups",
        groups_info: groupsInfo(),
        group: 1,
        linked: true,
        edits: [],
      }),
    }),
  },
  comparison: ofComparison("CompareView of rows", "table"),
  "comparison-image": ofComparison("CompareView of pictures, in an edited model", "image", {
    info: { edits: ["Ablate('conv.1:3')"] },
  }),
  "comparison-text": ofComparison("CompareView of three groups of texts", "text"),
  "comparison-none": ofComparison("CompareView that found nothing", "table", {
    info: { none: true },
    linked: false,
  }),
  health: {
    title: "HealthView",
    open: () => ({
      widget: results(),
      kernel: new ResultKernel("text", {
        layout_kind: "health",
        health_info: healthInfo(),
        atlas_info: atlasInfo("text", TEXT_SITES),
        unit: "mlp.2:7",
        narrowed: {},
        linked: true,
        pins: [],
        edits: [],
      }),
    }),
  },
  localised: {
    title: "LocaliseView",
    open: () => ({
      widget: results(),
      kernel: new ResultKernel("text", {
        layout_kind: "localised",
        localised_info: localisedInfo(),
        unit: "mlp.1:10",
        narrowed: { concept: "string", k: null },
        linked: true,
        pins: ["mlp.1:3"],
        edits: [],
      }),
    }),
  },
  shortcuts: ofShortcuts("ShortcutView", {}),
  "shortcuts-none": ofShortcuts("ShortcutView that found none", { none: true, linked: false }),
  ...Object.fromEntries(
    Object.entries(BLIND).map(([name, [input, moves]]) => [
      `blind-${name}`,
      {
        title: `BlindTest, ${name}`,
        open: () => ({
          widget: results(),
          kernel: playedBlind(new BlindKernel(input, { asks: name === "explain", linked: true }), moves),
        }),
      },
    ]),
  ),
  scan: { title: "A running scan", open: () => ({ widget: scan, kernel: new ScanKernel() }) },
};
