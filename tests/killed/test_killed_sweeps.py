"""Sweeps on any number of processes, killed at random moments and gone on with: the same bytes."""

from __future__ import annotations

import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from killed_sweeps import (
    ENDLESS,
    LONG,
    alive,
    files,
    finish,
    finish_here,
    kept,
    kill,
    start,
    wait_until_kept,
    workers,
    write,
)

MOMENTS = 6
"""How often a parent is killed, and how often a worker: spread from the first point to the last."""


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def whole(file, tmp_path_factory) -> dict[str, bytes]:
    """Return the files of the sweep, simulated in one process from beginning to end."""
    return files(finish(file, tmp_path_factory.mktemp("whole"), "--jobs", "1"))


@pytest.mark.parametrize("jobs", ["2", "4"])
def test_any_number_of_processes_gives_the_same_bytes(file, whole, tmp_path, jobs):
    assert files(finish(file, tmp_path, "--jobs", jobs)) == whole


def test_a_dask_cluster_gives_the_same_bytes(file, whole, tmp_path):
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        found = finish(file, tmp_path, "--dask", cluster.scheduler_address)
    assert files(found) == whole


def test_a_dask_cluster_behind_tls_is_reached_with_certificates_alone(
    file, whole, tmp_path, monkeypatch
):
    distributed = pytest.importorskip("distributed")
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates")
    certificate, private = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    made = ["-keyout", private, "-out", certificate]
    subprocess.run([*shlex.split(command), *made], check=True, capture_output=True)
    ends = {
        f"tls_{end}_{part}": path
        for end in ("client", "scheduler", "worker")
        for part, path in (("cert", certificate), ("key", private))
    }
    security = distributed.Security(tls_ca_file=certificate, require_encryption=True, **ends)
    options = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": None}
    with distributed.LocalCluster(security=security, **options) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        stranger = start(file, tmp_path / "stranger", "--dask", address)
        _, said = stranger.communicate(timeout=60)
        assert stranger.returncode == 2
        assert said.startswith(f"simsched: {address} needs certificates; set DASK_DISTRIBUTED__")
        settings = {"CA_FILE": certificate, "CLIENT__CERT": certificate, "CLIENT__KEY": private}
        for name, value in settings.items():
            monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{name}", value)
        assert files(finish(file, tmp_path / "friend", "--dask", address)) == whole


def test_a_parent_that_is_killed_at_any_moment_loses_nothing_that_was_kept(file, whole, tmp_path):
    chance = random.Random(1)  # noqa: S311  moments, not secrets
    killed, most = 0, 0
    for moment in range(MOMENTS * 3):
        out = tmp_path / f"moment-{moment}"
        process = start(file, out, "--jobs", "2")
        # From before anything is kept until almost all is.
        wait_until_kept(out, moment % MOMENTS * 9 // (MOMENTS - 1), process)
        time.sleep(chance.random() * 0.3)
        children = workers(process.pid)
        kill(process.pid)
        process.communicate(timeout=60)
        if process.returncode != -signal.SIGKILL:
            continue  # it was sooner at its end
        killed += 1
        before = {p: p.read_bytes() for p in (out / ".simsched-store").glob("*/*.json")}
        most = max(most, len(before))
        assert files(finish_here(file, out)) == whole
        assert {path: path.read_bytes() for path in before} == before
        assert not any(map(alive, children))
        if killed == MOMENTS:
            break
    assert killed == MOMENTS
    assert most > 0


def test_replications_that_were_kept_are_not_lost_with_the_parent_either(
    tmp_path_factory, tmp_path
):
    file = write(tmp_path_factory.mktemp("long"), LONG)
    whole = files(finish(file, tmp_path / "whole", "--jobs", "1"))
    out = tmp_path / "killed"
    process = start(file, out, "--jobs", "2", keeping=True)
    wait_until_kept(out, 1, process, "replications")
    kill(process.pid)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert kept(out, "replications") > 0
    process = start(file, out, "--jobs", "2")
    _, said = process.communicate(timeout=300)
    assert "of unfinished points found in the store" in said
    assert files(sorted(out.glob("killed/2*"))[-1]) == whole
    assert kept(out, "replications") == 0


def test_a_worker_that_is_killed_at_any_moment_costs_only_what_it_did(file, whole, tmp_path):
    chance = random.Random(2)  # noqa: S311  moments, not secrets
    killed = 0
    for moment in range(MOMENTS * 3):
        out = tmp_path / f"moment-{moment}"
        process = start(file, out, "--jobs", "2")
        wait_until_kept(out, moment % MOMENTS * 8 // (MOMENTS - 1), process)
        time.sleep(chance.random() * 0.2)
        found = workers(process.pid)
        killed += bool(found) and kill(chance.choice(found))
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        (folder,) = out.glob("killed/2*")
        assert files(folder) == whole
        if killed == MOMENTS:
            return
    assert killed >= MOMENTS // 2


def test_a_sweep_that_is_terminated_says_how_to_continue(file, whole, tmp_path):
    process = start(file, tmp_path, "--jobs", "2")
    wait_until_kept(tmp_path, 2, process)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    last = said.splitlines()[-1]
    assert re.fullmatch(
        r"simsched: interrupted; \d+ of 12 points are stored: run the .* continue", last
    )
    assert files(finish(file, tmp_path, "--jobs", "2")) == whole


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_ctrl_c_while_processes_start_is_reported_in_a_line(tmp_path, moment):
    file = write(tmp_path, ENDLESS)
    out = tmp_path / "reports"
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background has it ignored
    process = start(file, out, "--jobs", "2")
    signal.signal(signal.SIGINT, usual)
    while not out.exists() and process.poll() is None:  # before, it is Python that begins
        time.sleep(0.002)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the children, too
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert all(line.startswith(("simsched: interrupted; ", "[")) for line in said.splitlines()), (
        said
    )


def test_two_sweeps_in_one_folder_at_once_do_not_disturb_each_other(file, whole, tmp_path):
    both = [start(file, tmp_path, "--jobs", "2") for _ in range(2)]
    for process in both:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    folders = sorted(tmp_path.glob("killed/2*"))
    assert len(folders) == 2
    assert all(files(folder) == whole for folder in folders)
    assert kept(tmp_path) == 12


def test_a_system_that_writes_no_more_ends_the_sweep_with_nothing_broken(file, whole, tmp_path):
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (7000, 7000))

    command = [Path(sys.executable).parent / "simsched", "sweep", file, "--out", tmp_path]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=small_files,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert "File too large; " in last
    assert last.endswith("make room and run the same command again to continue")
    assert not list(tmp_path.glob("*/*/.part-*"))
    assert not list(tmp_path.glob("killed/*"))
    assert files(finish(file, tmp_path, "--jobs", "2")) == whole
