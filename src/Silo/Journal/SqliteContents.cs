using HallOps.Core.Halls;
using Microsoft.Data.Sqlite;

namespace HallOps.Silo.Journal;

/// <summary>The journal of a folder as it lies there.</summary>
internal sealed class SqliteContents : JournalContents
{
    // Bytes of flushes that are read in one transaction and handed on.
    private const int PageBytes = 1 << 20;

    private readonly string _folder;
    private readonly SqliteReader _reader;

    public SqliteContents(string folder)
    {
        if (SqliteSchema.LookFirst(folder)) throw new JournalUnusableException($"there is no journal in {folder}");
        _folder = folder;
        _reader = Read(() => new SqliteReader(folder));
    }

    public override string Name => $"the journal in {_folder}";

    internal override ValueTask<bool> IsUnfinishedAsync() => new(Read(() => _reader.IsUnfinishedCopy));

    internal override ValueTask<ulong> StartsAsync() => new(Read(() => (ulong)_reader.Meta("starts")));

    internal override ValueTask<IReadOnlyList<ListedHall>> HallsAsync() =>
        new(Read<IReadOnlyList<ListedHall>>(() => [.. _reader.Halls().Select(h => new ListedHall(h.Number, new HallId(h.Name), 0, null))]));

    internal override ValueTask<IReadOnlyList<SnapshotPlace>> SnapshotsAsync() => new(Read(_reader.Snapshots));

    internal override ValueTask<(StoredSnapshot? Snapshot, bool IsThere)> SnapshotAsync(SnapshotPlace place) => new(Read(() =>
    {
        var snapshot = _reader.Snapshot(place);
        return (snapshot, snapshot is not null || _reader.Has(place));
    }));

    internal override IAsyncEnumerable<JournalBody> BodiesAsync(IReadOnlyList<ListedHall> halls, Action<string> wrong, CancellationToken cancel) => Bodies(wrong, cancel).ToAsyncEnumerable();

    private IEnumerable<JournalBody> Bodies(Action<string> wrong, CancellationToken cancel)
    {
        // Up to now: what is written meanwhile is left for the next time.
        var (checkpoint, last) = Read(() => (_reader.Meta("checkpoint"), _reader.LastPosition()));
        long next = 0;
        var page = new List<(long Position, byte[] Body)>();
        for (var from = 1L; from <= last; from = next)
        {
            cancel.ThrowIfCancellationRequested();
            page.Clear();
            if (Page(from, last, page) is { } missing)
            {
                wrong(missing.Wrong);
                next = missing.Next;
                continue;
            }
            if (page.Count == 0) break;
            foreach (var (position, body) in page)
            {
                if (next != 0 && position != next) wrong(FormattableString.Invariant($"flushes {next} to {position - 1} are missing"));
                next = position + 1;
                yield return new(FormattableString.Invariant($"flush {position}"), body);
            }
        }
        if (checkpoint > last + 1) wrong(FormattableString.Invariant($"flushes {last + 1} to {checkpoint - 1} are missing"));
    }

    /// <returns>Null, or an archive that cannot be read, and the first flush behind it.</returns>
    private (string Wrong, long Next)? Page(long from, long last, List<(long Position, byte[] Body)> page)
    {
        var at = from;
        try
        {
            return Read<(string, long)?>(() =>
            {
                var bytes = 0;
                _reader.From(from, (position, body) =>
                {
                    if (position > last) return false;
                    page.Add((position, body.ToArray()));
                    at = position + 1;
                    return (bytes += body.Length) < PageBytes;
                });
                return null;
            });
        }
        catch (JournalArchiveException e)
        {
            // What was read before it is handed on first; the next time begins with it.
            if (page.Count > 0) return null;
            var archive = Read(_reader.Archives).First(a => a.First <= at && a.Last >= at);
            return (FormattableString.Invariant($"flushes {at} to {archive.Last} are archived: {e.Message}"), archive.Last + 1);
        }
    }

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e)
        {
            throw SqliteSchema.Unusable(_folder, e);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }
}
