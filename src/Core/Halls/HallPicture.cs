using HallOps.Core.Foresight;

namespace HallOps.Core.Halls;

/// <summary>The views of a hall: pure functions of a state (the confirmed one, where people look) and the moment.</summary>
public static class HallPicture
{
    /// <summary>Calls a board shows.</summary>
    public const int LastCalls = HallState.KeptCalls;

    /// <summary>Tickets a line's <c>next</c> shows.</summary>
    public const int NextShown = 3;

    /// <summary>An announcement is spoken within this of its call or recall, or not at all.</summary>
    public static readonly TimeSpan AnnounceWithin = TimeSpan.FromSeconds(30);

    public static HallView Hall(HallState state, Instant now)
    {
        var settings = state.Settings;
        return new HallView(settings.Hall.Value, settings.Name,
            [.. settings.Services.Select(s => new ServiceView(s.Service.Value, s.Name, s.Line.Value, s.Kind, s.Materials, s.Fee, s.PromisedDays,
                IsOfferedNow(state, s, now)))],
            [.. settings.Lines.Select(l => new LineView(l.Line.Value, l.Prefix, l.Name))],
            [.. settings.Windows.Select(w => new WindowView(w.Window.Value, w.Kind, w.Zone?.Value, w.Name))],
            [.. settings.Zones.Select(z => new ZoneView(z.Zone.Value, z.Name))],
            TimelineView.Of(state), settings.RemoteIssue);
    }

    /// <summary>Whether a number is to be had for a service now.</summary>
    private static bool IsOfferedNow(HallState state, ServiceSettings service, Instant now) =>
        state.Lines[service.Line] is var line && Halls.Hall.IsOffered(state, line, service) && Halls.Hall.SuspensionOf(state, line, service) is null
        && (state.Schedule is null || (state.Schedule.Issuing && Staffing.IsLeft(state, service, now)));

    public static HallBoard Board(HallState state, Instant now, ZoneId? zone = null)
    {
        var settings = state.Settings;
        var windows = zone is null ? settings.Windows : [.. settings.Windows.Where(w => w.Zone == zone)];
        var shown = zone is null ? null : windows.Select(w => w.Window).ToHashSet();
        var lines = zone is null ? settings.Lines : [.. settings.Lines.Where(l => windows.Any(w => state.Windows[w.Window].Profile.Any(p => p.Line == l.Line)))];
        return new HallBoard(settings.Hall.Value, state.Sequence, Local(state, now), Halls.Hall.IsOpen(state), Show(state, state.Suspension),
            [.. lines.Select(l => Line(state, l.Line))],
            [.. windows.Select(w => Window(state, w.Window))],
            Calls(state, shown), [.. lines.Select(l => Next(state, l.Line, now)).Where(n => n.Tickets.Count > 0)], Missed(state, now, shown), Notices(state, now, zone), OpensAt(state));
    }

    /// <summary>When the next session begins, where none runs; null where one does, or none is known.</summary>
    public static DateTimeOffset? OpensAt(HallState state) => Local(state, state.Schedule?.OpensAt);

    public static LineBoard Line(HallState state, LineId id)
    {
        var line = state.Lines[id];
        return new LineBoard(id.Value, line.Settings.Name, line.Settings.Prefix, line.Waiting, line.OpenWindows, Show(PlainEstimate.For(line)), Show(state, line.Suspension));
    }

    public static WindowBoard Window(HallState state, WindowId id)
    {
        var window = state.Windows[id];
        var staff = window.Occupant?.Staff is { } s && state.Settings.StaffById.TryGetValue(s, out var person) ? new StaffView(s.Value, person.Name, person.Number, person.Photo) : null;
        return new WindowBoard(id.Value, window.Settings.Name, window.Settings.Zone?.Value, window.Status, window.Present?.Number, staff,
            LinesOf(state, window), window.Pause, ReopensAt(state, window), GoTo(state, window)?.Value, AlsoFor(state, window) is { Count: > 0 } others ? others : null);
    }

    /// <summary>Windows whose services one takes along, planned or since nobody came there in time; in the document's order after those planned.</summary>
    public static IReadOnlyList<string> AlsoFor(HallState state, WindowState window) =>
        window.Scheduled is not { } scheduled ? []
            : [.. scheduled.AlsoFor.Concat(state.Windows.Values.Where(w => w.StandInAt == window.Settings.Window).Select(w => w.Settings.Window)).Distinct().Select(w => w.Value)];

