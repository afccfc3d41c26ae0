namespace HallOps.Silo.Journal;

/// <summary>Collects one hall's records out of flushes, in order, copied so that SQLite's memory may go. Checksums are looked at, chains are not: `journal verify` does that (docs/decisions/0001).</summary>
internal sealed class HallFrames(SqliteHall hall, long after)
{
    private readonly ByteWriter _frames = new();
    private readonly long _after = after;
    private string? _broken;
    private int _count;
    private ulong _epoch;

    public SqliteHall Hall { get; } = hall;

    /// <summary>The last sequence collected.</summary>
    public long Last { get; private set; } = after;

    /// <summary>Bytes collected since the last <see cref="Parse"/>.</summary>
    public int Length => _frames.Length;

    /// <summary>Takes the hall's records that follow those it has; false where there is a hole or one comes twice.</summary>
    public bool Take(long position, ReadOnlySpan<byte> body)
    {
        var walk = new FrameWalk(body);
        while (walk.Next())
        {
            if (walk.Broken) Broke(position, walk);
            else if (walk.Hall == Hall.Number && !Take(position, walk)) return false;
        }
        return true;
    }

    /// <summary>Takes of each of these halls the records that follow those it has, in one walk.</summary>
    /// <param name="halls">By number.</param>
    /// <param name="taken">Grows by the bytes taken.</param>
    /// <returns>The one with a hole, or in which a record comes twice; null: none.</returns>
    public static HallFrames? Take(Dictionary<uint, HallFrames> halls, long position, ReadOnlySpan<byte> body, ref long taken)
    {
        var walk = new FrameWalk(body);
        while (walk.Next())
        {
            if (walk.Broken)
                foreach (var one in halls.Values) one.Broke(position, walk);
            else if (halls.TryGetValue(walk.Hall, out var its))
            {
                if (!its.Take(position, walk)) return its;
                taken += walk.Bytes.Length;
            }
        }
        return null;
    }

    private bool Take(long position, in FrameWalk walk)
    {
        if (walk.Sequence <= _after) return true;
        if (walk.Sequence != Last + 1)
        {
            _broken = FormattableString.Invariant($"flush {position} has record {walk.Sequence} instead");
            return false;
        }
        _frames.Raw(walk.Bytes);
        Last++;
        _count++;
        return true;
    }

    private void Broke(long position, in FrameWalk walk) => _broken = FormattableString.Invariant($"flush {position} has {walk.Bytes.Length} bytes at {walk.Offset} that fit no checksum");

    /// <summary>What is wrong where the next record did not turn up.</summary>
    public string Missing(long? position) => FormattableString.Invariant($"record {Last + 1} is missing")
        + (position is null ? "" : FormattableString.Invariant($" in flush {position}")) + (_broken is null ? "" : $"; {_broken}");

    /// <summary>The records collected since the last time, added to <paramref name="records"/>.</summary>
    /// <exception cref="FormatException">A record whose fields do not fit its length, or an epoch below the one before.</exception>
    public void Parse(List<JournalRecord> records)
    {
        records.EnsureCapacity(records.Count + _count);
        ReadOnlyMemory<byte> frames = _frames.ToArray();
        _frames.Clear();
        _count = 0;
        while (!frames.IsEmpty)
        {
            JournalRecord record;
            try
            {
                record = RecordFrame.ReadChecked(frames, out var consumed);
                frames = frames[consumed..];
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                var (_, _, sequence) = RecordFrame.Peek(frames.Span, out _);
                throw new FormatException(FormattableString.Invariant($"record {sequence}: {e.Message}"), e);
            }
            if (record.Epoch < _epoch) throw new FormatException(FormattableString.Invariant($"record {record.Sequence} has epoch {record.Epoch}, the one before it {_epoch}"));
            _epoch = record.Epoch;
            records.Add(record);
        }
    }
}
