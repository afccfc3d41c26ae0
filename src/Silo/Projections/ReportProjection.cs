using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using Microsoft.Extensions.Logging;

namespace HallOps.Silo.Projections;

/// <summary>Durable events as rows for analysts and lists: <c>legs</c>, <c>calls</c>, <c>window_time</c>, and <c>halls</c>, a row a hall. A <see cref="JournalFollower{TFact}"/> behind the halls; safe from any thread.</summary>
public sealed partial class ReportProjection : IConfirmedEvents, IAsyncDisposable
{
    /// <summary>A leg that changes twice meanwhile is one row, and rows of a hall that lie on one page of the database are written with it once.</summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(500);

    private readonly Func<CancellationToken, ValueTask<DbConnection>> _open;
    private readonly IJournal _journal;
    private readonly ILogger _log;
    private readonly HallLister _lister;
    private readonly ReportStore _store;
    private readonly JournalFollower<ReportFact> _follower;
    private readonly SemaphoreSlim _rebuilding = new(1);

    /// <param name="open">Opens a connection to the database; the tables are there already.</param>
    /// <param name="maxQueued">Events that may wait for the database; null: as many as may be in flight.</param>
    /// <param name="listed">Told what the list of halls got; null: nobody.</param>
    public ReportProjection(Func<CancellationToken, ValueTask<DbConnection>> open, IJournal journal, TimeProvider time, ILogger log, int? maxQueued = null, IHallListings? listed = null)
    {
        (_open, _journal, _log) = (open, journal, log);
        _lister = new HallLister(open, listed, time, log);
        _store = new ReportStore(open, RemakeAsync, _lister.Changed);
        _follower = maxQueued is { } most
            ? new JournalFollower<ReportFact>("reports", _store, journal, time, log, GatherFor, most)
            : new JournalFollower<ReportFact>("reports", _store, journal, time, log, GatherFor);
    }

    public Behind Behind => _follower.Behind;

    /// <summary>Goes on from the rows that are there: catches up with the journal first.</summary>
    public void Start(IHalls halls)
    {
        _lister.Start(halls);
        _follower.Start();
    }

    public void Decided(HallState state, HallEvent @event) => _follower.Decided(state, @event);

    public void Confirmed(uint hall, long upTo) => _follower.Confirmed(hall, upTo);

    public void Loaded(HallState state) => _follower.Loaded(state);

    /// <summary>Completes when the rows of a hall have everything up to a sequence, and its list entry with them.</summary>
    /// <exception cref="OperationCanceledException">Not before <paramref name="cancel"/>.</exception>
    public async Task CaughtUpAsync(uint hall, long sequence, CancellationToken cancel)
    {
        await _follower.CaughtUpAsync(hall, sequence, cancel);
        await _lister.ListedAsync(hall, cancel);
    }

    /// <summary>Makes all rows anew from the journal, hall by hall by number, while the old ones serve. A hall whose journal is damaged keeps its rows. One at a time: a second one waits.</summary>
    /// <param name="told">Told before each hall, now and then within it, and after it; never for a hall without records.</param>
    public async Task RebuildAsync(Action<RebuildStep> told, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(told);
        await _rebuilding.WaitAsync(cancel);
        try
        {
            await using var rebuild = await ProjectionRebuild.OpenAsync(_open, _journal, cancel);
            var halls = await _journal.HallsAsync(cancel);
            for (var i = 0; i < halls.Count; i++) await RebuildAsync(rebuild, halls[i], new RebuildStep(halls[i].Hall, i + 1, halls.Count, 0, 0, false, null), told, cancel);
        }
        finally
        {
            _rebuilding.Release();
        }
    }

    private async Task RebuildAsync(ProjectionRebuild rebuild, HallEntry hall, RebuildStep step, Action<RebuildStep> told, CancellationToken cancel)
    {
        // What the rows have, they shall have: the journal may be further, and the rest follows as always.
        var upTo = await rebuild.StoredAsync(hall.Number, cancel);
        if (upTo == 0) return;
        step = step with { Events = upTo };
        try
        {
            await rebuild.BeginAsync(hall.Number, cancel);
            await rebuild.FoldAsync(upTo, done => told(step with { Done = done }), cancel);
            await _follower.BetweenAsync(async stop =>
            {
                await rebuild.SwapAsync(stop);
                _store.Forget(hall.Number);
            }, cancel);
            told(step with { Done = upTo, IsDone = true });
        }
        catch (Exception damaged) when (IsDamage(damaged))
        {
            LogNotRebuilt(_log, damaged, hall.Hall.Value);
            told(step with { IsDone = true, Problem = damaged.Message });
        }
    }

    /// <summary>Before anything is followed here.</summary>
    private async Task RemakeAsync(uint hall, CancellationToken cancel)
    {
        try
        {
            await using var rebuild = await ProjectionRebuild.OpenAsync(_open, _journal, cancel);
            await rebuild.BeginAsync(hall, cancel);
            await rebuild.FoldAsync(long.MaxValue, null, cancel);
            await rebuild.SwapAsync(cancel);
            LogRemade(_log, hall);
        }
        catch (Exception damaged) when (IsDamage(damaged))
        {
            LogNotRebuilt(_log, damaged, hall.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static bool IsDamage(Exception failed) => failed is HallDamagedException or JournalArchiveException or FormatException or KeyNotFoundException or ArgumentException or OverflowException;

    public async ValueTask DisposeAsync()
    {
        await _follower.DisposeAsync();
        await _lister.DisposeAsync();
        await _store.DisposeAsync();
        _rebuilding.Dispose();
    }

    [LoggerMessage(124, LogLevel.Error, "The journal of hall {Hall} is damaged, or an archive of it is not here: its rows are not made anew, and stay as they are.")]
    private static partial void LogNotRebuilt(ILogger log, Exception damaged, string hall);

    [LoggerMessage(125, LogLevel.Information, "The rows of hall number {Hall} were of another version and are made anew.")]
    private static partial void LogRemade(ILogger log, uint hall);
}

/// <summary>How far a rebuild is.</summary>
/// <param name="Number">Which hall it is of <paramref name="Halls"/>, from 1.</param>
/// <param name="Done">Events of <paramref name="Events"/>.</param>
/// <param name="Problem">Why the hall keeps its old rows; null where it does not.</param>
public sealed record RebuildStep(HallId Hall, int Number, int Halls, long Done, long Events, bool IsDone, string? Problem);