    /// <summary>The lines of its profile, and of those it takes along.</summary>
    private static List<string> LinesOf(HallState state, WindowState window)
    {
        var lines = window.Profile.Select(p => p.Line.Value).ToList();
        if (state.Schedule is not null)
            foreach (var offer in window.Offer)
                if (!lines.Contains(offer.Line.Settings.Line.Value)) lines.Add(offer.Line.Settings.Line.Value);
        return lines;
    }

    /// <summary>Until when a pause is said to last; of a window that the calendar has not on duty, when it has it again.</summary>
    private static DateTimeOffset? ReopensAt(HallState state, WindowState window) =>
        // A calendar may have changed since the schedule paused it.
        Local(state, window.Pause == PauseReason.Schedule || (window.Occupant is null && window.Scheduled is null) ? Halls.Hall.ReopensAt(state, window) : window.PausedUntil);

    /// <summary>Where those go whom a window that is not served would have served; null where nowhere in particular.</summary>
    private static WindowId? GoTo(HallState state, WindowState window)
    {
        if (window.StandInAt is { } standIn) return standIn;
        if (state.Schedule is not { } schedule || window.Scheduled is not null || window.Present is not null) return null;
        return schedule.Resting.FirstOrDefault(r => r.Window == window.Settings.Window)?.GoTo;
    }

    /// <summary>Newest first; of some windows only where given.</summary>
    public static IReadOnlyList<CallView> Calls(HallState state, IReadOnlySet<WindowId>? windows = null)
    {
        var calls = new List<CallView>();
        for (var i = state.RecentCalls.Count - 1; i >= 0; i--)
        {
            var call = state.RecentCalls[i];
            if (windows?.Contains(call.Window) == false) continue;
            var leg = call.Ticket.Leg;
            calls.Add(new CallView(call.Ticket.Number, call.Window.Value, Local(state, leg.CalledAt!.Value), leg.Times));
        }
        return calls;
    }

    /// <summary>The first of a line in score order, reservations and bounds left out: who should be ready.</summary>
    public static NextView Next(HallState state, LineId id, Instant now) => new(id.Value, [.. First(state, id, now, NextShown).Select(leg => leg.Ticket.Number).Distinct()]);

    /// <summary>The first waiting legs of a line: each has as many ahead of it as stand before it here.</summary>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<Leg> First(HallState state, LineId id, Instant now, int count)
    {
        var heads = new List<(GroupHead Group, Leg Leg, IEnumerator<Leg>? Others)>();
        foreach (ref readonly var head in state.Lines[id].Groups.Heads) heads.Add((head, head.Group.First, null));
        var legs = new List<Leg>(count);
        while (legs.Count < count && heads.Count > 0)
        {
            var best = 0;
            for (var i = 1; i < heads.Count; i++)
                if (Precedes(heads[i].Group, heads[i].Leg, heads[best].Group, heads[best].Leg, now)) best = i;
            var (chosen, leg, rest) = heads[best];
            legs.Add(leg);
            if (rest is null)
            {
                rest = chosen.Group.InOrder().GetEnumerator();
                rest.MoveNext();
            }
            if (rest.MoveNext()) heads[best] = (chosen, rest.Current, rest);
            else heads.RemoveAt(best);
        }
        return legs;
    }

    /// <summary>Of a ticket that waits, the leg that is called soonest for all one can see: where it is next, or else where fewest are ahead.</summary>
    internal static Leg Soonest(HallState state, Ticket ticket, Instant now) =>
        ticket.State != TicketState.Waiting || ticket.Beside.Count == 0 ? ticket.Leg : SoonestOf(state, ticket.Beside.Append(ticket.Leg), now);

    private static Leg SoonestOf(HallState state, IEnumerable<Leg> legs, Instant now) => legs.MinBy(leg => (
        state.IsSuspended(state.Lines[leg.Line], leg.Service) ? 3 : leg.Group!.Place.IsReserved ? 0 : !Halls.Hall.IsServed(state, leg.Line, leg.Service) ? 2 : leg.Group.Place == WaitingPlace.First ? 0 : 1,
        state.Ahead(leg, now), leg.Number))!;

    public static IReadOnlyList<MissedView> Missed(HallState state, Instant now, IReadOnlySet<WindowId>? windows = null)
    {
        var from = now.Milliseconds - state.Settings.Calling.ReturnMinutes * 60_000L;
        return [.. state.Missed.Where(t => t.MissedAt!.Value.Milliseconds >= from && windows?.Contains(t.Leg.Window!.Value) != false)
            .OrderByDescending(t => t.MissedAt!.Value.Milliseconds).ThenByDescending(t => t.Id.Ordinal)
            .Select(t => new MissedView(t.Number, t.Leg.Line.Value, t.Leg.Window!.Value.Value, Local(state, t.MissedAt!.Value)))];
    }

