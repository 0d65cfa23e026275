from __future__ import annotations

import fcntl
import io
import os
import signal
import subprocess
import sys
import termios
import threading
from typing import IO

import pytest

from queuectl.cli import files
from queuectl.errors import BadValue
from tests.cli.conftest import Program
from tests.patience import until


def test_standard_input_takes_objects_and_commands_line_by_line(program: Program) -> None:
    text = '\ufeff# a comment\r\n\r\n{"id": "a", "command": "true"}\r\necho two\n{ echo three; }\n[ -f x ] && echo\n'
    assert program.ok("enqueue", "-", stdin=text).out.splitlines()[0] == "Enqueued job: a"
    assert [job["command"] for job in program.jobs()] == ["true", "echo two", "{ echo three; }", "[ -f x ] && echo"]


def test_a_broken_object_in_a_file_is_never_a_command(program: Program) -> None:
    answer = program("enqueue", "-", stdin='echo fine\n{"command": "x"\n', code=2)
    assert "line 2" in answer.err
    assert program.jobs() == []


def test_a_json_file_is_an_object_an_array_or_lines(program: Program) -> None:
    one = program.folder / "one.json"
    one.write_text('{\n  "command": "one"\n}\n')
    array = program.folder / "array.json"
    array.write_text('[\n  {"command": "two"},\n  {"command": "three"}\n]\n')
    lines = program.folder / "lines.jsonl"
    lines.write_text('{"command": "four"}\n[{"command": "five"}]\n')
    program.ok("enqueue", "one.json")
    program.ok("enqueue", str(array), "--queue", "media")
    program.ok("enqueue", "--file", "lines.jsonl")
    assert [job["command"] for job in program.jobs()] == ["one", "two", "three", "four", "five"]
    assert program.ok("list", "--queue", "media", "--quiet").out == "j2\nj3\n"


def test_a_file_named_json_has_no_commands(program: Program) -> None:
    (program.folder / "jobs.jsonl").write_text('{"command": "true"}\nrm -r x\n')
    assert "line 2" in program("enqueue", "jobs.jsonl", code=2).err


def test_of_many_bad_lines_twenty_are_named_and_nothing_is_added(program: Program) -> None:
    lines = ['{"command": "true"}'] * 1000 + ['{"comand": "true"}'] * 30
    text = "\n".join(lines)
    answer = program("enqueue", "-", stdin=text, code=2)
    assert sum(line.startswith("line ") for line in answer.err.splitlines()) == 20
    assert "line 1001" in answer.err
    assert "and 10 more" in answer.err
    assert "30 jobs cannot be added" in answer.err
    assert program.jobs() == []
    answer = program.ok("enqueue", "--skip-bad", "-", stdin=text)
    assert answer.out == "Enqueued 1,000 jobs: j1 … j1000\n"
    assert "30 bad ones skipped" in answer.err


def test_more_than_ten_thousand_jobs_are_checked_whole_before_the_first_goes_in(program: Program) -> None:
    lines = [f'{{"id": "n{number}", "command": "true"}}' for number in range(12_000)]
    twice = program("enqueue", "-", stdin="\n".join([*lines, lines[5]]), code=3)
    assert "n5 is given twice, at line 6 and line 12001" in twice.err
    program.ok("enqueue", "--id", "n11999", "true")
    taken = program("enqueue", "-", stdin="\n".join(lines), code=3)
    assert "n11999 is there already" in taken.err
    assert len(program.jobs()) == 1
    went_on = program.ok("enqueue", "-", "--skip-existing", stdin="\n".join(lines))
    assert "Enqueued 11,999 jobs: n0 … n11998" in went_on.out
    assert "1 job skipped: already there" in went_on.err
    assert program.ok("status", "--json").json["jobs"]["pending"] == 12_000


def test_a_reader_that_leaves_early_does_not_cut_a_batch_short(program: Program) -> None:
    (program.folder / "jobs").write_text("true\n" * 25_000)
    with program.start("enqueue", "--quiet", "@jobs") as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"j1"
        process.stdout.close()
    assert process.returncode == 0
    assert program.ok("status", "--json").json["jobs"]["pending"] == 25_000


def test_ctrl_c_in_the_middle_of_a_large_batch_says_how_to_go_on(program: Program) -> None:
    (program.folder / "jobs").write_text("true\n" * 40_000)
    with program.start("enqueue", "--quiet", "@jobs") as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"j1"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    done = program.ok("status", "--json").json["jobs"]["pending"]
    assert 0 < done < 40_000
    assert f"{done:,} of 40,000 jobs are in; go on with --from-line {done + 1}," in err.decode()
    program.ok("enqueue", "@jobs", "--from-line", str(done + 1))
    assert program.ok("status", "--json").json["jobs"]["pending"] == 40_000


