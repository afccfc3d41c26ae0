namespace HallOps.Core.Halls;

/// <summary>A call by score, as those it passed over are told of it.</summary>
/// <param name="Before">Who stood before these places, and may have been called, was passed over.</param>
internal sealed record Overtaking(long Sequence, ClassId Class, Instant At, IReadOnlyList<OvertakenLine> Before);

/// <param name="Services">Null: every service of the line.</param>
/// <param name="Low">Null: nobody was left to a low window.</param>
internal readonly record struct OvertakenLine(LineId Line, OrderKey Place, IReadOnlySet<ServiceId>? Services, LeftToLow? Low)
{
    public bool Has(HallState state, Leg leg) => leg.Line == Line && (Services is null || Services.Contains(leg.Service)) && OrderKey.Of(leg).CompareTo(Place) < 0
        && !(Low is { } low && leg.Since.Milliseconds > low.Since && low.Services.Contains(leg.Service) && state.Settings.ClassById.TryGetValue(leg.Class, out var @class) && @class.NeedsLow);
}

/// <summary>Who needs a low window was not called elsewhere for these services unless waiting counted from then or before.</summary>
internal sealed record LeftToLow(long Since, IReadOnlySet<ServiceId> Services);

/// <summary>Why a holder is where they are, by the rules in force at this moment.</summary>
internal static class Explaining
{
    /// <summary>Calls by score that a hall remembers to explain.</summary>
    public const int Kept = 64;

    /// <summary>Null once the visit is over.</summary>
    public static Explanation? Of(HallState state, Ticket ticket, Instant now)
    {
        var leg = HallPicture.Soonest(state, ticket, now);
        switch (ticket.State)
        {
            case TicketState.Issued: return new(ExplanationKind.Issued);
            case TicketState.Called: return new(ExplanationKind.Called, Window: leg.Window!.Value.Value);
            case TicketState.Serving: return new(ExplanationKind.Serving, Window: leg.Window!.Value.Value);
            case TicketState.Away: return new(ExplanationKind.Away, At: HallPicture.Local(state, state.Away.Find(a => a.Ticket == ticket).Until));
            case TicketState.Held:
                return state.Held.Find(h => h.Ticket == ticket).Window is { } holder ? new(ExplanationKind.Held, Window: holder.Value) : new(ExplanationKind.HeldByLine);
            case TicketState.Missed:
                var at = ticket.MissedAt!.Value;
                return Hall.IsInTime(state, ticket, now)
                    ? new(ExplanationKind.Missed, Window: leg.Window!.Value.Value, At: HallPicture.Local(state, at + TimeSpan.FromMinutes(state.Settings.Calling.ReturnMinutes)))
                    : new(ExplanationKind.MissedTooLong);
            case TicketState.Waiting: break;
            default: return null;
        }
        var (line, group) = (state.Lines[leg.Line], leg.Group!);
        if (state.IsSuspended(line, leg.Service))
            return new(ExplanationKind.Suspended, At: (state.Suspension ?? line.Suspension ?? state.SuspendedServices[leg.Service]).Until is { } until ? HallPicture.Local(state, until) : null);
        if (group.Place.IsReserved) return new(ExplanationKind.NextAtWindow, Window: group.Window.Value);
        if (!Hall.IsServed(state, leg.Line, leg.Service))
        {
            if (state.Schedule is null || !state.Settings.ServiceById.TryGetValue(leg.Service, out var service)) return new(ExplanationKind.NoWindow, Ahead: state.Ahead(leg, now));
            var left = Staffing.Left(state, service, now).FirstOrDefault();
            return left.Windows == 0 ? new(ExplanationKind.Over, At: HallPicture.Local(state, Staffing.NextIssuing(state, service, now)))
                : new(ExplanationKind.NoWindow, Ahead: state.Ahead(leg, now), At: left.Stretch.From > now ? HallPicture.Local(state, left.Stretch.From) : null);
        }
        if (group.Place == WaitingPlace.First) return new(ExplanationKind.NextAnywhere);
        var overtaken = group.OvertakenOf(leg);
        var last = overtaken == 0 ? null : LastOver(state, leg);
        return new(ExplanationKind.Waiting, Ahead: state.Ahead(leg, now), Overtaken: overtaken, AtMost: Math.Max(0, state.Settings.Fairness.MaxOvertakes - overtaken),
            By: last is { Class: var by } && by != ClassId.Normal ? state.Settings.ClassById.GetValueOrDefault(by)?.Name : null, At: last is { } call ? HallPicture.Local(state, call.At) : null);
    }

    /// <summary>Keeps a call by score, the places of whom it passed over with it. Called while the leg still waits.</summary>
    public static void Keep(HallState state, Leg called, Instant at, List<OvertakenLine> before)
    {
        if (state.Overtakings.Count == Kept) state.Overtakings.RemoveAt(0);
        state.Overtakings.Add(new Overtaking(state.Sequence, called.Class, at, before));
    }

    /// <summary>The last call that passed the leg over since it began to wait where it does; null where none is remembered.</summary>
    private static Overtaking? LastOver(HallState state, Leg leg)
    {
        for (var i = state.Overtakings.Count - 1; i >= 0 && state.Overtakings[i].Sequence > leg.WaitsFrom; i--)
            foreach (var line in state.Overtakings[i].Before)
                if (line.Has(state, leg)) return state.Overtakings[i];
        return null;
    }
}
