"""Gaussian mixtures with diagonal covariances: what a voice sounds like, frame by frame (Reynolds et al. 2000)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.float64]
_ROUNDS = 12
#: No dimension of a component gets narrower than this share of the whole's variance.
_LEAST_VARIANCE = 0.05
#: Frames worked on at a time; bounds the memory of long recordings.
_BLOCK = 1 << 15


@dataclass(frozen=True, slots=True)
class Mixture:
    """`weights` (components,), `means` and `variances` (components, dimensions)."""

    weights: Frames
    means: Frames
    variances: Frames

    def log_likelihood(self, frames: Frames) -> Frames:
        """Of each frame (frames, dimensions)."""
        parts = [_log_sum(self._joint(frames[at : at + _BLOCK])) for at in range(0, len(frames), _BLOCK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def shares(self, frames: Frames) -> Frames:
        """Share (0..1) of each component in each frame."""
        joint = self._joint(frames)
        return np.asarray(np.exp(joint - _log_sum(joint)[:, None]))

    def adapted(self, frames: Frames, relevance: float) -> Mixture:
        """The mixture with its means moved towards the frames, the further the more frames a component has."""
        counts, sums = np.zeros(len(self.weights)), np.zeros_like(self.means)
        for at in range(0, len(frames), _BLOCK):
            block = frames[at : at + _BLOCK]
            shares = self.shares(block)
            counts += shares.sum(axis=0)
            sums += shares.T @ block
        kept = (relevance / (counts + relevance))[:, None]
        return replace(self, means=kept * self.means + (1 - kept) * sums / np.maximum(counts, 1e-6)[:, None])

    def _joint(self, frames: Frames) -> Frames:
        inverse = 1 / self.variances
        distance = (
            (frames**2) @ inverse.T - 2 * frames @ (self.means * inverse).T + (self.means**2 * inverse).sum(axis=1)
        )
        spread = np.log(2 * np.pi * self.variances).sum(axis=1)
        return np.asarray(np.log(self.weights) - 0.5 * (spread + distance))


def fitted(frames: Frames, components: int) -> Mixture:
    """A mixture for the frames (expectation maximization). The same frames give the same mixture."""
    whole = frames.var(axis=0) + 1e-3
    # Every n-th frame of a recording is as good a start as a drawn one.
    starts = frames[np.linspace(0, len(frames) - 1, components).astype(int)]
    found = Mixture(np.full(components, 1 / components), starts, np.tile(whole, (components, 1)))
    for _ in range(_ROUNDS):
        shares = found.shares(frames)
        counts = shares.sum(axis=0) + 1e-6
        means = (shares.T @ frames) / counts[:, None]
        variances = (shares.T @ frames**2) / counts[:, None] - means**2
        found = Mixture(counts / counts.sum(), means, np.maximum(variances, _LEAST_VARIANCE * whole))
    return found


def _log_sum(joint: Frames) -> Frames:
    top = joint.max(axis=1)
    return np.asarray(top + np.log(np.exp(joint - top[:, None]).sum(axis=1)))
