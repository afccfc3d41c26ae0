using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>Follows one hall's records, checksum and chain, and knows up to which of them its days are closed and over before a date.</summary>
/// <param name="before">Days from this one on stay.</param>
/// <param name="after">The sequence the first record follows.</param>
/// <param name="chain">Of that record; null where it is not known.</param>
internal sealed class ClosedDays(uint hall, DateOnly before, long after, UInt128? chain)
{
    private UInt128? _chain = after == 0 ? UInt128.Zero : chain;

    public long Last { get; private set; } = after;

    /// <summary>The record that ends the last such day; what was before it where there is none.</summary>
    public long Closed { get; private set; } = after;

    /// <summary>The day that goes on at the last record; null where none has ended.</summary>
    public DateOnly? Day { get; private set; }

    /// <summary>What is wrong: nothing from here on may go.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Takes the hall's next record; after one that does not fit, none.</summary>
    public void Take(ReadOnlyMemory<byte> frame)
    {
        if (Wrong is not null) return;
        try
        {
            var record = RecordFrame.Read(frame, out _, _chain);
            if (record.Hall != hall || record.Sequence != Last + 1) throw new FormatException(FormattableString.Invariant($"it is record {record.Sequence} of hall number {record.Hall}"));
            (Last, _chain) = (record.Sequence, record.Chain);
            if (record.Type != EventCodec.DayEndedType || EventCodec.Read(record.Type, record.Version, record.Payload.Span) is not DayEnded ended) return;
            Day = ended.NextDay;
            if (ended.Day < before) Closed = Last;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            Is(FormattableString.Invariant($"record {Last + 1} is damaged: {e.Message.TrimEnd('.')}"));
        }
    }

    public void Is(string wrong) => Wrong ??= wrong;
}
