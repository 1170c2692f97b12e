"""The restricted Pod Security Standard of Kubernetes, as far as a pod of ours could break it.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (Baseline and Restricted, as of Kubernetes 1.34).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
}
CONFINED = {"RuntimeDefault", "Localhost"}
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def offences(pod: dict[str, Any]) -> Iterator[str]:
    """What the admission controller would object to in the spec of a pod, in its own order."""
    whole = pod.get("securityContext", {})
    yield from (each for each in ("hostNetwork", "hostPID", "hostIPC") if pod.get(each))
    for volume in pod.get("volumes", []):
        yield from (f"volume {volume['name']}: {kind}" for kind in volume.keys() - {"name"} - VOLUMES)
    yield from (f"sysctl {each['name']}" for each in whole.get("sysctls", []) if each["name"] not in SAFE_SYSCTLS)
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for each in pod.get(kind, []):
            yield from (f"container {each['name']}: {said}" for said in _of(each, whole))


def _of(container: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    said = {**whole, **own}
    added = set(own.get("capabilities", {}).get("add", []))
    wrong = {
        "privileged": own.get("privileged", False),
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
        "runAsNonRoot": said.get("runAsNonRoot") is not True,
        "runAsUser": said.get("runAsUser") == 0,
        "seccompProfile": said.get("seccompProfile", {}).get("type") not in CONFINED,
        "capabilities are kept": "ALL" not in own.get("capabilities", {}).get("drop", []),
        "capabilities are added": not added <= {"NET_BIND_SERVICE"},
        "procMount": own.get("procMount", "Default") != "Default",
        "appArmorProfile": said.get("appArmorProfile", {"type": "RuntimeDefault"}).get("type") not in CONFINED,
        "seLinuxOptions": bool(said.get("seLinuxOptions")),
        "hostPort": any(each.get("hostPort") for each in container.get("ports", [])),
        "a probe or hook names a host": any("host" in ask for ask in _asked(container)),
    }
    yield from (name for name, found in wrong.items() if found)


def _asked(container: dict[str, Any]) -> Iterator[dict[str, Any]]:
    hooks = [*(container.get(each, {}) for each in PROBES), *container.get("lifecycle", {}).values()]
    return (hook[way] for hook in hooks for way in ("httpGet", "tcpSocket") if way in hook)
