using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>A folder that a journal is copied into. What comes together is put together again, hall by hall, into rows as a busy server writes them.</summary>
internal sealed class SqliteTarget : JournalTarget
{
    // A row, and with it a sync, for so many bytes: what a page of a reader holds.
    private const int RowBytes = 48 << 10;

    private readonly string _folder;
    private readonly FolderLock _lock;
    private readonly Dictionary<WalkedHall, (ByteWriter Frames, long Last)> _open = [];
    private readonly ByteWriter _body = new();

    // By hall: the first row that is still needed.
    private readonly Dictionary<uint, long> _needed = [];

    // By hall and snapshot: the first row with a record after it.
    private readonly Dictionary<(uint, long), long> _tails = [];

    private SqliteWriter? _writer;
    private long _position = 1;
    private int _bytes;

    public SqliteTarget(string folder)
    {
        _folder = folder;
        if (!SqliteSchema.LookFirst(folder)) throw IsThere(folder);
        _lock = FolderLock.Acquire(folder);
    }

    public override string Name => $"the journal in {_folder}";

    internal override ValueTask BeginAsync() => Do(() =>
    {
        if (!SqliteSchema.LookFirst(_folder)) throw IsThere(_folder);
        _writer = new SqliteWriter(_folder, new(), create: true, copying: true);
    });

    internal override ValueTask AddAsync(WalkedPart part)
    {
        if (!_open.TryGetValue(part.Hall, out var open)) open.Frames = new ByteWriter();
        open.Frames.Raw(part.Frames.Span);
        _open[part.Hall] = (open.Frames, part.After + part.Count);
        return (_bytes += part.Frames.Length) < RowBytes ? ValueTask.CompletedTask : FlushAsync();
    }

    internal override ValueTask FlushAsync() => Do(() =>
    {
        if (_open.Count == 0) return;
        _body.Clear();
        var fresh = new List<(uint, string)>();
        foreach (var (hall, (frames, last)) in _open)
        {
            _body.Raw(frames.Written);
            if (_needed.TryAdd(hall.Number, _position)) fresh.Add((hall.Number, hall.Name.Value));
            foreach (var snapshot in hall.Snapshots)
                if (last > snapshot.Sequence) _tails.TryAdd((hall.Number, snapshot.Sequence), _position);
        }
        if (fresh.Count == 0) _writer!.Commit(_position, _body.Written);
        else _writer!.Commit(_position, _body.Written, fresh, [], null);
        _position++;
        _open.Clear();
        _bytes = 0;
    });

    internal override ValueTask SnapshotAsync(WalkedHall hall, StoredSnapshot snapshot) => Do(() =>
    {
        var tail = _tails.GetValueOrDefault((hall.Number, snapshot.Sequence), _position);
        _writer!.Commit(_position, [], [], [new SnapshotRow(hall.Number * 2L, hall.Number, snapshot.Epoch, snapshot.Sequence, tail, snapshot.Body)], null);
        _needed[hall.Number] = tail;
    });

    internal override ValueTask<JournalContents> ContentsAsync() => new(new SqliteContents(_folder));

    internal override ValueTask FinishAsync(ulong starts) => Do(() =>
    {
        _writer!.Commit(_position, [], [], [], _needed.Values.Append(_position).Min());
        _writer.Start(starts);
        _writer.Finish();
    });

    public override ValueTask DisposeAsync()
    {
        _writer?.Dispose();
        _lock.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask Do(Action write)
    {
        try
        {
            write();
            return ValueTask.CompletedTask;
        }
        catch (SqliteException e)
        {
            throw new JournalUnusableException($"{Name} cannot be written: {SqliteSchema.OneLine(e.Message)}", e);
        }
    }

    private static JournalUnusableException IsThere(string folder)
    {
        try
        {
            using var reader = new SqliteReader(folder);
            return reader.IsUnfinishedCopy ? SqliteSchema.Unfinished(folder) : new($"{folder} has a journal already");
        }
        catch (SqliteException e)
        {
            return SqliteSchema.Unusable(folder, e);
        }
    }
}
