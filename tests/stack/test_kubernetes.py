"""The manifests are what Kubernetes and its operators take, and what our processes start with.

Proved: by the schemas that are published, read strictly; by our own settings and command line. Not
proved, since it needs a cluster: that the images start, that a policy of the network is enforced.
"""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from schemas import names
from tests.commands import run
from workers.settings import load_settings
from workers.variables import SECTIONS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "containers" / "kubernetes"
PUBLISHED = Path(__file__).with_name("kubernetes")

Json = dict[str, Any]

OBJECTS: dict[tuple[str, str], Json] = {
    (found["kind"], found["metadata"]["name"]): found
    for path in sorted(FOLDER.glob("*.yaml"))
    for found in yaml.safe_load_all(path.read_text("utf-8"))
}
PODS = {key: found for key, found in OBJECTS.items() if "template" in found.get("spec", {})}
VARIABLES = {variable.name for section in SECTIONS.values() for variable in section}

SECRETS: dict[str, dict[str, str]] = {
    "medlemsflyt-owner": {"DATABASE_PASSWORD": "a"},
    "medlemsflyt-commands": {
        "MEDLEMSFLYT_KEYS_DATABASE_URL": "postgresql://k:p@postgres.database.svc/medlemsflyt",
        "MEDLEMSFLYT_VAULT_TOKEN": "b",
    },
}
SECRETS["medlemsflyt-workflows"] = SECRETS["medlemsflyt-commands"]
for _name in ("persistence", "notifications"):
    SECRETS[f"medlemsflyt-{_name}"] = {
        **SECRETS["medlemsflyt-commands"],
        **SECRETS["medlemsflyt-owner"],
    }
SECRETS["medlemsflyt-gateway"] = {
    **SECRETS["medlemsflyt-persistence"],
    "MEDLEMSFLYT_GATEWAY_KEY": "made by chance, with 32 characters",
    "MEDLEMSFLYT_OIDC_CLIENT_SECRET": "c",
}
"""By the Secret that a pod mounts: what must be in it, beside the certificates."""

FILES = ("tls.crt", "tls.key", "database-ca.crt")
"""In each of them: our certificate for Temporal, and who has signed the database's."""

MOUNTED = "/run/secrets/medlemsflyt"


def strict(schema: Any) -> Any:
    """Return a schema that takes no field it does not know, as Kubernetes warns of them."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(value) for name, value in schema.items()}
    if isinstance(found.get("properties"), dict) and "$ref" not in found["properties"]:
        found.setdefault("additionalProperties", False)
    return found


@cache
def validators() -> dict[tuple[str, str], Draft202012Validator]:
    """Return what validates an object, by its version and kind."""
    own = json.loads((PUBLISHED / "kubernetes-1.37.json").read_text("utf-8"))
    found = {}
    for schema in own["$defs"].values():
        said = schema.get("properties", {})
        versions = said.get("apiVersion", {}).get("enum", ())
        for kind in said.get("kind", {}).get("enum", ()) if versions else ():
            whole = {**schema, "$defs": own["$defs"]}
            found[versions[0], kind] = Draft202012Validator(whole)
    meta = own["$defs"]["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]
    for name in ("temporal-worker-controller", "keda-2.20"):
        for one in json.loads((PUBLISHED / f"{name}.json").read_text("utf-8")):
            schema = strict(one["schema"])
            schema["properties"]["metadata"] = meta
            whole = {**schema, "$defs": own["$defs"]}
            version = f"{one['group']}/{one['version']}"
            found[version, one["kind"]] = Draft202012Validator(whole)
    return found


def faults(found: Json) -> list[str]:
    """Return what is wrong with an object, by the schema of its kind."""
    validator = validators()[found["apiVersion"], found["kind"]]
    return [error.message for error in validator.iter_errors(found)]


def container_of(found: Json) -> Json:
    """Return the one container of a pod."""
    (one,) = found["spec"]["template"]["spec"]["containers"]
    return dict(one)


def environment_of(found: Json, mounted: Path) -> dict[str, str]:
    """Return what the process of a pod is told, with its secrets in a folder."""
    pod = found["spec"]["template"]["spec"]
    (secret,) = [one["secret"] for one in pod["volumes"] if one["name"] == "secrets"]
    for name, value in {**SECRETS[secret["secretName"]], **dict.fromkeys(FILES, "x")}.items():
        (mounted / name).write_text(value, "utf-8")
    own = {one["name"]: one["value"] for one in container_of(found).get("env", ())}
    told = {}
    for source in container_of(found)["envFrom"]:
        told |= OBJECTS["ConfigMap", source["configMapRef"]["name"]]["data"]
    told |= own
    return {name: value.replace(MOUNTED, str(mounted)) for name, value in told.items()}


@pytest.mark.parametrize("key", sorted(OBJECTS), ids="/".join)
def test_an_object_is_what_is_published(key):
    """Each field is one that its kind has, with a value it takes."""
    assert faults(OBJECTS[key]) == []


def test_a_wrong_object_is_noticed():
    """A misspelt field, in a pod of Kubernetes' own as in those of its operators."""
    for kind, name, path in (
        ("Deployment", "persistence", ("spec", "template", "spec")),
        ("WorkerDeployment", "medlemsflyt", ("spec", "template", "spec")),
        ("WorkerDeployment", "medlemsflyt", ("spec", "rollout")),
        ("ScaledObject", "persistence", ("spec",)),
        ("NetworkPolicy", "nobody", ("spec",)),
    ):
        wrong = copy.deepcopy(OBJECTS[kind, name])
        inner = wrong
        for step in path:
            inner = inner[step]
        inner["replcas"] = 1
        assert faults(wrong), (kind, path)