    public static IReadOnlyList<NoticeView> Notices(HallState state, Instant now, ZoneId? zone = null)
    {
        var today = DateOnly.FromDateTime(Local(state, now).DateTime);
        return
        [
            .. state.Notices.Where(n => zone is null || n.Zone is null || n.Zone == zone).Select(n => new NoticeView(null, n.Zone?.Value, n.Text, n.Id, Local(state, n.Until))),
            .. state.Settings.Notices.Where(n => (zone is null || n.Zone is null || n.Zone == zone) && !(n.From > today) && !(n.To < today)).Select(n => new NoticeView(n.Text, n.Zone?.Value)),
        ];
    }

    /// <summary>Null when the state does not hold the ticket.</summary>
    public static TicketView? Ticket(HallState state, Instant now, TicketId id)
    {
        if (state.Find(id) is not { } ticket) return null;
        var leg = Soonest(state, ticket, now);
        int? ahead = ticket.State == TicketState.Waiting ? state.Ahead(leg, now) : null;
        var estimate = ahead is { } n ? PlainEstimate.For(n, state.Settings.ServiceById.GetValueOrDefault(leg.Service)?.ExpectedMinutes, WindowsFor(state, leg)) : null;
        var window = ticket.State is TicketState.Waiting or TicketState.Issued or TicketState.Away ? null : leg.Window?.Value;
        return new TicketView(state.Settings.Hall.Value, ticket.Number, ticket.State, ahead, Show(estimate), window, leg.CalledAt is { } at ? Local(state, at) : null,
            ticket.State == TicketState.Away ? Local(state, state.Away.Find(a => a.Ticket == ticket).Until) : null, Explaining.Of(state, ticket, now),
            [.. ticket.Legs.Select(l => new LegView(l.Number, l.Service.Value, l.Line.Value, StateOf(ticket, l), l == ticket.Leg ? window : l.Window?.Value, l.Outcome == LegOutcome.Open ? null : l.Outcome, l.Grade))],
            ticket.State == TicketState.Waiting ? WindowOf(ticket)?.Value : null, AppointmentPicture.SlotOf(state, ticket), Show(state, SuspensionOf(state, ticket, leg)),
            // Nobody was sent home who was served nothing yet, and those are most of whom phones ask about.
            ticket.Earlier.Count == 0 && !ticket.Ended ? null : ToldOnce(state, now, id), leg.Number, Instead(state, ticket, leg, now), ticket.Joint?.Service.Value);
    }

    /// <summary>Open windows of a leg's line; none where they are open for others only.</summary>
    private static int WindowsFor(HallState state, Leg leg) => Halls.Hall.IsServed(state, leg.Line, leg.Service) ? state.Lines[leg.Line].OpenWindows : 0;

    /// <summary>What is left to one who is not served any more today.</summary>
    private static AlternativeView[]? Instead(HallState state, Ticket ticket, Leg leg, Instant now)
    {
        if (state.Schedule is null || !state.Settings.ServiceById.TryGetValue(ticket.Matter, out var service)) return null;
        var isLeft = ticket.State == TicketState.Expired && leg.Outcome != LegOutcome.Served
            || ticket.State is TicketState.Waiting or TicketState.Away && !Halls.Hall.IsServed(state, leg.Line, leg.Service) && !Staffing.IsLeft(state, service, now);
        return isLeft ? [.. Staffing.Alternatives(state, service, now).Select(a => new AlternativeView(a.Kind, Local(state, a.At)))] : null;
    }

    /// <summary>The slips that a ticket is, as long as they count; after the ticket itself has left the state too. Null where there is none.</summary>
    public static IReadOnlyList<ToldOnceView>? ToldOnce(HallState state, Instant now, TicketId id)
    {
        List<ToldOnceView>? slips = null;
        foreach (var slip in state.Slips)
            if (slip.Ticket == id.Ordinal && id.Hall == state.Number && slip.Until > now) (slips ??= []).Add(new ToldOnceView(slip.Service.Value, Local(state, slip.Until), slip.Times, slip.Missing));
        return slips;
    }

    /// <summary>A leg's part in its visit's state: one that is over is finished, one beside the leg that runs waits until that is over.</summary>
    public static TicketState StateOf(Ticket ticket, Leg leg) =>
        leg == ticket.Leg ? ticket.State
        : leg.Outcome is LegOutcome.Served or LegOutcome.Transferred ? TicketState.Finished
        : !ticket.Ended ? ticket.State is TicketState.Issued or TicketState.Away ? ticket.State : TicketState.Waiting
        : ticket.State == TicketState.Finished ? TicketState.Expired : ticket.State;

