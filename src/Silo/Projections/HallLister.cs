using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Projections;

/// <summary>
/// Writes the list of halls, the table <c>halls</c>: the entries of those that changed, at most once a second each unless somebody waits for one. What another process wrote of
/// a later sequence stays. Safe from any thread.
/// </summary>
internal sealed partial class HallLister(Func<CancellationToken, ValueTask<DbConnection>> open, IHallListings? listed, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly Column[] Columns =
    [
        Column.Number("number"), Column.Text("hall"), Column.Text("name_zh"), Column.Text("name_en"), Column.Text("region"), new("longitude", System.Data.DbType.Double), new("latitude", System.Data.DbType.Double), Column.Text("kind"),
        new("level", System.Data.DbType.Int32), new("open", System.Data.DbType.Boolean), new("waiting", System.Data.DbType.Int32), Column.Text("estimate_json"), Column.Number("next_at"), Column.Text("opens_at"), Column.Number("sequence"), Column.Text("zone"),
    ];

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<uint> _unlisted = [];
    private readonly List<(uint Hall, TaskCompletionSource Done)> _waiting = [];
    private HashSet<uint> _inWork = [];
    private TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private long? _listedAt;

    public void Start(IHalls halls) => _running = Task.Run(() => RunAsync(halls, _stop.Token));

    /// <summary>These halls have other rows than their entries say.</summary>
    public void Changed(IEnumerable<uint> halls)
    {
        lock (_gate)
        {
            _unlisted.UnionWith(halls);
            if (_unlisted.Count > 0) _called.TrySetResult();
        }
    }

    /// <summary>Completes when the entry of a hall is not behind its rows.</summary>
    public async Task ListedAsync(uint hall, CancellationToken cancel)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_unlisted.Contains(hall) && !_inWork.Contains(hall)) return;
            _waiting.Add((hall, done));
            _hurry.TrySetResult();
        }
        try
        {
            await done.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            lock (_gate) _waiting.RemoveAll(w => w.Done == done);
            throw;
        }
    }

    private async Task RunAsync(IHalls halls, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = await open(cancel);
                await using var write = RowWrite.Upsert(connection, "halls", Columns, 1, "excluded.sequence >= halls.sequence");
                while (true)
                {
                    await WaitAsync(cancel);
                    await ListAsync(halls, connection, write, cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // What is not listed stays remembered.
            catch (Exception failed)
            {
                LogBehind(log, failed);
                await Task.Delay(Every, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until something is to be listed and the last time is a second ago, unless somebody waits for an entry.</summary>
    private async Task WaitAsync(CancellationToken cancel)
    {
        Task called, hurry;
        lock (_gate)
        {
            if (_called.Task.IsCompleted && _unlisted.Count == 0) _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
            called = _called.Task;
        }
        await called.WaitAsync(cancel);
        lock (_gate)
        {
            if (_waiting.Count > 0) return;
            if (_hurry.Task.IsCompleted) _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
            hurry = _hurry.Task;
        }
        if (_listedAt is not { } last) return;
        var since = time.GetElapsedTime(last);
        if (since >= Every) return;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(hurry, Task.Delay(Every - since, time, enough.Token));
        await enough.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private async Task ListAsync(IHalls halls, DbConnection connection, RowWrite write, CancellationToken cancel)
    {
        List<(uint Hall, TaskCompletionSource Done)> waiting;
        _listedAt = time.GetTimestamp();
        // What changes from here on is listed the next time, even if this time has it already.
        lock (_gate)
        {
            _inWork = [.. _unlisted];
            _unlisted.Clear();
            waiting = [.. _waiting];
            _waiting.Clear();
        }
        try
        {
            await WriteAsync(halls, connection, write, [.. _inWork], cancel);
        }
        catch
        {
            Changed(_inWork);
            lock (_gate)
            {
                _waiting.AddRange(waiting);
                _inWork = [];
            }
            throw;
        }
        lock (_gate)
        {
            _inWork = [];
            // And those who came meanwhile for an entry that was being written.
            waiting.AddRange(_waiting.Where(w => !_unlisted.Contains(w.Hall)));
            _waiting.RemoveAll(w => !_unlisted.Contains(w.Hall));
        }
        foreach (var (_, done) in waiting) done.TrySetResult();
    }

    private async Task WriteAsync(IHalls halls, DbConnection connection, RowWrite write, uint[] unlisted, CancellationToken cancel)
    {
        // Read first: a hall may have to load, and the database's one writer is not kept waiting for that.
        var listings = new List<(uint Number, HallListing Listing)>(unlisted.Length);
        var later = new List<uint>();
        foreach (var number in unlisted)
        {
            var (listing, isLater) = await ListingOfAsync(halls, number, cancel);
            if (listing is not null) listings.Add((number, listing));
            else if (isLater) later.Add(number);
        }
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            foreach (var (number, listing) in listings)
            {
                Fill(write, number, listing);
                await write.RunAsync(transaction, cancel);
            }
            await transaction.CommitAsync(cancel);
        }
        Changed(later);
        if (listed is not null && listings.Count > 0) await listed.ListedAsync([.. listings.Select(l => l.Listing)], cancel);
    }

    /// <summary>Without a listing the hall keeps the entry it had: for good where it stands still, else until the next time.</summary>
    private async ValueTask<(HallListing? Listing, bool IsLater)> ListingOfAsync(IHalls halls, uint number, CancellationToken cancel)
    {
        // Its rows may be here sooner than the word that another node has made it.
        if (halls.Find(number) is not { } hall) return (null, true);
        try
        {
            return (await halls.ReadAsync(hall.Hall, new ReadListing(), cancel), false);
        }
        catch (HallUnavailableException stopped) when (stopped.Status == AnswerStatus.NotRecorded)
        {
            // The next start lists those whose entries are behind their rows.
            return (null, false);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogUnlisted(log, failed, hall.Hall.Value);
            return (null, failed is HallUnavailableException { Status: not AnswerStatus.Quarantined });
        }
    }

    private static void Fill(RowWrite to, uint number, HallListing listing)
    {
        to.Set(0, (long)number);
        to.Set(1, listing.Hall);
        to.Set(2, listing.Name.Zh);
        to.Set(3, listing.Name.En);
        to.Set(4, JsonSerializer.Serialize(listing.Region, FeedJson.Options));
        to.Set(5, listing.Location?.Longitude);
        to.Set(6, listing.Location?.Latitude);
        to.Set(7, TableWord.Of(listing.Kind));
        to.Set(8, (long?)listing.Level);
        to.Set(9, listing.Open);
        to.Set(10, (long)listing.Waiting);
        to.Set(11, listing.Estimate is null ? null : JsonSerializer.Serialize(listing.Estimate, FeedJson.Options));
        to.Set(12, listing.NextAt?.Milliseconds);
        to.Set(13, listing.OpensAt?.ToString("O", CultureInfo.InvariantCulture));
        to.Set(14, listing.Sequence);
        to.Set(15, listing.Zone);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [LoggerMessage(122, LogLevel.Warning, "Hall {Hall} cannot be read for the list of halls, which keeps what it has of it.")]
    private static partial void LogUnlisted(ILogger log, Exception failed, string hall);

    [LoggerMessage(123, LogLevel.Warning, "The list of halls cannot be written and is tried again.")]
    private static partial void LogBehind(ILogger log, Exception failed);
}
