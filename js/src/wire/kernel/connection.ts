/** Connection of one widget's page to its kernel: the version of messages, who is there, and the numbers of questions. */
import { batch } from "@preact/signals";
import { checkVersion } from "../frame.ts";
import type { ErrorAnswer, FromKernel, ToKernel } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { VERSION } from "../shared.ts";
import type { HostModel } from "./host.ts";
import { KernelPresence } from "./kernel-presence.ts";

const KINDS: Record<FromKernel["kind"], true> = {
  frame: true,
  probe: true,
  study: true,
  error: true,
  overtaken: true,
  ready: true,
  echo: true,
  gallery: true,
  closed: true,
  atlas: true,
};

export type Listener = {
  /** A message of the kernel; a `Refusal` that this throws goes to `refuse`. */
  hear(message: FromKernel, buffers: readonly unknown[]): void;
  /** A message that cannot be understood, in words. */
  refuse?(error: ErrorAnswer): void;
  /** The kernel left. */
  left?(): void;
  /** It is back, and may have missed what was sent. */
  back?(): void;
};

export interface Connection {
  readonly presence: KernelPresence;
  /** Hears the kernel until `life` aborts. */
  listen(listener: Listener, life: AbortSignal): void;
  /** A number that no other question of this or an earlier page has. */
  nextSeq(): number;
  /** False: there is nobody to hear it. */
  send(message: ToKernel, buffers?: ArrayBuffer[]): boolean;
}

export function connect(model: HostModel, life: AbortSignal): Connection {
  // Two pages on one kernel hear each other's answers, and a reloaded page hears its predecessor's: the clock keeps
  // their numbers apart, and rising.
  let seq = Date.now();
  const listeners = new Set<Listener>();
  const each = (act: (listener: Listener) => void) => {
    for (const listener of [...listeners]) act(listener);
  };
  const presence = new KernelPresence(model, life, {
    greet: () => send({ v: VERSION, kind: "hello" }),
    left: () => each((listener) => listener.left?.()),
    back: () => each((listener) => listener.back?.()),
  });
  const send = (message: ToKernel, buffers?: ArrayBuffer[]): boolean => {
    if (!presence.reachable()) return false;
    try {
      model.send(message, undefined, buffers);
      return true;
    } catch {
      presence.lost();
      return false;
    }
  };
  const receive = (message: unknown, buffers: unknown) => {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    batch(() => {
      presence.heard.value = true;
      try {
        const checked = checkMessage(message as Record<string, unknown>);
        if (checked.kind === "ready" || checked.kind === "closed") presence.says(checked.kind);
        each((listener) => listener.hear(checked, Array.isArray(buffers) ? buffers : []));
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        const error = errorOf(message, refusal);
        each((listener) => listener.refuse?.(error));
      }
    });
  };
  model.on("msg:custom", receive);
  life.addEventListener("abort", () => model.off("msg:custom", receive));
  return {
    presence,
    listen(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
    nextSeq: () => ++seq,
    send,
  };
}

function checkMessage(message: Record<string, unknown>): FromKernel {
  checkVersion(message);
  if (Object.hasOwn(KINDS, String(message.kind))) return message as unknown as FromKernel;
  throw new Refusal(`The kernel sent a message of kind "${message.kind}", which this page does not know.`);
}

function errorOf(refused: object, { message, hint }: Refusal): ErrorAnswer {
  const seq = "seq" in refused && typeof refused.seq === "number" ? refused.seq : 0;
  return { v: VERSION, kind: "error", seq, message, hint };
}
