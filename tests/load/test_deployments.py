"""The examples for several machines say what the programs understand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from simulator.aura.access import Access
from simulator.load.settings import LoadSettings, read_load_file

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_the_compose_file_runs_a_master_workers_and_a_target() -> None:
    """Its page is for this machine only, and its flags are Locust's and ours."""
    services = yaml.safe_load((SCRIPTS / "compose.yaml").read_text())["services"]

    assert set(services) == {"sandbox", "master", "worker"}
    assert services["master"]["ports"] == ["127.0.0.1:8089:8089"]
    assert all("ports" not in services[name] for name in ("sandbox", "worker"))
    assert "--master" in services["master"]["command"]
    assert "--worker" in services["worker"]["command"].split()


def test_the_target_of_the_compose_file_takes_its_load(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is named, and allows the rate that is asked for unless told otherwise."""
    compose = yaml.safe_load((SCRIPTS / "compose.yaml").read_text())
    (tmp_path / "aurasim.toml").write_text(compose["configs"]["targets"]["content"])
    monkeypatch.setenv("AURASIM_CONFIG", str(tmp_path / "aurasim.toml"))

    target = Access.read().target("compose")

    found = re.search(r"--rate (\d+)", str(compose["services"]["master"]["command"]))
    assert found
    assert target.rate_s is not None
    assert target.rate_s >= float(found[1])


def test_the_load_file_and_the_targets_of_the_cluster_can_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the schedule stays below what the target allows."""
    folder = SCRIPTS / "kubernetes"
    settings = LoadSettings(**{"mix": {}, **read_load_file(folder / "load.toml")})  # type: ignore[arg-type]  # as the command does
    monkeypatch.setenv("AURASIM_CONFIG", str(folder / "aurasim.toml"))

    target = Access.read().target("middleware")

    assert target.rate_s is not None
    assert settings.shape.rate < target.rate_s
    assert len(settings.thresholds) == 2


def test_no_manifest_holds_a_secret() -> None:
    """They come from a secret of the cluster, or from the environment."""
    for path in SCRIPTS.glob("kubernetes/*"):
        assert not re.search(r"CLIENT_SECRET[:=]\s*[\w-]+", path.read_text().replace("=...", ""))


def test_the_manifests_fit_together() -> None:
    """Workers find the master, and all find their settings."""
    documents = [
        document
        for name in ("master", "worker")
        for document in yaml.safe_load_all((SCRIPTS / "kubernetes" / f"{name}.yaml").read_text())
    ]
    service = next(one for one in documents if one["kind"] == "Service")
    pods = {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in documents
        if one["kind"] == "Deployment"
    }

    assert (
        f"--master-host={service['metadata']['name']}" in pods["worker"]["containers"][0]["command"]
    )
    assert {port["port"] for port in service["spec"]["ports"]} == {5557, 8089}
    for pod in pods.values():
        container = pod["containers"][0]
        assert pod["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kustomize_builds_the_manifests() -> None:
    """With the settings in a map of their own."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(SCRIPTS / "kubernetes")],
        capture_output=True,
        text=True,
        check=True,
    )

    built = list(yaml.safe_load_all(done.stdout))
    assert sorted(one["kind"] for one in built) == [
        "ConfigMap",
        "Deployment",
        "Deployment",
        "Service",
    ]
    assert "aurasim.toml" in next(one for one in built if one["kind"] == "ConfigMap")["data"]