@pytest.mark.parametrize("key", sorted(PODS), ids="/".join)
def test_a_pod_may_do_nothing_but_its_work(key):
    """No root, no capability, no file but those it is given, no token of the cluster."""
    pod, one = PODS[key]["spec"]["template"]["spec"], container_of(PODS[key])
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    own = one["securityContext"]
    assert own["readOnlyRootFilesystem"]
    assert not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert re.search(r":\d+\.\d+\.\d+$", one["image"])
    assert "memory" in one["resources"]["limits"]
    if key[0] != "Job":
        assert one["livenessProbe"]["httpGet"]["path"] == "/live"
        assert one["readinessProbe"]["httpGet"]["path"] == "/ready"
    mounted = {one["name"] for one in one["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}


@pytest.mark.parametrize("key", sorted(PODS), ids="/".join)
def test_a_process_starts_with_what_it_is_told(key, tmp_path):
    """Production takes its settings; each variable is one of ours, and each command is one."""
    told = environment_of(PODS[key], tmp_path)
    assert told.keys() <= VARIABLES
    found = load_settings({**told, "TEMPORAL_CONFIG_FILE": "/dev/null"})
    assert found.environment == "production"
    assert found.deployment is None
    command = container_of(PODS[key])["command"]
    assert command[0] == "medlemsflyt"
    assert run(*command[1:2], "--help").code == 0


def test_operators_read_which_secrets_to_make():
    """Each Secret stands in their guide with every variable and file that is in it."""
    guide = (ROOT / "docs" / "for-operators.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(medlemsflyt-[a-z-]+)` \| (.*) \|$", guide, re.MULTILINE))
    mounted = {
        volume["secret"]["secretName"]
        for found in PODS.values()
        for volume in found["spec"]["template"]["spec"]["volumes"]
        if "secret" in volume
    } | {OBJECTS["Connection", "temporal"]["spec"]["mutualTLSSecretRef"]["name"]}
    assert rows.keys() == mounted
    for name, values in SECRETS.items():
        assert set(re.findall(r"`([A-Z_]+)`", rows[name])) == values.keys()
    assert all(f"`{name}`" in guide for name in FILES)


def test_the_controller_names_the_build():
    """What it sets in each pod of a WorkerDeployment is what its worker tells the server."""
    told = {
        "TEMPORAL_CONFIG_FILE": "/dev/null",
        "TEMPORAL_DEPLOYMENT_NAME": "union/medlemsflyt",
        "TEMPORAL_WORKER_BUILD_ID": "0.4.0-1f3a",
    }
    found = load_settings(told)
    assert (found.deployment, found.build_id) == ("union/medlemsflyt", "0.4.0-1f3a")
    assert load_settings({**told, "MEDLEMSFLYT_BUILD_ID": "ours"}).build_id == "ours"


def selected(policy: Json) -> Iterator[str]:
    """Yield the parts that a policy of the network is about."""
    labels = policy["spec"]["podSelector"].get("matchLabels", {})
    for found in PODS.values():
        own = found["spec"]["template"]["metadata"]["labels"]
        if labels.items() <= own.items():
            yield own["part"]


def test_nobody_is_reached_but_for_what_is_said():
    """All are shut first; each pod may reach something; into the gateway alone comes a request."""
    policies = {key[1]: found for key, found in OBJECTS.items() if key[0] == "NetworkPolicy"}
    parts = {found["spec"]["template"]["metadata"]["labels"]["part"] for found in PODS.values()}
    nobody = policies.pop("nobody")
    assert nobody["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for kind, but in (("egress", {"names"}), ("ingress", {"operators"})):
        opened = {
            part
            for name, policy in policies.items()
            if policy["spec"].get(kind) and name not in but
            for part in selected(policy)
        }
        assert opened == (parts if kind == "egress" else {"gateway"})


def test_workers_are_added_by_the_queues_they_take():
    """Each queue of activities has a trigger, on the deployment whose worker asks it."""
    asked = {
        "persistence": {names.PERSISTENCE_QUEUE, names.BULK_QUEUE},
        "notifications": {
            names.NOTIFICATIONS_QUEUE,
            names.MAILINGS_QUEUE,
            names.DELIVERIES_QUEUE,
        },
    }
    found = {key[1]: found["spec"] for key, found in OBJECTS.items() if key[0] == "ScaledObject"}
    assert {
        spec["scaleTargetRef"]["name"]: {one["metadata"]["taskQueue"] for one in spec["triggers"]}
        for spec in found.values()
    } == asked
    # The connections of PostgreSQL are what bounds them (for-operators.md, More workers).
    assert found["persistence"]["maxReplicaCount"] == 3
    assert found["notifications"]["maxReplicaCount"] == 2
    assert all(("Deployment", name) in OBJECTS for name in asked)
