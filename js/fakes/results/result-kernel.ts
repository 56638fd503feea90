/** A kernel in the page for views of results without a live model. */
import type { ToKernel } from "../../src/wire/protocol.ts";
import { answerAtlas } from "../atlas-answers.ts";
import { FakeKernel, type KernelSetting } from "../kernel.ts";
import type { ResultKind } from "./bytes.ts";

export class ResultKernel extends FakeKernel {
  constructor(
    private readonly kind: ResultKind,
    traits: Record<string, unknown>,
    setting: KernelSetting = {},
  ) {
    super({ catalog: undefined, unit: null, labels: {}, ...traits }, setting);
  }

  protected hear(message: ToKernel): void {
    if (message.kind !== "atlas") return;
    const { header, buffers } = answerAtlas(this.kind, message);
    this.later(header, buffers);
  }
}
