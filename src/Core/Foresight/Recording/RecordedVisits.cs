using HallOps.Core.Halls;
using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Foresight.Recording;

/// <summary>Visits as arrivals: services as long as they were served, patience where people left, stages where they went on.</summary>
/// <param name="left">When legs ended that say so themselves nowhere: cancelled, or passed on.</param>
/// <param name="zero">The first instant of the day.</param>
internal sealed class RecordedVisits(HallSettings settings, IReadOnlyDictionary<(long Ticket, int Leg), Instant> left, long zero)
{
    private readonly Dictionary<ClassId, int> _classes = RecordedDiscipline.PrioritiesOf(settings);
    private readonly Dictionary<ServiceId, long> _typical = [];

    /// <summary>From call to start, in milliseconds, of the legs that were served.</summary>
    public static IEnumerable<long> Walks(Ticket ticket) =>
        from leg in Legs(ticket)
        where leg.Outcome == LegOutcome.Served && leg.StartedAt >= leg.CalledAt
        select leg.StartedAt!.Value.Milliseconds - leg.CalledAt!.Value.Milliseconds;

    /// <summary>Nearest rank; null of nothing.</summary>
    public static long? Median(IEnumerable<long> values) => Metrics.NearestRank.Of([.. values.Order()], 50);

    /// <summary>In order of issue. Numbers that became void or were not printed yet are nobody's.</summary>
    public IReadOnlyList<Arrival> Of(IReadOnlyList<Ticket> tickets)
    {
        foreach (var served in tickets.SelectMany(Legs).Where(l => Lasted(l) is not null).GroupBy(l => l.Service)) _typical[served.Key] = Median(served.Select(l => Lasted(l)!.Value))!.Value;
        return [.. tickets.Where(t => t.State is not (TicketState.Void or TicketState.Issued)).Select(ArrivalOf)];
    }

    private Arrival ArrivalOf(Ticket ticket)
    {
        // Who took another service while waiting waited for that one from the beginning.
        var legs = Legs(ticket).Where(l => !(l.Outcome is LegOutcome.Transferred && l.CalledAt is null)).ToList();
        var first = legs[0];
        var joined = Math.Max(0, Math.Min(first.Since.Milliseconds, Legs(ticket).First().Since.Milliseconds) - zero);
        var isThere = Lasted(first) is not null || first.Outcome is not (LegOutcome.NoShow or LegOutcome.Withdrawn) || first.StartedAt is not null;
        long? patience = first.Outcome is LegOutcome.Abandoned && left.TryGetValue((ticket.Id.Ordinal, first.Number), out var gone) ? Math.Max(0, gone.Milliseconds - zero - joined) : null;
        // What came after a leg that nobody served is no stage: the visit ended with it.
        var further = legs.Skip(1).TakeWhile(l => Lasted(l) is not null || l.Outcome is LegOutcome.Open or LegOutcome.Transferred).Select(l => new FurtherStage(l.Service.Value, DurationOf(l)));
        return new Arrival(ticket.Number, joined, first.Service.Value, DurationOf(first), _classes.GetValueOrDefault(ticket.Class), patience, isThere, 0, [.. further]);
    }

    private long DurationOf(Leg leg) => Lasted(leg) ?? Typical(leg.Service);

    /// <summary>How long it was served; null where it was not.</summary>
    private long? Lasted(Leg leg)
    {
        if (leg.StartedAt is not { } started || leg.Outcome is not (LegOutcome.Served or LegOutcome.Transferred)) return null;
        Instant? ended = leg.FinishedAt ?? (left.TryGetValue((leg.Ticket.Id.Ordinal, leg.Number), out var gone) ? gone : null);
        return ended is { } over ? Math.Max(1, over.Milliseconds - started.Milliseconds) : null;
    }

    // The median of the day's, what the document expects, or what is assumed everywhere.
    private long Typical(ServiceId service) => _typical.TryGetValue(service, out var median) ? median
        : (long)Math.Round((settings.ServiceById.GetValueOrDefault(service)?.ExpectedMinutes ?? PlainEstimate.AssumedMinutes) * 60_000);

    private static IEnumerable<Leg> Legs(Ticket ticket) => ticket.Earlier.Append(ticket.Leg);
}
