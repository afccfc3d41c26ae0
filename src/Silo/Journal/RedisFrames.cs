namespace HallOps.Silo.Journal;

/// <summary>Takes one hall's records out of the entries of its stream, in order. Checksums are looked at, chains are not: they are the verification's (docs/decisions/0001).</summary>
internal sealed class RedisFrames(uint hall, long after)
{
    private bool _begun;
    private ulong _epoch;

    public uint Hall => hall;

    /// <summary>The last sequence taken.</summary>
    public long Last { get; private set; } = after;

    /// <returns>What is wrong; null: nothing. Records before it are taken.</returns>
    public string? Take(in RedisEntry entry, List<JournalRecord> to)
    {
        var next = entry.Last - entry.Count + 1;
        if (next > Last + 1) return FormattableString.Invariant($"records {Last + 1} to {next - 1} are missing before entry {entry}");
        // The first may begin with some that the reader has already.
        if (_begun && next <= Last) return FormattableString.Invariant($"entry {entry} has record {next} again");
        _begun = true;
        var walk = new FrameWalk(entry.Body);
        while (walk.Next())
        {
            if (walk.Broken) return FormattableString.Invariant($"record {next} at byte {walk.Offset} of entry {entry} does not fit its checksum");
            if (walk.Hall != hall) return FormattableString.Invariant($"a record of hall number {walk.Hall} is in entry {entry}");
            if (walk.Sequence < next) return FormattableString.Invariant($"entry {entry} has record {walk.Sequence} again");
            if (walk.Sequence > next) return FormattableString.Invariant($"records {next} to {walk.Sequence - 1} are missing in entry {entry}");
            if (walk.Epoch < _epoch) return FormattableString.Invariant($"record {next} in entry {entry} has epoch {walk.Epoch}, the one before it {_epoch}");
            _epoch = walk.Epoch;
            if (next > Last)
            {
                try
                {
                    to.Add(RecordFrame.ReadChecked(entry.Body.AsMemory(walk.Offset, walk.Bytes.Length), out _));
                }
                catch (Exception e) when (e is FormatException or OverflowException)
                {
                    return FormattableString.Invariant($"record {next}: {e.Message}");
                }
                Last = next;
            }
            next++;
        }
        return next == entry.Last + 1 ? null : FormattableString.Invariant($"record {next} is missing in entry {entry}");
    }
}
