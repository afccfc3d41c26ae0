namespace HallOps.Silo.Journal;

/// <summary>Collects one hall's records out of flushes, in order, copied so that SQLite's memory may go. Checksums are looked at, chains are not: `journal verify` does that (docs/decisions/0001).</summary>
internal sealed class HallFrames(SqliteHall hall, long after)
{
    private readonly ByteWriter _frames = new();
    private readonly long _after = after;
    private string? _broken;
    private int _count;
    private ulong _epoch;

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
            if (walk.Broken)
            {
                _broken = FormattableString.Invariant($"flush {position} has {walk.Bytes.Length} bytes at {walk.Offset} that fit no checksum");
            }
            else if (walk.Hall == hall.Number && walk.Sequence > _after)
            {
                if (walk.Sequence != Last + 1)
                {
                    _broken = FormattableString.Invariant($"flush {position} has record {walk.Sequence} instead");
                    return false;
                }
                _frames.Raw(walk.Bytes);
                Last++;
                _count++;
            }
        }
        return true;
    }

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
