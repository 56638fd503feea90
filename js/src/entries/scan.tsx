/** The entry of the view of a running scan. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../ui/styles.css";
import "../scan/progress.css";

import { signal as newSignal } from "@preact/signals";
import { ScanProgress } from "../scan/progress.tsx";
import { watch } from "../scan/session.ts";
import type { HostModel } from "../wire/kernel/host.ts";
import { lifetime } from "./define.ts";
import { mountAlone } from "./mount.tsx";
import { hideStandIn } from "./stand-in.ts";

type Args = { model: HostModel; el: HTMLElement; signal?: AbortSignal };

export default {
  render({ model, el, signal }: Args): () => void {
    const life = lifetime(signal);
    const session = watch(model, el, life.signal);
    mountAlone("scan-progress", session.phase, <ScanProgress session={session} />, el, life.signal);
    hideStandIn(model, newSignal(false), life.signal); // what it shows are traits, which are there without a kernel
    return () => life.abort();
  },
};
