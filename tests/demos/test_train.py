"""Training the code model again: the same bits from the same seed, also after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from neuronwidget.demos import NAMES, corpus, weights
from neuronwidget.demos.architectures.code import CodeConfig, decode, encode
from training import train, train_code
from training.muon import orthogonal

TINY = CodeConfig(vocab=98, context=24, layers=2, width=16, heads=2, hidden=24, memory=(8, 0))
RECIPE = train_code.Recipe(steps=8, batch=4, window=16, warmup=2, seed=5)

# A run in its own process, that kills itself without warning after the step it is told (0: never).
PROGRAM = """
import os, signal, sys
from pathlib import Path
import torch
from training import train_code
from neuronwidget.demos.architectures.code import CodeConfig

torch.set_num_threads(1)
checkpoint, out, kill_after = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
config = CodeConfig(vocab=98, context=24, layers=2, width=16, heads=2, hidden=24, memory=(8, 0))
recipe = train_code.Recipe(steps=8, batch=4, window=16, warmup=2, seed=5)
text = torch.arange(500).mul(7).remainder(98).to(torch.uint8)
run = train_code.Run(config, recipe)
if checkpoint.exists():
    run.load(checkpoint)
save = run.save
def save_and_die_later(path):
    save(path)
    if kill_after and run.step >= kill_after:
        next(train_code.train(run, recipe, text))  # a step that is lost
        os.kill(os.getpid(), signal.SIGKILL)
