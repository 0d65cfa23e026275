"""What a real worker process keeps of the output of real commands."""

import os

from queuectl.worker.outputfile import OutputFiles

KIB = 1024


def test_standard_output_and_error_come_in_order(worker):
    assert worker.output_of("echo 1; echo 2 >&2; echo 3; echo 4 >&2") == "1\n2\n3\n4\n"


def test_any_bytes_are_kept_as_they_are(worker):
    assert worker.run(r"printf 'a\000b\377\033[31m'").result.output == b"a\0b\xff\x1b[31m"


def test_dev_stderr_can_be_written_to(worker):
    assert worker.output_of("echo x > /dev/stderr; echo y > /dev/stdout") == "x\ny\n"


def test_output_beyond_64_kib_comes_as_a_file(worker):
    result = worker.run("seq 100000").result
    expected = "".join(f"{number}\n" for number in range(1, 100001)).encode()
    assert (result.output, result.output_bytes) == (b"", len(expected))
    assert _read(worker, result.output_file) == expected


def test_output_beyond_the_limit_takes_no_more_than_the_limit_and_keeps_its_ends(worker):
    limit = 200 * KIB
    result = worker.run("echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo end", log_limit_bytes=limit).result
    size = os.stat(f"{worker.place.output}/{result.output_file}").st_size
    kept = _read(worker, result.output_file)
    assert limit <= size <= limit + KIB
    assert result.output_bytes == 50_000_010
    assert kept.startswith(b"begin\nxxx")
    assert kept.endswith(b"xxxend\n")
    assert b"\n[queuectl: %d bytes left out here, see log-limit]\n" % (50_000_010 - limit) in kept


def test_output_can_be_followed_while_the_command_runs(worker, bells):
    printed, go_on = bells
    until_written = f"until [ $(cat {worker.place.output}/* 2> /dev/null | wc -c) -gt 32 ]; do sleep 0.01; done"
    worker.assign(f"echo hello; {until_written}; echo > {printed.path}; read line < {go_on.path}")
    printed.hear()
    assert b"".join(OutputFiles(worker.place).read(1, 1, None)) == b"hello\n"
    with open(go_on.path, "w") as file:
        file.write("go\n")
    report = worker.report()
    assert report.result.output == b"hello\n"
    assert os.listdir(worker.place.output) == [report.scratch]


def test_an_output_folder_that_is_gone_never_stops_the_command(worker):
    os.rmdir(worker.place.output)
    result = worker.run("echo begin; seq 100000; echo end").result
    assert (result.exit_code, result.output_file) == (0, None)
    assert result.output.startswith(b"begin\n1\n2\n")
    assert result.output.endswith(b"100000\nend\n")
    assert b"bytes could not be written: No such file or directory]" in result.output


def _read(worker, file):
    return b"".join(OutputFiles(worker.place).read(1, None, file))