def test_of_ids_given_more_than_once_skip_bad_takes_the_first(program: Program) -> None:
    lines = ['{"id": "a", "command": "one"}', '{"command": "two"}', '{"id": "a", "command": "three"}']
    assert "--skip-bad" in program("enqueue", "-", stdin="\n".join(lines), code=3).err
    answer = program.ok("enqueue", "--skip-bad", "-", stdin="\n".join(lines))
    assert "a is given twice, at line 1 and line 3" in answer.err
    assert "1 bad one skipped" in answer.err
    assert [job["command"] for job in program.jobs()] == ["one", "two"]


def test_of_more_than_ten_thousand_skip_bad_takes_the_first_of_each_id_too(program: Program) -> None:
    lines = [f'{{"id": "n{number}", "command": "true"}}' for number in range(10_500)]
    answer = program.ok("enqueue", "--skip-bad", "-", stdin="\n".join([*lines, *lines[:30]]))
    assert "Enqueued 10,500 jobs: n0 … n10499" in answer.out
    assert "30 bad ones skipped" in answer.err


def test_an_item_of_an_array_is_named_by_its_position(program: Program) -> None:
    twice = '[{"id": "d", "command": "a"}, {"id": "d", "command": "b"}]'
    assert "d is given twice, at item 1 and item 2; nothing was added" in program("enqueue", twice, code=3).err
    blank = '[{"command": "a"}, {"command": ""}]'
    assert "item 2: the command is blank; nothing was added" in program("enqueue", blank, code=2).err
    assert "SPEC 2, item 1: " in program("enqueue", '{"command": "a"}', '[{"command": ""}]', code=2).err
    assert program.jobs() == []


def test_a_batch_of_nothing_says_so(program: Program) -> None:
    for given in ("[]", "-"):
        answer = program.ok("enqueue", given, stdin="")
        assert (answer.out, answer.err) == ("Enqueued 0 jobs\n", "nothing to enqueue\n")


def test_standard_input_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_SPOOLED", 1 << 20)
    with open("/dev/zero", "rb") as endless, pytest.raises(BadValue, match="more than 1 MiB; nothing was added"):
        files._copy(endless, io.BytesIO())


def test_a_slow_producer_is_seen_to_be_read(program: Program) -> None:
    slow = "sleep 1.2; head -c 70000 /dev/zero | tr '\\0' '#'; sleep 1.2; echo; echo true"
    command = [sys.executable, "-m", "queuectl", "enqueue", "--progress", "-"]
    with subprocess.Popen(["sh", "-c", slow], stdout=subprocess.PIPE) as producer:
        done = subprocess.run(command, env=program.env, stdin=producer.stdout, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "Enqueued job: j1\n")
    assert " KiB of standard input so far" in done.stderr


def test_from_line_begins_there(program: Program) -> None:
    program.ok("enqueue", "-", "--from-line", "3", stdin="echo 1\necho 2\necho 3\n")
    assert [job["command"] for job in program.jobs()] == ["echo 3"]


def unread(pipe: IO[bytes] | None) -> int:
    """Bytes that were written into the pipe and not yet taken out."""
    assert pipe is not None
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_a_producer_that_never_ends_blocks_nobody(program: Program) -> None:
    program.ok("init")
    with program.start("enqueue", "-", stdin=subprocess.PIPE) as slow:
        assert slow.stdin is not None
        slow.stdin.write(b"echo 1\n")
        slow.stdin.flush()
        until(lambda: unread(slow.stdin) == 0, "the line to be read")  # a signal before that meets Python, not us
        assert program.ok("enqueue", "true").out == "Enqueued job: j1\n"
        slow.send_signal(signal.SIGINT)
        _, err = slow.communicate(timeout=20)
    assert slow.returncode == 130
    assert b"Traceback" not in err
    assert len(program.jobs()) == 1


def test_a_pipe_is_read_like_a_file(program: Program) -> None:
    fifo = program.folder / "pipe"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_text("echo from a pipe\n"))
    writer.start()
    program.ok("enqueue", f"@{fifo}")
    writer.join()
    assert program.jobs()[0]["command"] == "echo from a pipe"


def test_a_line_that_is_not_utf8_is_named(program: Program) -> None:
    assert "line 2" in program("enqueue", "-", stdin=b"echo 1\necho \xff\n", code=2).err
