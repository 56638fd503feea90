"""Key press → painted, in JupyterLab and headless Chromium: `python -m benchmarks.live_loop`.

A person's keys are sent to the page; the page's own clock says when each was pressed and when the picture of the text
with it was on the screen. In turn with it, a bare widget that does nothing but send a message and draw the 64 KiB that
come back takes the same keys: what is left of the Explorer's time without the model should be little more.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.timing import HEAD, machine
from tests.browser import lab

TEXT = ('def greet(name, loud=False):\n    """Say hello."""\n    words = f"hello {name}"  # a string\n' * 4)[:256]
KEYS = "value = other + [1, 2, 3]  # ab"[:30]
ROUNDS = 4

ECHO = '''
import anywidget, traitlets

class Echo(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const root = document.createElement("div");
      root.className = "nw-root"; root.dataset.nw = "echo"; root.dataset.state = "live"; root.dataset.seq = "0";
      const area = document.createElement("textarea"), canvas = document.createElement("canvas");
      area.dataset.nw = "editor"; canvas.width = canvas.height = 128;
      root.append(area, canvas); el.append(root);
      let seq = 0;
      area.addEventListener("input", () => model.send({ seq: ++seq, text: area.value }));
      model.on("msg:custom", ({ seq, text }, [view]) => {
        const bytes = new Uint8ClampedArray(view.buffer, view.byteOffset, view.byteLength);
        canvas.getContext("2d").putImageData(new ImageData(bytes.slice(), 128, 128), 0, 0);
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => {
            root.dataset.seq = String(seq);
            const detail = { seq, text, ms: { model: 0, total: 0 } };
            root.dispatchEvent(new CustomEvent("neuronwidget:painted", { bubbles: true, detail }));
          };
          channel.port2.postMessage(0);
        });
      });
    } };
    """

