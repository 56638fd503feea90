/** The page's side of the questions to an atlas; any number of channels share the widget's connection. */

import type { Want } from "../../wire/atlas-protocol.ts";
import type { HostModel } from "../../wire/host.ts";
import { type AtlasMessage, VERSION } from "../../wire/protocol.ts";
import { Channel } from "./channel.ts";

// Two pages on one kernel hear each other's answers: the clock keeps their numbers apart, and rising. Views of one
// widget count together.
let newest = Date.now();

export class AtlasTalk {
  private readonly channels = new Set<Channel<Want>>();

  constructor(
    private readonly model: HostModel,
    signal: AbortSignal,
    private readonly reachable: () => boolean,
  ) {
    const listen = (message: unknown, buffers: unknown) => {
      if (typeof message !== "object" || message === null) return;
      const { kind, v } = message as AtlasMessage;
      if (kind !== "atlas" || v !== VERSION) return;
      const bytes = Array.isArray(buffers) ? buffers : [];
      for (const channel of this.channels) if (channel.receive(message as AtlasMessage, bytes)) return;
    };
    model.on("msg:custom", listen);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", listen);
      for (const channel of this.channels) channel.drop();
    });
  }

  channel<W extends Want>(want: W): Channel<W> {
    const made = new Channel(want, (wanted, about) => this.send(wanted, about));
    this.channels.add(made as unknown as Channel<Want>);
    return made;
  }

  /** The channel is not listened to any more. */
  end<W extends Want>(channel: Channel<W>): void {
    channel.drop();
    this.channels.delete(channel as unknown as Channel<Want>);
  }

  /** The kernel is there again: what was lost is asked anew. */
  again(): void {
    for (const channel of this.channels) channel.again();
  }

  /** Sends any message; false: there is nobody to hear it. */
  post(message: object): boolean {
    if (!this.reachable()) return false;
    try {
      this.model.send(message);
    } catch {
      return false;
    }
    return true;
  }

  private send(want: Want, about: object): number | null {
    const seq = ++newest;
    return this.post({ v: VERSION, kind: "atlas", seq, want, ...about }) ? seq : null;
  }
}