run.save = save_and_die_later
train_code.fit(run, recipe, text, checkpoint, every=3)
train_code.weights.write(run.model, out, {})
"""


def in_a_process(folder: Path, name: str, kill_after: int = 0) -> int:
    arguments = [str(folder / f"{name}.checkpoint"), str(folder / f"{name}.out"), str(kill_after)]
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=False).returncode


def test_a_killed_run_ends_with_the_bits_of_one_left_alone(tmp_path: Path) -> None:
    assert in_a_process(tmp_path, "undisturbed") == 0
    assert in_a_process(tmp_path, "killed", kill_after=3) == -signal.SIGKILL
    assert not (tmp_path / "killed.out").exists()
    assert in_a_process(tmp_path, "killed") == 0
    for kind in ("checkpoint", "out"):
        one, other = (load_file(tmp_path / f"{name}.{kind}") for name in ("undisturbed", "killed"))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def text() -> torch.Tensor:
    return torch.randint(0, 98, (400,), generator=torch.Generator().manual_seed(1)).to(torch.uint8)


def trained(recipe: train_code.Recipe, text: torch.Tensor) -> dict[str, torch.Tensor]:
    run = train_code.Run(TINY, recipe)
    for _ in train_code.train(run, recipe, text):
        pass
    return run.model.state_dict()


def test_the_seed_fixes_every_bit(text: torch.Tensor) -> None:
    one, same = trained(RECIPE, text), trained(RECIPE, text)
    other = trained(train_code.Recipe(steps=8, batch=4, window=16, warmup=2, seed=6), text)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["head.weight"], other["head.weight"])


def test_windows_begin_where_lines_begin() -> None:
    text = torch.tensor(encode("one\ntwo and more\nthree\nfour\nthe end\n"), dtype=torch.uint8)
    starts = train_code.line_starts(text, 10)
    assert starts.tolist() == [0, 4, 17, 23]  # no whole window is behind the last line's start
    recipe = train_code.Recipe(window=10, batch=64, anywhere=0)
    drawn = {"".join(map(decode, row)) for row in train_code.windows(text, starts, recipe, 0).tolist()}
    assert drawn == {"one\ntwo and", "two and mor", "three\nfour\n", "four\nthe en"}
    earlier = train_code.windows(text, starts, train_code.Recipe(window=10, batch=64, anywhere=1), 0).tolist()
    assert len({tuple(row) for row in earlier}) > 4
    assert torch.equal(train_code.windows(text, starts, recipe, 5), train_code.windows(text, starts, recipe, 5))
    assert not torch.equal(train_code.windows(text, starts, recipe, 5), train_code.windows(text, starts, recipe, 6))


def test_training_learns_and_takes_its_hooks_away() -> None:
    text = torch.arange(600).remainder(7).to(torch.uint8)
    recipe = train_code.Recipe(steps=60, batch=8, window=24, warmup=5, seed=1)
    run = train_code.Run(TINY, recipe)
    losses = [run.loss for _ in train_code.train(run, recipe, text)]
    assert losses[-1] < 0.7 * losses[0]
    assert not any(module._forward_hooks for module in run.model.modules())


def test_the_penalties_lower_activity(text: torch.Tensor) -> None:
    def activity(penalty: float) -> float:
        recipe = train_code.Recipe(
            steps=40, batch=4, window=16, warmup=2, memory_penalty=penalty, neuron_penalty=penalty, seed=5
        )
        run = train_code.Run(TINY, recipe)
        for _ in train_code.train(run, recipe, text):
            pass
        held: list[float] = []
        run.model.blocks[0].memory.register_forward_hook(lambda _m, _i, out: held.append(out.abs().mean().item()))
        run.model.blocks[0].mlp.act.register_forward_hook(lambda _m, _i, out: held.append(out.abs().mean().item()))
        with torch.inference_mode():
            run.model(text[None, :24].long())
        return sum(held)

    assert activity(5.0) < 0.7 * activity(0.0)


def test_the_rate_rises_holds_and_falls() -> None:
    recipe = train_code.Recipe(steps=100, warmup=10, fall=0.4)
    paces = [recipe.pace(step) for step in range(100)]
    assert paces[0] == pytest.approx(0.1)
    assert paces[10:60] == [1.0] * 50
    assert paces[80] == pytest.approx(0.5)
    assert paces[99] == pytest.approx(1 / 40)


def test_a_step_of_muon_turns_all_directions_alike() -> None:
    matrix = torch.randn(12, 30, generator=torch.Generator().manual_seed(2)) * torch.logspace(0, -1, 12)[:, None]
    for each in (matrix, matrix.T):
        values = torch.linalg.svdvals(orthogonal(each))
        assert values.min() > 0.6
        assert values.max() < 1.3


def test_a_model_file_keeps_its_shape_and_recipe(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tiny.safetensors"
    model = weights.untrained(TINY, 5)
    weights.write(model, path, {"recipe": {"seed": 5}, "steps": 0})
    assert not list(path.parent.glob("*.partial"))
    read, twin = weights.read(path), weights.twin(path)
    assert read.config == TINY
    assert weights.about(path)["steps"] == 0
    for name, value in model.state_dict().items():
        assert torch.equal(read.state_dict()[name], value.half().float())
        assert torch.equal(twin.state_dict()[name], value)


def test_held_out_modules_are_whole_and_apart(tmp_path: Path) -> None:
    for path in ("os.py", "os/path.py", "json/decoder.py", "test/test_os.py", "abc.py", "empty.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("" if path == "empty.py" else f"# {path}\n")
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\n# \xe9\n")
    found = corpus.modules(tmp_path)
    assert [module.path for module in found] == ["abc.py", "json/decoder.py", "os.py", "os/path.py"]
    training, held_out = corpus.split(found)
    assert {module.top for module in held_out} == {"os"}  # by the hash of its name, today and tomorrow
    assert {module.top for module in training} == {"abc", "json"}


def test_a_folder_without_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no Python source below"):
        corpus.modules(tmp_path)


def test_help_explains_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        train.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "goes on from its last checkpoint" in said
    assert "--memory-penalty" in said


def test_the_help_names_every_bundled_model(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, named in ((["--help"], NAMES), (["digits", "--help"], ["cancer"]), (["code-sae", "--help"], [])):
        with pytest.raises(SystemExit) as ended:
            train.main(arguments)
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert [name for name in named if name not in said] == []