echo = Echo()
echo.on_msg(lambda widget, content, buffers: widget.send(content, [bytes(65536)]))
echo
'''


def press(notebook: lab.Notebook, widget: lab.Widget, keys: str, gap: float, at: str = "End") -> None:
    """Press keys in a widget's editor, one every `gap` seconds, from the start or the end of the text."""
    widget.part("editor").focus()
    notebook.page.keyboard.press(f"Control+{at}")
    notebook.forget()
    due = time.perf_counter()
    for key in keys:
        time.sleep(max(0.0, due - time.perf_counter()))
        notebook.page.keyboard.press("Space" if key == " " else key)
        due += gap


Times = tuple[list[float], list[float], list[float]]


def key_to_paint(notebook: lab.Notebook, kind: str, texts: list[str]) -> Times:
    """Milliseconds from each key to the first picture that has it, those inside the model, and those in the kernel."""
    place = {text: number for number, text in enumerate(texts)}
    frames = [
        (place[frame["text"]], frame)
        for frame in notebook.painted()
        if frame["kind"] == kind and frame["text"] in place
    ]
    pairs = []
    for number, key in enumerate(notebook.keys()):
        pairs.append((key, next(frame for shown, frame in frames if shown >= number)))
    return (
        [frame["at"] - key["at"] for key, frame in pairs],
        [frame["ms"]["model"] for _, frame in pairs],
        [frame["ms"]["total"] for _, frame in pairs],
    )


def take_in(all_of: Times, some: Times) -> None:
    """More times behind those that are there."""
    for times, more in zip(all_of, some, strict=True):
        times += more


def typed(notebook: lab.Notebook, widget: lab.Widget, at: str = "End") -> Times:
    """Type KEYS with gaps of 120 ms; milliseconds to paint and inside the model."""
    before = widget.text()
    press(notebook, widget, KEYS, 0.120, at)
    done = [KEYS[: n + 1] for n in range(len(KEYS))]
    texts = [part + before if at == "Home" else before + part for part in done]
    widget.wait_text(texts[-1])
    return key_to_paint(notebook, str(widget.attribute("data-nw")), texts)


def empty(notebook: lab.Notebook, widget: lab.Widget, name: str) -> None:
    """Bring the text back to what it was."""
    if name == "echo":
        widget.part("editor").fill(TEXT)
    else:
        notebook.python(f"w.input = {TEXT!r}")
    widget.wait_text(TEXT)


def row(what: str, value: str, wanted: str, note: str = "") -> None:
    print(f"| {what} | {value} | {wanted} | {note} |", flush=True)


def spread(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    return f"p50 {statistics.median(times):.1f}, p95 {cuts[18]:.1f} ms, n = {len(times)}"


def beside_echo(server: lab.Server, browser: Any, name: str, unit: str) -> tuple[lab.Notebook, lab.Widget, lab.Widget]:
    """A notebook with an Explorer of the text, and the bare echo."""
    server.write(
        name,
        "import neuronwidget as nw\nlive = nw.demo('code')",
        f"w = nw.explore(live, {TEXT!r}, unit={unit!r}); w",
        ECHO,
    )
    notebook = lab.Notebook(server, browser, name, height=1600)
    notebook.run_all()
    explorer, echo = notebook.widget("explorer"), notebook.widget("echo")
    explorer.wait_text(TEXT)
    notebook.set_width(explorer, 900, 1600)
    return notebook, explorer, echo


def latency(server: lab.Server, browser: Any) -> None:
    """Typing at 120 ms a key, the Explorer and the bare echo in turn."""
    notebook, explorer, echo = beside_echo(server, browser, "latency.ipynb", "mlp.1:7")
    for name, widget in (("explorer", explorer), ("echo", echo)):  # the link is measured, caches are warm
        empty(notebook, widget, name)
        typed(notebook, widget)
    end: Times = ([], [], [])
    whole: Times = ([], [], [])
    bare: list[float] = []
    for _ in range(ROUNDS):
        empty(notebook, explorer, "explorer")
        take_in(end, typed(notebook, explorer))
        empty(notebook, echo, "echo")
        bare += typed(notebook, echo)[0]
        empty(notebook, explorer, "explorer")
        take_in(whole, typed(notebook, explorer, "Home"))
    rest = [time - model for time, model, _ in zip(*end, strict=True)]
    kernel = [total - model for _, model, total in zip(*end, strict=True)]
    ratio = statistics.median(rest) / statistics.median(bare)
    share = statistics.median(end[1]) / statistics.median(whole[1])
    row("key → painted, `code` demo, 256 characters, key at the end", spread(end[0]), "", "36 / 45 in a prototype")
    row("of it not the model", spread(rest), "")
    row("of it in the kernel: order, scale, bytes", spread(kernel), "")
    row("bare echo of 64 KiB through the same page", spread(bare), "")
    row("not the model ÷ bare echo, medians", f"**{ratio:.2f}**", "≤ 1.3")
    row("recording, key at the end (prefix reused)", spread(end[1]), "")
    row("recording, key at the start (all of it)", spread(whole[1]), "")
    row("recording at the end ÷ full recording, medians", f"**{share:.2f}**", "≤ 0.45")
    row("remedy for small answers", f"`{explorer.attribute('data-link')}`", "", "remedy, then ms plain/nudge/pad")
    notebook.close()
    server.end_kernels()


def burst(server: lab.Server, browser: Any, name: str, make: str, text: str, keys: str) -> None:
    """30 keys at 30 ms: whose frame is the last, and how many passes ran to their end."""
    counting = """
ended = []
send = w.send
def counted(content, buffers=None):
    if content.get("kind") == "frame":
        ended.append(content["seq"])
    return send(content, buffers)
w.send = counted
"""
    server.write("burst.ipynb", make, f"w = nw.explore(live, {text!r}); w")
    notebook = lab.Notebook(server, browser, "burst.ipynb", height=1600)
    notebook.run_all()
    explorer = notebook.widget()
    explorer.wait_text(text)
    notebook.set_width(explorer, 900, 1600)
    press(notebook, explorer, "1", 0)
    explorer.wait_text(text + "1")
    notebook.python(counting)
    press(notebook, explorer, keys, 0.030)
    last = explorer.wait_text(text + "1" + keys)
    late = last["at"] - notebook.keys()[-1]["at"]
    passes = notebook.value("len(ended)")
    row(
        f"burst of {len(keys)} keys at 30 ms, {name}: last frame is of the last key",
        "yes",
        "yes",
        f"{late:.0f} ms late",
    )
    row(f"the same: passes that ran to their end, of {len(keys)} keys", str(passes), "≤ 10" if "GPT" in name else "")
    notebook.close()
    server.end_kernels()


def main() -> None:
    print(machine())
    print(HEAD)
    with lab.jupyterlab() as (server, browser):
        latency(server, browser)
        demo = "import neuronwidget as nw\nlive = nw.demo('code')"
        burst(server, browser, "`code` demo", demo, TEXT, KEYS)
        shape = "import neuronwidget as nw\nfrom benchmarks.models import gpt2_small_shape\nlive = gpt2_small_shape()"
        words = " ".join(str(n) for n in range(1000, 1256)) + " "
        burst(server, browser, "GPT-2-small shape, 256 tokens", shape, words, "12 7 345 6 78 9 10 11 222 3 45")


if __name__ == "__main__":
    main()
