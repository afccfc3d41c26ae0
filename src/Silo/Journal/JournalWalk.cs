using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>
/// Goes through all that a store has, once: every record's checksum and chain, no holes and none twice, epochs that never go down. What verifies a journal and what copies one see the same.
/// </summary>
internal sealed class JournalWalk
{
    private readonly JournalContents _journal;
    private readonly SortedDictionary<uint, WalkedHall> _halls = [];

    private JournalWalk(JournalContents journal) => _journal = journal;

    /// <summary>What stands beside the halls: snapshots of halls that the directory does not know.</summary>
    public IReadOnlyList<uint> Orphans { get; private init; } = [];

    /// <summary>By number.</summary>
    public IReadOnlyCollection<WalkedHall> Halls => _halls.Values;

    /// <param name="decode">What else must be right with a record.</param>
    public static async Task<JournalWalk> StartAsync(JournalContents journal, JournalVerify.DecodeRecord? decode)
    {
        // Snapshots before records and records up to now, so that no snapshot is ahead of what is read.
        var snapshots = (await journal.SnapshotsAsync()).ToLookup(s => s.Hall);
        var halls = await journal.HallsAsync();
        var walk = new JournalWalk(journal) { Orphans = [.. snapshots.Select(s => s.Key).Where(number => !halls.Any(h => h.Number == number))] };
        foreach (var hall in halls) walk._halls.Add(hall.Number, new WalkedHall(hall, [.. snapshots[hall.Number]], decode));
        return walk;
    }

    /// <param name="wrong">Told what is wrong and of which it cannot be told whose it is; what is a hall's is in <see cref="WalkedHall.Wrong"/>.</param>
    /// <param name="walked">What became of a body, where somebody wants to know: its whole records, hall by hall.</param>
    public async Task RunAsync(Action<string> wrong, Func<IReadOnlyList<WalkedPart>, ValueTask>? walked, CancellationToken cancel)
    {
        var parts = new List<WalkedPart>();
        await foreach (var body in _journal.BodiesAsync([.. _halls.Values.Select(h => h.Listed)], wrong, cancel))
        {
            cancel.ThrowIfCancellationRequested();
            parts.Clear();
            Take(body, wrong, walked is null ? null : parts);
            if (walked is not null && parts.Count > 0) await walked(parts);
        }
        foreach (var hall in _halls.Values) hall.End();
    }

    /// <summary>One of a hall's snapshots, and what is wrong with it; neither where a newer one has taken its place meanwhile.</summary>
    public async ValueTask<(StoredSnapshot? Snapshot, string? Wrong)> SnapshotAsync(WalkedHall hall, SnapshotPlace place, JournalVerify.DecodeSnapshot? decode)
    {
        var (snapshot, isThere) = await _journal.SnapshotAsync(place);
        if (snapshot is null) return (null, isThere ? FormattableString.Invariant($"the snapshot at {place.Sequence} does not fit its checksum") : null);
        if (place.Sequence > hall.Last) return (null, FormattableString.Invariant($"the snapshot at {place.Sequence} is ahead of the last record, {hall.Last}"));
        try
        {
            return decode?.Invoke(place.Hall, snapshot) is { } chain && hall.At.TryGetValue(place.Sequence, out var at) && chain != at.Chain
                ? (null, FormattableString.Invariant($"the snapshot at {place.Sequence} was taken of another history"))
                : (snapshot, null);
        }
        catch (FormatException e)
        {
            return (null, FormattableString.Invariant($"the snapshot at {place.Sequence} cannot be read: {e.Message}"));
        }
    }

    private void Take(in JournalBody body, Action<string> wrong, List<WalkedPart>? parts)
    {
        var walk = new FrameWalk(body.Bytes.Span);
        while (walk.Next())
        {
            var where = FormattableString.Invariant($"at byte {walk.Offset} of {body.Where}");
            if (walk.Broken) Broken(body, walk, where, wrong);
            else if (body.Hall is { } only && walk.Hall != only) _halls[only].Is(FormattableString.Invariant($"a record of hall number {walk.Hall} is {where}"));
            else if (!_halls.TryGetValue(walk.Hall, out var hall)) wrong(FormattableString.Invariant($"a record of hall number {walk.Hall} {where}, which the directory does not know"));
            else if (hall.Take(body.Bytes.Slice(walk.Offset, walk.Bytes.Length), where)) Add(parts, hall, body.Bytes, walk.Offset, walk.Bytes.Length);
        }
        if (body.Hall is { } owner && _halls[owner] is var its && its.Last != body.Last) its.Is(FormattableString.Invariant($"{body.Where} ends with record {its.Last}"));
    }

