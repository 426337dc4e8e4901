"""Clusters to test with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.embedded.kubernetes.cluster_world import CONFIG_MAP, FAST, GAME, NAMESPACE, SETTINGS, STORAGE_CLASS, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh cluster of Kubernetes 1.35."""
    return World(tmp_path)


@pytest.fixture
def game(world: World) -> World:
    """A cluster with a namespace, a ConfigMap and a StorageClass that a StatefulSet needs."""
    world.make(NAMESPACE, GAME)
    world.make(CONFIG_MAP, SETTINGS)
    world.make(STORAGE_CLASS, FAST)
    return world