    /// <summary>What keeps a live visit from being called: its hall's, line's or service's suspension. Null for none, and for one who is at a window.</summary>
    private static Suspension? SuspensionOf(HallState state, Ticket ticket, Leg leg) =>
        ticket.Ended || ticket.State is TicketState.Called or TicketState.Serving ? null
        : state.Suspension ?? state.Lines[leg.Line].Suspension ?? state.SuspendedServices.GetValueOrDefault(leg.Service);

    /// <summary>The live ticket of a number of today, or the last one issued to a person; null when there is none.</summary>
    public static SlipView? Slip(HallState state, Instant now, string? number, PersonId? person)
    {
        var ticket = number is not null ? state.FindNumber(number) : state.ByPerson.Where(live => live.Key.Item1 == person).Select(live => live.Value).MaxBy(live => live.Id.Ordinal);
        if (ticket is not { Ended: false }) return null;
        var leg = Soonest(state, ticket, now);
        var ahead = ticket.State is TicketState.Waiting or TicketState.Issued ? state.Ahead(leg, now) : 0;
        var estimate = ticket.State is TicketState.Waiting or TicketState.Issued ? PlainEstimate.For(ahead, state.Settings.ServiceById.GetValueOrDefault(leg.Service)?.ExpectedMinutes, WindowsFor(state, leg)) : null;
        return new SlipView(ticket.Id, ticket.Number, leg.Line.Value, ticket.Matter.Value, ticket.State, ahead, Show(estimate), Local(state, ticket.IssuedAt));
    }

    /// <summary>The slots of a date that may still be booked, earliest first; none for a service without appointments. Null for a service the hall does not have.</summary>
    /// <param name="day">Null: today.</param>
    public static IReadOnlyList<SlotView>? SlotsOf(HallState state, Instant now, ServiceId id, DateOnly? day)
    {
        if (!state.Settings.ServiceById.TryGetValue(id, out var service)) return null;
        var date = day ?? state.Day;
        // No slot of a date far away is looked for: a date may be any.
        if (service.Appointments is not { } settings || date < state.Day || date > state.Day.AddDays(settings.DaysAhead)) return [];
        var timeline = Timetable.Of(state, date);
        return [.. Slots.Of(state, service, timeline).Where(s => s.Starts > now).Select(s => (Slot: s, Room: Slots.RoomOf(state, service, timeline, s)))
            .Select(s => new SlotView(Local(state, s.Slot.Starts), s.Room.Capacity, s.Room.Free))];
    }

    public static TicketReply? ByNumber(HallState state, string number) => state.FindNumber(number) is { } ticket ? Halls.Hall.Show(state, ticket) : null;

    public static TicketReply? ById(HallState state, TicketId id) => state.Find(id) is { } ticket ? Halls.Hall.Show(state, ticket) : null;

    public static HallFloor Floor(HallState state, Instant now) => new(Board(state, now), FloorTickets(state), Seats(state), SuspendedServices(state));

    /// <summary>Live tickets by ordinal.</summary>
    public static IReadOnlyList<FloorTicket> FloorTickets(HallState state) =>
        [.. state.Tickets.Where(t => !t.Ended).Select(t => new FloorTicket(t.Id.ToString(), t.Number, t.Leg.Line.Value, t.Leg.Service.Value, t.Class.Value, t.State,
            Local(state, t.Leg.Since), WindowOf(t)?.Value, Local(state, t.Leg.CalledAt), t.Leg.Times, Local(state, t.Leg.StartedAt),
            Halls.Hall.NoShowAllowed(state, t) is { } allowed ? new NoShowView(Local(state, allowed.At), allowed.CallsLacking) : null,
            t.State == TicketState.Held ? Local(state, state.Held.Find(h => h.Ticket == t).Since) : null, t.State == TicketState.Away ? Local(state, state.Away.Find(a => a.Ticket == t).Until) : null, t.Owner?.Value, t.Cases, t.Source, t.Told,
            t.Beside.Count == 0 ? null : [.. t.Beside.Select(leg => leg.Line.Value).Where(line => line != t.Leg.Line.Value).Distinct()], t.Joint?.Service.Value))];

    /// <summary>Where a ticket is, was called last, or is waited for; null for one that any window of its line may call.</summary>
    private static WindowId? WindowOf(Ticket ticket) => ticket.State switch
    {
        TicketState.Waiting when ticket.Leg.Group!.Place.IsReserved => ticket.Leg.Group.Window,
        TicketState.Waiting or TicketState.Issued or TicketState.Away => null,
        _ => ticket.Leg.Window,
    };

