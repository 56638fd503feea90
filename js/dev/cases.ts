/** Texts and settings worth looking at. */
import type { InputSetting } from "../fakes/input-kernel.ts";
import type { TextSetting } from "../fakes/text-kernel.ts";
import type { ViewSettings } from "../src/wire/protocol.ts";
import { VIEW } from "../src/wire/shared.ts";

const CODE = 'def greet(name):\n    return f"hello {name}"  # a string\n\n\nclass Café:\n\tpass\n';

export const CASES: Record<string, TextSetting> = {
  code: {
    input: CODE,
    unit: "mlp.2:17",
    pins: ["mlp.2:3", "mlp.1:40"],
    labels: {
      "mlp.2:17": "inside a string",
      "mlp.2:3": "rises along the line",
      "mlp.1:40": "opens a bracket",
    },
    evidence: {
      "mlp.2:17": ["inside a string", "held up", "AP .93 (.90 to .96), chance .12"],
      "mlp.2:3": ["rises along the line", "failed", "AP .21 (.15 to .28), chance .20"],
    },
  },
  edited: {
    input: CODE,
    unit: "mlp.2:17",
    pins: ["mlp.2:3", "mlp.1:40"],
    labels: { "mlp.2:17": "inside a string" },
    edits: [
      { edit: "scale", unit: "mlp.1:40", factor: 0, scope: "all", when: null, on: true },
      { edit: "scale", unit: "mlp.2:17", factor: 3, scope: "all", when: null, on: true },
      { edit: "clamp", unit: "mlp.2:3", value: 2, scope: "last", when: null, on: false },
      { edit: "scale", unit: "nowhere.2:3", factor: 2, scope: "all", when: null, on: true },
    ],
  },
  difference: {
    input: CODE,
    unit: "mlp.2:30",
    pins: ["mlp.2:17"],
    edits: [{ edit: "scale", unit: "mlp.0:5", factor: 4, scope: "all", when: null, on: true }],
    view: { ...(VIEW as ViewSettings), compare: "difference" },
  },
  steered: {
    input: CODE,
    unit: "resid.1:7",
    pins: ["mlp.2:17"],
    edits: [
      { edit: "steer", unit: "mlp.1:40", strength: 0.1, scope: "all", when: null, on: true },
      { edit: "steer", unit: "comments", strength: -0.25, scope: "last", when: null, on: true },
      { edit: "ablate", unit: "mlp.2:17", to: "resample", scope: "all", when: null, on: true },
    ],
    directions: ["comments", "a name that somebody made rather long"],
  },
  compared: {
    input: CODE.replace("name", "word"),
    beside: CODE,
    unit: "mlp.2:30",
    pins: ["mlp.2:17"],
    view: { ...(VIEW as ViewSettings), compare: "difference" },
  },
  longer: { input: `${CODE}x = 1\n`, beside: CODE, unit: "mlp.2:30" },
  signed: { input: CODE, unit: "resid.1:7", site: "resid.1", pins: [] },
  words: {
    input: "The quick brown fox jumps over the lazy dog, unbelievably often and with great enthusiasm.",
    unit: "mlp.1:5",
    split: "words",
    bos: true,
  },
  hard: {
    input:
      "bell\u0007 null\u0000 </script><img src=x onerror=alert(1)> שלום עולם \u0645\u0631\u062d\u0628\u0627\n" +
      "e\u0301a\u0308 👩‍👩‍👧 🎉é ñ 漢字 zero\u200bwidth nbsp\u00a0here\n\ttab\tand trailing   \n",
    unit: "mlp.2:17",
    split: "bytes",
    bos: true,
  },
  long: {
    input: Array.from({ length: 130 }, (_, i) => `line ${i}: x = f(${i}) + "${i * 7}"\n`).join(""),
    unit: "mlp.0:2",
    context: 512,
  },
  huge: { input: CODE.repeat(50), unit: "mlp.0:2", context: 8192, pins: ["mlp.2:3", "mlp.1:40", "mlp.1:41"] },
  empty: { input: "", unit: "mlp.0:2" },
  nan: { input: CODE, unit: "mlp.2:17", nan: true, pins: ["mlp.2:3"] },
  error: { input: CODE, unit: "mlp.2:17", failOn: "z" },
  silent: { input: CODE, unit: "mlp.2:17", silent: true },
  slow: { input: CODE, unit: "mlp.2:17", delay: 900 },
};

/** For kind=image and kind=table. */
export const INPUT_CASES: Record<string, InputSetting> = {
  flat: { site: "dense.0", unit: "dense.0:2" },
  none: { unit: null, input: "", gallery: 0 },
  small: { size: 8 },
  large: { size: 224 },
  silent: { silent: true },
  edited: {
    unit: "conv.0:3",
    edits: [{ edit: "scale", unit: "conv.0:3", factor: 0, scope: "all", when: null, on: true }],
  },
  "edited-row": {
    edits: [{ edit: "scale", unit: "dense.0:4", factor: 5, scope: "all", when: null, on: true }],
  },
  pins: { pins: ["conv.1:4", "conv.0:2", "dense.0:3"] },
};
