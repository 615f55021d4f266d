"""`latido verify`: what the pipeline says, against a recomputation from the input log. Drift must be 0.

Everything is compared as of one transaction of each partition, while events stream in. Each
transaction writes its outputs and the partition's watermark together, and the watermark holds
the input positions and the sequence that the outputs had reached. But compacted topics move
on while they are read, and a commit reaches the partitions it touches one after another. So:

1. Read the compacted topics to their high watermarks (of uncommitted records too: what is open there is
   waited for). Later values of a key may be read already; that only moves the pin.
2. Read the clock. Then take the last watermark below the high watermark of `watermarks.v1`, sampled now.
   Its transaction is the pin: every transaction seen in step 1 had appended its watermark before it
   committed, so none of them is later than the pin.
3. Read the clock again. A new step might lie on either side of the pin (a step carries no sequence): if
   there is one, go back to step 2. Steps are rare, so this ends.
4. Read the changes and dead letters, then the tails of the compacted topics to high watermarks sampled
   after that: the pin's outputs were appended before it was seen, so they are all there. A row above
   the pin's sequence is later than the pin: it is put aside, and its key is `moving`.
5. If a midnight is being applied (a contact's boundary has come), go back to step 2 until it is.

The one thing this cannot exclude is that compaction removed a moving key's value between the first
reading and the tail. So a disagreement about a moving key is not drift: the partition is pinned again.

Inputs are read to the pin's positions and judged by the same checks as the agent's, with one
addition: whatever came before the account was `opened` in the partition cannot have been used.
Partitions are done one at a time; nothing is kept of one but its rows for ClickHouse, on disk.

ClickHouse is compared with the compacted topics (which equal the recomputation) in the same manner: read the
tails, wait until the sink has passed them, dump, read the tails again; what moved meanwhile is left out.
"""

from streams.verify.drift import Drift, Finding, Kind, VerifyFailed
from streams.verify.run import VerifyOptions, verify

__all__ = ["Drift", "Finding", "Kind", "VerifyFailed", "VerifyOptions", "verify"]
