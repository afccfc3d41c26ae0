namespace HallOps.Core.Halls;

/// <summary>What of a joint visit may begin when. A service that others wait for opens the way to them by any finish but one that sends the visitor home without it.</summary>
internal static class JointVisits
{
    /// <summary>The items of a joint service that wait for nothing, by index; none of any other service.</summary>
    public static IReadOnlyList<int> Begins(ServiceSettings service) =>
        service.Legs.Count == 0 ? [] : First(service.Legs);

    // A method of its own: what captures the legs is made for joint services only.
    private static int[] First(IReadOnlyList<JointLegSettings> legs) => [.. Enumerable.Range(0, legs.Count).Where(i => legs[i].After.Count == 0)];

    /// <summary>The legs that begin because the one that runs is being finished: they stand before its finish, so that the visit goes on with it.</summary>
    public static IEnumerable<LegBegun> After(HallState state, Ticket ticket, ServiceFinished finished, Instant at)
    {
        var joint = ticket.Joint!;
        // Where the visitor has to come back to first, the service is not over yet; one who went away, or of a day that is over, goes on nowhere.
        if (finished.Outcome == FinishOutcome.Left || ticket.Day != state.Day || state.Returns.Exists(stop => stop.Ticket == ticket)) yield break;
        var legs = ticket.Legs.ToList();
        var number = ticket.LastLeg;
        for (var i = 0; i < joint.Items.Count; i++)
        {
            if (legs.Exists(leg => leg.Item == i) || !joint.Items[i].After.All(IsDone)) continue;
            var service = state.Settings.ServiceById[joint.Items[i].Service];
            yield return new LegBegun(ticket.Id.Ordinal, ++number, i, service.Service, service.Line, at);
        }

        bool IsDone(ServiceId before)
        {
            var item = joint.Items.Select((its, i) => (its.Service, Index: i)).First(its => its.Service == before).Index;
            return ticket.Leg.Item == item ? Opens(finished.Outcome)
                : legs.FindLast(leg => leg.Item == item) is { Outcome: LegOutcome.Served, FinishOutcome: { } outcome } && Opens(outcome);
        }
    }

    /// <summary>Whether a service is another item of the joint visit than the one that runs, and is still to be given: it waits beside, or has not begun.</summary>
    public static bool IsToCome(Ticket ticket, ServiceId service)
    {
        if (ticket.Joint is not { } joint) return false;
        for (var i = 0; i < joint.Items.Count; i++)
            if (joint.Items[i].Service == service && i != ticket.Leg.Item) return IsAmong(ticket.Beside, i) || !IsAmong(ticket.Earlier, i);
        return false;
    }

    /// <summary>How many legs of a joint visit began with it.</summary>
    public static int BegunAtOnce(JointVisit joint)
    {
        var count = 0;
        foreach (var item in joint.Items)
            if (item.After.Count == 0) count++;
        return count;
    }

    private static bool IsAmong(IReadOnlyList<Leg> legs, int item)
    {
        foreach (var leg in legs)
            if (leg.Item == item) return true;
        return false;
    }

    private static bool Opens(FinishOutcome outcome) => outcome is not (FinishOutcome.ToldOnce or FinishOutcome.Refused);
}
