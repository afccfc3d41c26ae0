namespace HallOps.Core.Foresight.Simulation;

public enum StageOutcome { Served, NoShow, Abandoned, Unserved }

/// <summary>What became of one stage of a visit. Times in the scenario's unit.</summary>
/// <param name="Window">Null of who was never called, as are <paramref name="CalledAt"/> and <paramref name="StartedAt"/>.</param>
/// <param name="Wait">To the call, or to leaving; null of who is unserved.</param>
/// <param name="StartedAt">Null of a no-show too.</param>
/// <param name="EndedAt">Null of who is unserved.</param>
public readonly record struct StageRecord(
    string Ticket, int Stage, string Service, string? Window, long Joined, long? CalledAt, long? Wait, long? StartedAt, long? EndedAt, StageOutcome Outcome);

public readonly record struct CallRecord(long At, string Ticket, string Window);

/// <summary>A day as it was played.</summary>
/// <param name="Tickets">By joining, ticket and stage.</param>
/// <param name="Calls">By time, then ticket.</param>
/// <param name="Moves">By time, the most helpful first; null where no adviser was asked.</param>
public sealed record DayResult(IReadOnlyList<StageRecord> Tickets, IReadOnlyList<CallRecord> Calls, DayMetrics Metrics, IReadOnlyList<MoveRecord>? Moves = null)
{
    internal static DayResult Of(Scenario scenario, List<StageRecord> records, List<CallRecord> calls, int mostWaiting, List<MoveRecord>? moves)
    {
        records.Sort(static (a, b) =>
            a.Joined != b.Joined ? a.Joined.CompareTo(b.Joined) : string.CompareOrdinal(a.Ticket, b.Ticket) is not 0 and var order ? order : a.Stage.CompareTo(b.Stage));
        calls.Sort(static (a, b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.Ticket, b.Ticket));
        return new DayResult(records, calls, DayMetrics.Of(scenario, records, mostWaiting) with { Moves = moves?.Count }, moves);
    }
}
