using System.Buffers.Binary;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;

namespace HallOps.Silo.Tests.Journal;

/// <summary>Writes one hall's records as an incarnation would: keeps its epoch, sequence and chain. Payloads are made from the sequence, so that a reader can tell whether they are right.</summary>
internal sealed class HallPen(uint number, string? name = null)
{
    private UInt128 _chain;

    public uint Number => number;
    public HallId Name { get; } = new(name ?? $"hall-{number}");
    public ulong Epoch { get; set; }
    public long Sequence { get; private set; }
    public UInt128 Chain => _chain;

    /// <summary>Claims and reads, as a load does, and goes on from what is stored.</summary>
    public async Task<HallHistory> Load(IJournal journal)
    {
        Epoch = await journal.ClaimAsync(number);
        var history = await journal.ReadAsync(number);
        Sequence = history.Head.Sequence;
        _chain = history.Tail is [.., var last] ? last.Chain : history.Snapshot is { } s ? BinaryPrimitives.ReadUInt128LittleEndian(s.Body.Span) : UInt128.Zero;
        return history;
    }

    /// <summary>The next records, not yet stored.</summary>
    public Append Next(int count, int payload = 40)
    {
        var to = new ByteWriter();
        var after = Sequence;
        for (var i = 0; i < count; i++)
        {
            Sequence++;
            var starts = i == 0;
            var record = new JournalRecord(number, Epoch, Sequence, 1_770_000_000_000 + Sequence, starts, starts ? "kiosk:k1" : "", starts ? (UInt128)Sequence : 0, starts ? (UInt128)7 : 0, 3, 1, default, default);
            _chain = RecordFrame.Write(to, record, Payload(Sequence, payload), _chain);
        }
        return new Append(number, Name, Epoch, after, count, to.ToArray());
    }

    /// <summary>The record that ends a service day, not yet stored.</summary>
    public Append EndDay(DateOnly day)
    {
        var (to, payload, after) = (new ByteWriter(), new ByteWriter(), Sequence++);
        var type = EventCodec.Write(payload, new DayEnded(day, day.AddDays(1), new Instant(0)));
        _chain = RecordFrame.Write(to, new JournalRecord(number, Epoch, Sequence, 1_770_000_000_000 + Sequence, true, "hall", 0, 0, type, 1, default, default), payload.Written, _chain);
        return new Append(number, Name, Epoch, after, 1, to.ToArray());
    }

    /// <summary>A snapshot at the last record written; its body begins with the chain there.</summary>
    public SnapshotWrite Snapshot(int size = 64)
    {
        var body = new byte[Math.Max(size, 24)];
        BinaryPrimitives.WriteUInt128LittleEndian(body, _chain);
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(16), Sequence);
        return new SnapshotWrite(number, Name, Epoch, Sequence, body);
    }

    public static byte[] Payload(long sequence, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++) bytes[i] = (byte)(sequence * 31 + i);
        return bytes;
    }

    public static Flush Flush(params Append[] appends) => Flush(appends, []);

    public static Flush Flush(Append[] appends, SnapshotWrite[] snapshots)
    {
        var body = new ByteWriter();
        foreach (var append in appends) body.Raw(append.Frames.Span);
        // The slices that the port asks for, so that an adapter that reads the one and not the other is seen.
        var memory = (ReadOnlyMemory<byte>)body.ToArray();
        var at = 0;
        var slices = new Append[appends.Length];
        for (var i = 0; i < appends.Length; i++)
        {
            slices[i] = appends[i] with { Frames = memory.Slice(at, appends[i].Frames.Length) };
            at += appends[i].Frames.Length;
        }
        return new Flush(memory, slices, snapshots);
    }
}
