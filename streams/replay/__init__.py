"""`latido replay`: the state of every partition, anew from the first record of the inputs.

Topics keep their names. Subscribers read contact-profiles.v1, and a name that changed with every rebuild
would make each of them follow it. What distinguishes generations is the sequence of every row (`generation
<< 40 | effects so far`), the transactional id (`activity-<generation>-<partition>`), and an offset for each
changelog, kept in the watermark: the generation's records begin there, and a restore reads nothing that
lies before. So nothing has to be copied under another name, and old and new can never be mixed up.

1. Rebuild, beside the running workers, in this process. Inputs are folded by the production fold in the
   order that clock.v1 recorded: up to the positions of each step, then the step (openings, days, removals),
   as the result of interactions and removals depends on it. What became a dead letter stays one: it was
   counted as such. Of all this nothing is written; orders and interactions as they came wait in a file.
2. Once little is left to read, hold the partitions (`engine.hold`: restarting workers wait, for no longer
   than a minute after this process died), then take over the transactional id of the present generation.
   That fences the worker, aborts what it had open, and makes the last watermark final.
3. Follow the log to exactly that watermark. Compare with what the changelogs hold.
4. Write, in one transaction under that same id: every row with the new generation's sequence, a tombstone
   for every key that only the old one had, and the watermark, which names the next generation. Whoever took
   the id over in the meantime, after the hold, makes this commit fail; whoever comes after it reads the new
   generation. There is no moment at which two generations are written to, or none is in force.
5. Release, then delete the records before the new beginnings.

Killed at any moment, it has either switched a partition or changed nothing of it; run again, it does
everything again, each partition going on from the generation it has.

Nothing fires. Milestones are not announced again, and of the changes that the fold sees on its way none is
written: how a contact came to stand where it stands was told when it happened. The chain of changes goes on
from what segment-changes.v1 says was told last: its `seq` is the contact's number of changes, its
`to_segment` where the contact stands for everybody who listens. Only a contact who stands elsewhere by the
recomputation gets one change, of cause recalibration and historical, so that no automation takes it for
news. A contact whom a midnight in progress had not reached yet keeps its old standing; the worker settles
it, as decay, on time.
"""