    private void Broken(in JournalBody body, in FrameWalk walk, string where, Action<string> wrong)
    {
        // Of a hall's own stream it is known whose it is; elsewhere what stands in it must say so, and say what comes next.
        var claimed = body.Hall is { } only ? (only, _halls[only].Last + 1) : walk.Repaired() ?? walk.Claimed();
        if (claimed is var (number, sequence) && _halls.TryGetValue(number, out var hall) && sequence == hall.Last + 1)
            hall.Skip(sequence, FormattableString.Invariant($"record {sequence} {where} does not fit its checksum"));
        else
            wrong($"{walk.Bytes.Length} bytes {where} fit no checksum, and it cannot be told whose they are");
    }

    private static void Add(List<WalkedPart>? parts, WalkedHall hall, ReadOnlyMemory<byte> body, int offset, int length)
    {
        if (parts is null) return;
        if (parts is [.., var last] && last.Hall == hall && last.Offset + last.Frames.Length == offset) parts[^1] = last with { Count = last.Count + 1, Frames = body.Slice(last.Offset, last.Frames.Length + length) };
        else parts.Add(new(hall, hall.Last - 1, 1, offset, body.Slice(offset, length)));
    }
}

/// <summary>A hall's consecutive records out of one body.</summary>
/// <param name="After">The sequence they follow.</param>
/// <param name="Offset">Where they begin in the body.</param>
internal readonly record struct WalkedPart(WalkedHall Hall, long After, int Count, int Offset, ReadOnlyMemory<byte> Frames);

/// <summary>What a walk has seen of a hall.</summary>
/// <param name="snapshots">In the order of their sequences.</param>
internal sealed class WalkedHall(ListedHall listed, SnapshotPlace[] snapshots, JournalVerify.DecodeRecord? decode)
{
    // Unknown after a broken record, and before the first one where older days are archived.
    private UInt128? _chain;
    private ulong _epoch;

    public ListedHall Listed => listed;
    public uint Number => listed.Number;
    public HallId Name => listed.Name;
    public SnapshotPlace[] Snapshots => snapshots;
    public long Records { get; private set; }
    public long Last { get; private set; }

    /// <summary>Of the last record; 0 where it is not known.</summary>
    public UInt128 Chain => _chain ?? 0;

    /// <summary>The highest epoch of its records.</summary>
    public ulong Epoch => _epoch;

    /// <summary>The first thing found wrong.</summary>
    public string? Wrong { get; private set; } = listed.Wrong;

    /// <summary>Chain and epoch of the records that snapshots were taken after, by sequence.</summary>
    public Dictionary<long, (UInt128 Chain, ulong Epoch)> At { get; } = [];

    public void Is(string wrong) => Wrong ??= wrong;

    public void Skip(long sequence, string wrong)
    {
        Is(wrong);
        Last = sequence;
        _chain = null;
    }

    /// <returns>Whether it goes on with it, whole.</returns>
    public bool Take(ReadOnlyMemory<byte> frame, string where)
    {
        Records++;
        var (_, _, sequence) = RecordFrame.Peek(frame.Span, out _);
        if (sequence <= Last)
        {
            Is(FormattableString.Invariant($"record {sequence} {where} is there twice"));
            return false;
        }
        if (sequence > Last + 1)
        {
            Is(FormattableString.Invariant($"records {Last + 1} to {sequence - 1} are missing before {where[3..]}"));
            _chain = null;
        }
        else if (sequence == 1)
        {
            _chain = UInt128.Zero;
        }
        Last = sequence;
        try
        {
            var record = RecordFrame.Read(frame, out _, _chain);
            if (record.Epoch < _epoch) Is(FormattableString.Invariant($"record {sequence} {where} has epoch {record.Epoch}, the one before it {_epoch}"));
            _epoch = Math.Max(_epoch, record.Epoch);
            _chain = record.Chain;
            if (Array.Exists(snapshots, s => s.Sequence == sequence)) At[sequence] = (record.Chain, record.Epoch);
            decode?.Invoke(record);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            Is(FormattableString.Invariant($"record {sequence} {where}: {e.Message}"));
            _chain = null;
            return false;
        }
    }

    public void End()
    {
        if (Last == 0) Is("none of its records is there");
        else if (Last < listed.Last) Is(FormattableString.Invariant($"records {Last + 1} to {listed.Last} are missing"));
    }
}
