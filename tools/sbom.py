"""
The software bill of materials from the lock files: python tools/sbom.py [FILE]

CycloneDX 1.6 as JSON: every locked Python package with the hashes that installing checks, every front-end package with its
integrity. Nothing is asked of a registry; the same lock files give the same document.
"""

import base64
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-boot.txt")  # what an installation runs on; developers' tools are left out
NODE_LOCK = "package-lock.json"
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMESPACE = uuid.UUID("6f0c2f43-7a5e-5d1c-9a56-0c9f3f6a2f11")


def python_components(text: str) -> Iterator[dict[str, Any]]:
    """Yield a component per pinned package of a requirement lock."""
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        pinned = _PINNED.match(block.strip())
        if pinned is None:
            continue
        name, version = pinned[1].lower().replace("_", "-"), pinned[2]
        yield {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "hashes": [{"alg": "SHA-256", "content": one} for one in sorted(set(_HASH.findall(block)))],
        }


def node_components(lock: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a component per package of a package lock, those that only build left out."""
    for place, one in sorted(lock["packages"].items()):
        if not place or one.get("dev"):
            continue
        name = place.rpartition("node_modules/")[2]
        purl = f"pkg:npm/{name.replace('@', '%40', 1)}@{one['version']}"
        algorithm, _dash, digest = one.get("integrity", "").partition("-")
        hashes = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}] if digest else []
        yield {
            "type": "library", "bom-ref": purl, "name": name, "version": one["version"], "purl": purl, "hashes": hashes,
        }  # fmt: skip


def document() -> dict[str, Any]:
    """Return the bill of this working copy."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = [one for lock in LOCKS for one in python_components((ROOT / lock).read_text())]
    found += node_components(json.loads((ROOT / NODE_LOCK).read_text()))
    components = sorted({one["bom-ref"]: one for one in found}.values(), key=lambda one: str(one["bom-ref"]))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, json.dumps(components, sort_keys=True))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": "huitou", "name": project["name"], "version": project["version"],
            },
        },
        "components": components,
        "dependencies": [{"ref": "huitou", "dependsOn": [one["bom-ref"] for one in components]}],
    }  # fmt: skip


def main() -> None:
    """Write the bill to the named file, else to standard output."""
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(sys.argv[1]).write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
