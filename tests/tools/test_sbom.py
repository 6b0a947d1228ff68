"""The bill of materials names every locked package once, with the hashes that installing checks."""

import json
import re

from tools.sbom import LOCKS, ROOT, document


def test_every_locked_package_is_on_the_bill_with_its_hashes():
    bill = document()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    names = {one["bom-ref"] for one in bill["components"]}
    assert len(names) == len(bill["components"])
    for lock in LOCKS:
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.MULTILINE):
            assert f"pkg:pypi/{name.lower().replace('_', '-')}@{version}" in names
    assert all(one["hashes"] for one in bill["components"])
    assert any(one["purl"].startswith("pkg:npm/htmx") for one in bill["components"])
    assert document() == json.loads(json.dumps(bill))
