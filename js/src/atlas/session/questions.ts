/** Asks the questions of an atlas' views; any number of channels share the widget's connection. */
import type { Signal } from "@preact/signals";
import type { Want } from "../../wire/atlas-protocol.ts";
import type { Connection } from "../../wire/kernel/connection.ts";
import { VERSION } from "../../wire/shared.ts";
import { Channel } from "./channel.ts";

export class AtlasQuestions {
  readonly #channels = new Set<Channel<Want>>();

  /** `late` is true while the person waits long for an answer. */
  constructor(
    private readonly connection: Connection,
    life: AbortSignal,
    private readonly late?: Signal<boolean>,
  ) {
    connection.listen(
      {
        hear: (message, buffers) => {
          if (message.kind !== "atlas") return;
          for (const channel of this.#channels) if (channel.receive(message, buffers)) return;
        },
        // What was lost is asked anew.
        back: () => {
          for (const channel of this.#channels) channel.requests.again();
        },
      },
      life,
    );
    life.addEventListener("abort", () => {
      for (const channel of this.#channels) channel.requests.drop();
    });
  }

  channel<W extends Want>(want: W): Channel<W> {
    const { connection, late } = this;
    const channel = new Channel<W>({
      nextSeq: () => connection.nextSeq(),
      send: (about, seq) => connection.send({ v: VERSION, kind: "atlas", seq, want, ...about }),
      late,
    });
    this.#channels.add(channel as unknown as Channel<Want>);
    return channel;
  }

  /** The channel is not listened to any more. */
  end<W extends Want>(channel: Channel<W>): void {
    channel.requests.drop();
    this.#channels.delete(channel as unknown as Channel<Want>);
  }
}
