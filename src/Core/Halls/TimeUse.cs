namespace HallOps.Core.Halls;

/// <summary>What a window's time goes to: at every moment one of these.</summary>
public enum WindowUse
{
    Closed,
    Paused,
    /// <summary>Free, and everything it offers is suspended: nobody's idleness.</summary>
    Suspended,
    /// <summary>Free, and nobody waits for what it offers.</summary>
    Idle,
    /// <summary>Free, and somebody waits for what it offers.</summary>
    IdleWaitedFor,
    /// <summary>Called, and not there yet.</summary>
    Walking,
    Serving,
}

/// <summary>What a visit's time goes to, from its issue to its end: at every moment one of these. Not printed yet is waiting.</summary>
public enum VisitUse { Waiting, Away, Missed, Walking, Served, Held }

/// <summary>
/// Where the time of windows and visits went, in milliseconds, by the history's own events: every part adds up to the whole. A start that is known only later counts from when it was, and
/// one that was inferred and taken back never was. A fold: give it every event with the state before it. Not thread-safe.
/// </summary>
public sealed class TimeUse
{
    private readonly Dictionary<WindowId, Window> _windows = [];
    private readonly Dictionary<long, long[]> _visits = [];

    private static readonly int Reasons = Enum.GetValues<PauseReason>().Length;

    /// <summary>Lets time pass up to the event, in the state before it, and takes back or forward what the event says of earlier moments.</summary>
    /// <param name="before">The state before the event.</param>
    public void Pass(HallState before, HallEvent @event, Instant at)
    {
        if (before.Exists) Advance(before, at);
        var (ordinal, since) = @event switch
        {
            ServiceStarted e => (e.Ticket, e.StartedAt),
            TicketRecalled e => (e.Ticket, at),
            TicketMissed e => (e.Ticket, at),
            _ => (0, at),
        };
        if (ordinal == 0) return;
        var ticket = before.Tickets[ordinal];
        // From its start, where that lies before the event; or the whole of what was taken for service and is taken back.
        var late = @event is ServiceStarted ? (ticket.State == TicketState.Called ? at - since : TimeSpan.Zero)
            : ticket.Leg.StartKind == StartKind.Time ? since - ticket.Leg.StartedAt!.Value : TimeSpan.Zero;
        var moved = (long)late.TotalMilliseconds * (@event is ServiceStarted ? 1 : -1);
        if (moved == 0) return;
        var visit = _visits[ordinal];
        visit[(int)VisitUse.Walking] -= moved;
        visit[(int)VisitUse.Served] += moved;
        var window = _windows[ticket.Leg.Window!.Value];
        window.Uses[(int)WindowUse.Walking] -= moved;
        window.Uses[(int)WindowUse.Serving] += moved;
    }

    /// <summary>Lets time pass in which nothing happened.</summary>
    /// <param name="to">Not before the state's last event, or the last moment given.</param>
    public void Advance(HallState state, Instant to)
    {
        foreach (var window in state.Windows.Values)
        {
            if (!_windows.TryGetValue(window.Settings.Window, out var own)) _windows.Add(window.Settings.Window, own = new Window { Until = state.At });
            var passed = to.Milliseconds - own.Until.Milliseconds;
            own.Until = to;
            own.Uses[(int)UseOf(state, window)] += passed;
            if (window is { Occupant: not null, Present: null, Pause: { } why }) own.Pauses[(int)why] += passed;
        }
        foreach (var ticket in state.Tickets)
        {
            if (ticket.Ended) continue;
            if (!_visits.TryGetValue(ticket.Id.Ordinal, out var own)) _visits.Add(ticket.Id.Ordinal, own = new long[VisitUses + 1]);
            // What it had by the last time is in the last place.
            var had = own[VisitUses];
            own[VisitUses] = to.Milliseconds - ticket.IssuedAt.Milliseconds;
            own[(int)UseOf(ticket)] += own[VisitUses] - had;
        }
    }

    /// <summary>Of a window, by <see cref="WindowUse"/>; null for one that no time passed for.</summary>
    public IReadOnlyList<long>? Of(WindowId window) => _windows.GetValueOrDefault(window)?.Uses;

    /// <summary>Of a window's pauses, by <see cref="PauseReason"/>.</summary>
    public IReadOnlyList<long>? PausesOf(WindowId window) => _windows.GetValueOrDefault(window)?.Pauses;

    /// <summary>Of a visit, by <see cref="VisitUse"/>; null for one that no time passed for.</summary>
    public IReadOnlyList<long>? Of(long ticket) => _visits.TryGetValue(ticket, out var uses) ? uses[..VisitUses] : null;

    /// <summary>What a window's time goes to in this state.</summary>
    public static WindowUse UseOf(HallState state, WindowState window) =>
        window.Occupant is null ? WindowUse.Closed
        : window.Present is { State: TicketState.Called } ? WindowUse.Walking
        : window.Present is not null ? WindowUse.Serving
        : window.Pause is not null ? WindowUse.Paused
        : IsSuspended(state, window) ? WindowUse.Suspended
        : IsWaitedFor(state, window) ? WindowUse.IdleWaitedFor : WindowUse.Idle;

    private static VisitUse UseOf(Ticket ticket) => ticket.State switch
    {
        TicketState.Away => VisitUse.Away,
        TicketState.Missed => VisitUse.Missed,
        TicketState.Called => VisitUse.Walking,
        TicketState.Serving => VisitUse.Served,
        TicketState.Held => VisitUse.Held,
        _ => VisitUse.Waiting,
    };

    private static readonly int VisitUses = Enum.GetValues<VisitUse>().Length;

    /// <summary>Nothing that it offers may be called.</summary>
    private static bool IsSuspended(HallState state, WindowState window)
    {
        if (state.Suspension is not null) return true;
        if (window.Offer.Length == 0) return false;
        foreach (var offer in window.Offer)
        {
            if (offer.Line.Suspension is not null) continue;
            if (state.SuspendedServices.Count == 0) return false;
            foreach (var service in state.Settings.Services)
                if (service.Line == offer.Line.Settings.Line && offer.Has(service.Service) && !state.SuspendedServices.ContainsKey(service.Service)) return false;
        }
        return true;
    }

    /// <summary>Somebody waits for a service on offer here, whatever gates keep them from it for the moment.</summary>
    private static bool IsWaitedFor(HallState state, WindowState window)
    {
        foreach (var offer in window.Offer)
        {
            if (offer.Line.Suspension is not null) continue;
            foreach (ref readonly var head in offer.Line.Groups.Heads)
                if (offer.Has(head.Group.Service) && !state.SuspendedServices.ContainsKey(head.Group.Service) && (!head.Place.IsReserved || head.Group.Window == window.Settings.Window)) return true;
        }
        return false;
    }

    private sealed class Window
    {
        public long[] Uses { get; } = new long[Enum.GetValues<WindowUse>().Length];
        public long[] Pauses { get; } = new long[Reasons];
        public Instant Until { get; set; }
    }
}
