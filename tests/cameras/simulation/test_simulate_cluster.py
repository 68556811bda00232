"""The command as it is typed. No test here may use the database: pytest-django refuses it."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import polib  # type: ignore[import-untyped]
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from cameras.management.commands import simulate_cluster
from cameras.simulation import table
from mallvision.environment import BASE_DIR

CATALOGUE = BASE_DIR / "mallvision" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SMALL = ("--cameras", "20", "--nodes", "3", "--hours", "0.05")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def run(*arguments: str, stderr: StringIO | None = None) -> str:
    out = StringIO()
    call_command("simulate_cluster", *SMALL, *arguments, stdout=out, stderr=stderr or StringIO())
    return out.getvalue()


def figures(file: Path, *arguments: str) -> dict[str, Any]:
    run("--json", str(file), *arguments)
    read: dict[str, Any] = json.loads(file.read_text())
    return read


def texts() -> list[str]:
    """What the table says, as it stands in the source."""
    calls = (node for node in ast.walk(ast.parse(Path(table.__file__).read_text())) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_")
    return [str(ast.literal_eval(call.args[0])) for call in named]


def test_the_table_has_both_rules_side_by_side() -> None:
    lines = run().splitlines()
    assert "Cameras: 20, usually 20 snapshots a second together, 3,600 in 0.05 h." in lines
    assert next(line for line in lines if "rendezvous" in line).split("  ")[-1].strip() == "ideal"
    moves = next(line for line in lines if line.startswith("photos that move when a node leaves"))
    assert [float(share) for share in moves.replace("%", "").split()[-3:]] == pytest.approx([33.3, 66.7, 33.3], abs=0.3)


def test_the_figures_columns_end_below_each_other() -> None:
    rows = [line for line in run().splitlines() if line.startswith(("photos that move", "busiest node"))]
    assert len({len(row) for row in rows}) == 1


def test_the_figures_are_written_for_programs_too(tmp_path: Path) -> None:
    written = figures(tmp_path / "figures.json", "--seed", "3")
    assert written["plan"]["nodes"] == 3
    assert written["plan"]["seed"] == 3
    assert written["snapshots"] == 3600
    for rule in ("rendezvous", "modulo"):
        assert written[rule]["spread"]["whole"]["max_over_mean"] == pytest.approx(1, abs=0.1)
        assert written[rule]["peak_queue_jobs"]["max"] >= written[rule]["peak_queue_jobs"]["p95"] > 0
        assert written[rule]["refused"] == 0


def test_nodes_may_differ(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    call_command("simulate_cluster", "--weights", "2x1,1x2", "--hours", "0.01", "--json", file, stdout=StringIO())
    assert json.loads(file.read_text())["plan"]["weights"] == "2x1,1x2"


def test_the_queue_limit_is_what_the_cameras_priority_may_use(tmp_path: Path) -> None:
    limits = [figures(tmp_path / "figures.json", "--priority", each)["plan"]["limit_jobs"] for each in ("0", "5", "9")]
    assert limits == [50, 78, 100]


def test_it_says_when_snapshots_would_expire() -> None:
    slow = run("--service-ms", "20000")
    assert "The product would let a snapshot expire after 60 s." in slow
    assert "expire" not in run()


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--nodes", "0", "expected a whole number from 1 to 10000, not '0'"),
        ("--nodes", "many", "expected a whole number from 1 to 10000, not 'many'"),
        ("--cameras", "-5", "expected a whole number from 1"),
        ("--hours", "-1", "expected a number above 0, at most 168, not '-1'"),
        ("--hours", "nan", "expected a number above 0"),
        ("--hours", "inf", "expected a number above 0"),
        ("--hours", "0.0001", "Less than a second"),
        ("--snapshots-per-s", "0", "expected a number above 0"),
        ("--service-ms", "0", "expected a number above 0"),
        ("--workers-per-node", "0", "expected a whole number from 1"),
        ("--queue-limit-jobs", "0", "expected a whole number from 1"),
        ("--priority", "10", "expected a whole number from 0 to 9"),
        ("--weights", "3", "expected COUNTxWEIGHT, such as 80x1,20x2, not '3'"),
        ("--weights", "3x0", "expected a number above 0"),
        ("--weights", "3x0.001", "expected a weight from 0.01 to 1000"),
        ("--weights", "0x1", "expected a whole number from 1"),
        ("--weights", "4x1", "The weights are for 4 nodes, and there are to be 3"),
        ("--weights", "9999x1,2x1", "at most 10000 are simulated"),
        ("--burst-every-min", "-1", "expected 0 or a number above 0"),
        ("--burst-cameras-percent", "101", "at most 100"),
        ("--burst-factor", "1", "expected a whole number from 2"),
        ("--burst-lasts-s", "600", "never end"),
    ],
)
def test_a_bad_value_is_refused_in_plain_words(option: str, value: str, expected: str) -> None:
    with pytest.raises(CommandError, match=expected):
        run(f"{option}={value}")


def test_bursts_can_be_left_out() -> None:
    assert "Bursts" in run("--hours", "0.1")
    assert "Bursts" not in run("--hours", "0.1", "--burst-every-min", "0")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere/figures\.json cannot be written: No such file"):
        run("--json", str(tmp_path / "nowhere" / "figures.json"))


def test_a_terminal_sees_progress_and_no_rest_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate_cluster, "SHOWN_EVERY_S", -1)
    terminal = Terminal()
    run("--cameras", "2000", stderr=terminal)
    assert "simulated: " in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")


def test_what_is_no_terminal_sees_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate_cluster, "SHOWN_EVERY_S", -1)
    log = StringIO()
    run("--cameras", "2000", stderr=log)
    assert log.getvalue() == ""


def test_it_runs_where_nothing_is_set_up_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, BASE_DIR / "manage.py", "simulate_cluster", *SMALL],
        cwd=tmp_path,
        env={"MALLVISION_DATA": str(tmp_path / "none"), "DATABASE_URL": "postgres://mall@127.0.0.1:1/mall"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "3,600 in 0.05 h" in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_every_text_of_the_table_is_there_in_chinese() -> None:
    translated = {entry.msgid for entry in polib.pofile(str(CATALOGUE)).translated_entries()}
    assert len(texts()) > 15
    assert set(texts()) <= translated


def test_the_table_speaks_chinese_when_asked() -> None:
    call_command("compile_translations", verbosity=0)
    with translation.override("zh-hans"):
        lines = run().splitlines()
    rows = [line for line in lines if line.startswith(("最忙节点", "节点退出时"))]
    assert len({table.columns(row) for row in rows}) == 1