    public static IReadOnlyList<FloorSeat> Seats(HallState state) =>
        [.. state.Settings.Windows.Select(w => state.Windows[w.Window]).Select(w => new FloorSeat(w.Settings.Window.Value, w.Occupant?.Account, w.Occupant?.Staff?.Value, ExpectedView.Of(state, w),
            [.. w.Profile.Select(p => new ProfileView(p.Line.Value, p.AfterMinutes, p.OnlyAfterWaitMinutes, OfferedOf(w, p.Line)))]))];

    private static Offered OfferedOf(WindowState window, LineId line) =>
        window.Occupant is null ? Offered.All : window.OfferOf(line) is not { } offer ? Offered.None : offer.Services is null ? Offered.All : Offered.Some;

    public static IReadOnlyList<SuspendedService> SuspendedServices(HallState state) =>
        [.. state.Settings.Services.Where(s => state.SuspendedServices.ContainsKey(s.Service)).Select(s => new SuspendedService(s.Service.Value, Show(state, state.SuspendedServices[s.Service])!))];

    public static HallDesk Desk(HallState state, Instant now)
    {
        var settings = state.Settings;
        return new HallDesk(settings.Name, Floor(state, now),
            [.. settings.Services.Select(s => new DeskService(s.Service.Value, s.Name, s.Line.Value, s.Kind, s.Materials))],
            [.. settings.Classes.Select(c => new DeskClass(c.Class.Value, c.Name))],
            [.. settings.Staff.Select(s => new StaffView(s.Staff.Value, s.Name, s.Number, s.Photo))],
            [.. settings.Zones.Select(z => new ZoneView(z.Zone.Value, z.Name))],
            settings.Calling.RequireOutcome,
            settings.Calendar.Roster.Where(r => r.B is not null).GroupBy(r => r.Window.Value).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(r => r.B!.Value.Value).Distinct()]));
    }

    /// <summary>The services most numbers were given for, of the visits the state holds; those with names people use for them, then the document's order, where they are asked for alike.</summary>
    public static IReadOnlyList<ServiceId> Frequent(HallState state, int count)
    {
        var asked = state.Tickets.CountBy(t => t.Leg.Service).ToDictionary();
        return [.. state.Settings.Services.OrderByDescending(s => asked.GetValueOrDefault(s.Service)).ThenByDescending(s => s.Alias.Count > 0).Take(count).Select(s => s.Service)];
    }

    public static HallListing Listing(HallState state)
    {
        var longest = state.Lines.Values.Select(PlainEstimate.For).Where(e => e is not null).OrderByDescending(e => e!.Value.MedianSeconds).FirstOrDefault();
        var settings = state.Settings;
        return new HallListing(settings.Hall.Value, settings.Name, settings.Region, settings.Location, settings.Kind, settings.Level, Halls.Hall.IsOpen(state), state.Waiting,
            Show(longest), Halls.Hall.DueAt(state), state.Sequence, OpensAt(state), settings.Calendar.Zone.Id);
    }

    public static SuspensionView? Show(HallState state, Suspension? suspension) =>
        suspension is null ? null : new SuspensionView(suspension.Reason, suspension.Until is { } until ? Local(state, until) : null);

    public static EstimateView? Show(Estimate? estimate) => estimate is { } e ? new EstimateView(e.LowSeconds, e.MedianSeconds, e.HighSeconds) : null;

    /// <summary>How many legs of a service day ended how; every outcome is there. Of a day that the hall has forgotten, none.</summary>
    public static IReadOnlyDictionary<LegOutcome, int> Outcomes(HallState state, DateOnly day)
    {
        var outcomes = Enum.GetValues<LegOutcome>().ToDictionary(o => o, _ => 0);
        foreach (var ticket in state.Tickets)
        {
            if (ticket.Day != day) continue;
            foreach (var leg in ticket.Legs) outcomes[leg.Outcome]++;
        }
        return outcomes;
    }

    /// <summary>An instant on the hall's clock.</summary>
    public static DateTimeOffset Local(HallState state, Instant at) => TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), state.Settings.Calendar.Zone);

    internal static DateTimeOffset? Local(HallState state, Instant? at) => at is { } moment ? Local(state, moment) : null;

    private static bool Precedes(in GroupHead a, Leg x, in GroupHead b, Leg y, Instant now) =>
        ScoreRule.IsBefore(a.Score(x.Since, now), OrderKey.Of(x), b.Score(y.Since, now), OrderKey.Of(y));
}
