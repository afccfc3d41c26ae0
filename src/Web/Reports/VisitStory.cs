using System.Reflection;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Silo.Projections;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Reports;

/// <summary>One visit: its legs, and what happened.</summary>
/// <param name="Events">In their order; none of a visit that was imported from a file.</param>
/// <param name="EventsComplete">False where the journal could not be read to the end in time.</param>
public sealed record VisitView(string Hall, string Id, string Number, IReadOnlyList<LegView> Legs, IReadOnlyList<VisitEventView> Events, bool EventsComplete);

/// <param name="Event">What happened, like <c>ticketCalled</c>.</param>
/// <param name="Facts">What it says, but for whatever leads to a person.</param>
public sealed record VisitEventView(long Sequence, DateTimeOffset At, string Event, IReadOnlyDictionary<string, object> Facts);

/// <summary>Tells visits from the journal. Safe from any thread.</summary>
public sealed class VisitStory : IDisposable
{
    /// <summary>Records before the newest snapshots lie among those of all halls, and are found by going through them: as long as somebody may look at an empty page.</summary>
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(10);

    private readonly IDbContextFactory<HallOpsDb> _databases;
    private readonly Func<IJournal> _journal;

    // One disk: who reads all of it one after the other is done sooner than side by side.
    private readonly SemaphoreSlim _one = new(1);

    internal VisitStory(IDbContextFactory<HallOpsDb> databases, EngineHost engine) => (_databases, _journal) = (databases, () => engine.Journal);

    public async Task<VisitView> TellAsync(ReportHall hall, long ordinal, IReadOnlyList<LegView> legs, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(hall);
        ArgumentNullException.ThrowIfNull(legs);
        var (events, isComplete) = (new List<VisitEventView>(), true);
        if (ordinal > 0)
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            late.CancelAfter(AtMost);
            try
            {
                await _one.WaitAsync(late.Token);
                try
                {
                    // Off this request's thread: the journal reads its pages where it stands.
                    await Task.Run(() => ReadAsync(hall, ordinal, legs, events, late.Token), late.Token);
                }
                finally
                {
                    _one.Release();
                }
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                isComplete = false;
            }
            catch (Exception e) when (e is HallDamagedException or JournalArchiveException)
            {
                isComplete = false;
            }
        }
        return new VisitView(hall.Hall.Value, LegView.IdOf(hall, ordinal), legs[0].Number, legs, events, isComplete);
    }

    private async Task ReadAsync(ReportHall hall, long ordinal, IReadOnlyList<LegView> legs, List<VisitEventView> events, CancellationToken cancel)
    {
        var (issued, day, wall) = (legs[0].IssuedAt.ToUnixTimeMilliseconds(), legs[0].Day, new WallClock(hall.Zone));
        // Nothing of it comes after that; of one that is not over, nothing is known yet.
        long? over = legs.Any(l => l.Outcome == TableWord.Of(LegOutcome.Open)) ? null
            : legs.SelectMany(l => new[] { l.EndedAt, l.FinishedAt, l.RatedAt }).Max()?.ToUnixTimeMilliseconds();
        await foreach (var page in _journal().ReadFromAsync(hall.Number, await BeforeAsync(hall, issued, cancel), cancel))
        {
            foreach (var record in page)
            {
                if (record.At < issued) continue;
                if (record.At > over) return;
                var @event = EventCodec.Read(record.Type, record.Version, record.Payload.Span);
                if (IsOf(@event, ordinal, day)) events.Add(new VisitEventView(record.Sequence, wall.At(record.At), JsonNamingPolicy.CamelCase.ConvertName(@event.GetType().Name), Facts(@event, hall, wall)));
            }
        }
    }

    /// <summary>A sequence before the issue, and not long before: of the last call until then.</summary>
    private async Task<long> BeforeAsync(ReportHall hall, long issued, CancellationToken cancel)
    {
        await using var database = await ReportDatabase.OpenAsync(_databases, cancel);
        await foreach (var row in database.RowsAsync("SELECT sequence FROM calls WHERE hall = @hall AND \"at\" < @issued ORDER BY sequence DESC LIMIT 1", [("@hall", (long)hall.Number), ("@issued", issued)], cancel)) return row.GetInt64(0);
        return 0;
    }

    private static bool IsOf(HallEvent @event, long ordinal, DateOnly day) =>
        @event is DayEnded ended ? ended.Day == day : @event.GetType().GetProperty("Ticket")?.GetValue(@event) is long ticket && ticket == ordinal;

    /// <summary>Only what is known to be harmless: a new kind of fact stays out until somebody has thought about it.</summary>
    private static Dictionary<string, object> Facts(HallEvent @event, ReportHall hall, WallClock wall)
    {
        var facts = new Dictionary<string, object>();
        foreach (var property in @event.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.Name == "Ticket" || property.GetIndexParameters().Length > 0) continue;
            object? fact = property.GetValue(@event) switch
            {
                string number when property.Name == nameof(TicketIssued.Number) => number,
                IReadOnlyList<string> tags when property.Name == nameof(ServiceRated.Tags) => tags,
                long other when property.Name is nameof(TicketCalled.FirstOvertaken) or nameof(SlipShown.Slip) => LegView.IdOf(hall, other),
                bool or int or long => property.GetValue(@event),
                ServiceId or LineId or ClassId or WindowId or StaffId => property.GetValue(@event)!.ToString(),
                CallReason reason => reason.ToString(),
                Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
                Instant instant => wall.At(instant.Milliseconds),
                Estimate estimate => estimate,
                DateOnly date => date,
                _ => null,
            };
            if (fact is not null) facts[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = fact;
        }
        return facts;
    }

    public void Dispose() => _one.Dispose();
}
