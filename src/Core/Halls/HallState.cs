using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>One service of a visit. Owned by its hall's state; not thread-safe.</summary>
public sealed class Leg
{
    // Optional instants and names without the word beside each that a Nullable has: a busy hall keeps thousands of legs.
    private OptionalInstant _firstCalledAt, _calledAt, _lastCallAt, _lastCountedCallAt, _startedAt, _finishedAt;
    private string? _window, _staff;
    private int _callsUntilFirst = -1;
    private readonly sbyte _item = -1;
    private long _firstOvertaken;

    internal Leg(Ticket ticket, int number, ServiceId service, LineId line, Instant since, long firstSequence) =>
        (Ticket, Number, Service, Line, Since, FirstSequence) = (ticket, number, service, line, since, firstSequence);

    public Ticket Ticket { get; private set; }

    /// <summary>1 for the first service of the visit.</summary>
    public int Number { get; }

    /// <summary>Which item of a joint visit it is for; null outside one.</summary>
    public int? Item { get => _item >= 0 ? _item : null; init => _item = (sbyte)(value ?? -1); }

    /// <summary>Was to be called before any score when it left its line because the visit was busy elsewhere.</summary>
    internal bool WasFirst { get; set; }

    public ServiceId Service { get; }

    /// <summary>Where its service is queued for; another when the document says so.</summary>
    public LineId Line { get; internal set; }
    public ClassId Class => Ticket.Class;

    /// <summary>From when waiting counts.</summary>
    public Instant Since { get; internal set; }

    /// <summary>The sequence of the leg's first event: the last tie-break.</summary>
    public long FirstSequence { get; }

    public LegOutcome Outcome { get; internal set; }

    /// <summary>The window of the last call.</summary>
    public WindowId? Window { get => _window is { } window ? new(window) : null; internal set => _window = value?.Value; }

    /// <summary>Who was there at the last call, or at the finish.</summary>
    public StaffId? Staff { get => _staff is { } staff ? new(staff) : null; internal set => _staff = value?.Value; }

    /// <summary>The first summons of all; null before it.</summary>
    public Instant? FirstCalledAt { get => _firstCalledAt; internal set => _firstCalledAt = value; }

    /// <summary>The present summons, or the last one; null before the first.</summary>
    public Instant? CalledAt { get => _calledAt; internal set => _calledAt = value; }

    /// <summary>The last call or recall of that summons.</summary>
    public Instant? LastCallAt { get => _lastCallAt; internal set => _lastCallAt = value; }

    internal Instant? LastCountedCallAt { get => _lastCountedCallAt; set => _lastCountedCallAt = value; }

    /// <summary>The sequence of the last call or recall: the announcement's id.</summary>
    public long CallSequence { get; internal set; }

    /// <summary>Calls and recalls of the present summons.</summary>
    public int Times { get; internal set; }

    /// <summary>Those of them at least the class's gap apart.</summary>
    public int CountedCalls { get; internal set; }

    public CallReason? Reason { get; internal set; }
    public int Overtook { get; internal set; }
    public long? FirstOvertaken { get => _firstOvertaken > 0 ? _firstOvertaken : null; internal set => _firstOvertaken = value ?? 0; }
    public Instant? StartedAt { get => _startedAt; internal set => _startedAt = value; }
    public StartKind? StartKind { get; internal set; }
    public Instant? FinishedAt { get => _finishedAt; internal set => _finishedAt = value; }
    public FinishOutcome? FinishOutcome { get; internal set; }
    public Grade? Grade { get; internal set; }

    /// <summary>Calls of its line after which a returned leg reserved for a window may be called first by any; null where it is not reserved so.</summary>
    internal int? CallsUntilFirst { get => _callsUntilFirst >= 0 ? _callsUntilFirst : null; set => _callsUntilFirst = value ?? -1; }

    /// <summary>The sequence of the event by which it began to wait where it does.</summary>
    internal long WaitsFrom { get; set; }

    /// <summary>How often calls by score overtook it. Exact once it left its group, and while <see cref="WaitingGroup.InOrder"/> passes it.</summary>
    internal int Overtaken { get; set; }

    internal WaitingGroup? Group { get; set; }

    /// <summary>The same leg of another picture's ticket, in no group yet.</summary>
    internal Leg CopyFor(Ticket ticket)
    {
        var copy = (Leg)MemberwiseClone();
        copy.Ticket = ticket;
        copy.Group = null;
        return copy;
    }
}

/// <summary>One numbered visit. Owned by its hall's state; not thread-safe.</summary>
public sealed class Ticket
{
    private readonly UInt128 _person;
    private readonly bool _hasPerson;
    private string? _owner;

    /// <summary>What only few visits have; null for the others, of which a busy hall keeps thousands.</summary>
    private Rare? _rare;

    internal Ticket(TicketId id, string number, DateOnly day, PersonId? person, ClassId @class, Grants granted, TicketSource source, Instant issuedAt) =>
        (Id, Number, Day, _hasPerson, _person, Class, Granted, Source, IssuedAt) = (id, number, day, person is not null, person?.Value ?? default, @class, granted, source, issuedAt);

    public TicketId Id { get; }

    /// <summary>What screens show; repeats daily.</summary>
    public string Number { get; }

    /// <summary>The service day it belongs to, for ever.</summary>
    public DateOnly Day { get; }

    public PersonId? Person => _hasPerson ? new PersonId(_person) : null;
    public ClassId Class { get; internal set; }
    public Grants Granted { get; internal set; }
    public TicketSource Source { get; }
    public Instant IssuedAt { get; }
    public TicketState State { get; internal set; }
    public int Misses { get => _rare?.Misses ?? 0; internal set { if (value != Misses) Own.Misses = value; } }
    public Instant? MissedAt { get => _rare?.MissedAt; internal set { if (value != MissedAt) Own.MissedAt = value; } }

    /// <summary>The first member of staff who served the visitor, until another accepted the matter by name; null before, and where nobody with a name served.</summary>
    public StaffId? Owner { get => _owner is { } owner ? new(owner) : null; internal set => _owner = value?.Value; }

    /// <summary>The stages marked so far, a bit each.</summary>
    internal byte Stages { get; set; }

    /// <summary>The ordinal of the ticket by which the visitor was sent home for this matter before; null for one who was not.</summary>
    public long? Slip { get => _rare?.Slip; internal set => Own.Slip = value; }

    /// <summary>How often the visitor was sent home for this matter before.</summary>
    public int Told { get => _rare?.Told ?? 0; internal set => Own.Told = value; }

    /// <summary>Matters brought on this number.</summary>
    public int Cases { get; internal set; } = 1;

    public bool HasReached(Stage stage) => (Stages & (1 << (int)stage)) != 0;

    /// <summary>The leg that runs, or the last one. Of a joint visit that waits in several lines, one of those that wait.</summary>
    public Leg Leg { get; internal set; } = null!;

    /// <summary>The joint matter it is for; null for a single service.</summary>
    public JointVisit? Joint { get => _rare?.Joint; internal set => Own.Joint = value; }

    /// <summary>Other legs of a joint visit that began, by number: they wait when the ticket waits, and only then; once it ended, those it ended with.</summary>
    public IReadOnlyList<Leg> Beside { get => _rare?.Beside ?? []; internal set => Own.Beside = value; }

    /// <summary>What the person came for: of a joint visit the joint service.</summary>
    public ServiceId Matter => Joint?.Service ?? Leg.Service;

    /// <summary>The legs that ended before it, in order; empty for most.</summary>
    public IReadOnlyList<Leg> Earlier { get => _rare?.Earlier ?? []; internal set { if (value.Count > 0 || _rare is not null) Own.Earlier = value; } }

    /// <summary>The leg of that number; null where there is none.</summary>
    public Leg? LegOf(int number) => Leg.Number == number ? Leg : Among(Earlier, number) ?? Among(Beside, number);

    private static Leg? Among(IReadOnlyList<Leg> legs, int number)
    {
        foreach (var leg in legs)
            if (leg.Number == number) return leg;
        return null;
    }

    /// <summary>The number of the newest leg.</summary>
    internal int LastLeg => Joint is null ? Leg.Number : Legs.Max(leg => leg.Number);

    /// <summary>Every leg, by number.</summary>
    public IEnumerable<Leg> Legs => Earlier.Append(Leg).Concat(Beside).OrderBy(leg => leg.Number);

    /// <summary>Makes one of the legs beside the one that runs.</summary>
    internal void TurnTo(Leg leg)
    {
        if (!ReferenceEquals(leg, Leg)) TurnToBeside(leg);
    }

    // A method of its own: what captures the leg is made for joint visits only.
    private void TurnToBeside(Leg leg)
    {
        Beside = [.. Beside.Where(other => other != leg).Append(Leg).OrderBy(other => other.Number)];
        Leg = leg;
    }

    /// <summary>Nothing more can happen to it but a rating.</summary>
    public bool Ended => State is TicketState.Finished or TicketState.Cancelled or TicketState.Expired or TicketState.Void;

    internal Ticket Copy()
    {
        var copy = (Ticket)MemberwiseClone();
        copy.Leg = Leg.CopyFor(copy);
        copy._rare = _rare?.Copy();
        if (Earlier.Count > 0) copy.Earlier = [.. Earlier.Select(leg => leg.CopyFor(copy))];
        if (Beside.Count > 0) copy.Beside = [.. Beside.Select(leg => leg.CopyFor(copy))];
        return copy;
    }

    private Rare Own => _rare ??= new Rare();

    private sealed class Rare
    {
        public int Misses { get; set; }
        public Instant? MissedAt { get; set; }
        public long? Slip { get; set; }
        public int Told { get; set; }
        public JointVisit? Joint { get; set; }
        public IReadOnlyList<Leg> Beside { get; set; } = [];
        public IReadOnlyList<Leg> Earlier { get; set; } = [];

        public Rare Copy() => (Rare)MemberwiseClone();
    }
}

/// <summary>A visit for several services at once, as it was issued: what a later document says of the joint service is for those who come later.</summary>
/// <param name="Service">The joint service.</param>
/// <param name="Line">Its line, whose number the visit has.</param>
/// <param name="Items">The services, each with those whose end it waits for.</param>
public sealed record JointVisit(ServiceId Service, LineId Line, IReadOnlyList<JointLegSettings> Items);

/// <summary>An instant or none in eight bytes; none is what a field begins with.</summary>
internal readonly struct OptionalInstant(long? milliseconds)
{
    private readonly long _value = (milliseconds ?? long.MinValue) ^ long.MinValue;

    public static implicit operator Instant?(OptionalInstant at) => at._value == 0 ? null : new Instant(at._value ^ long.MinValue);

    public static implicit operator OptionalInstant(Instant? at) => new(at?.Milliseconds);
}

/// <summary>Why and until when nothing is issued or called.</summary>
public sealed record Suspension(TextHash Reason, Instant? Until);

/// <summary>A notice that a manager posted.</summary>
/// <param name="Id">The sequence of its posting.</param>
public sealed record PostedNotice(long Id, TextHash Text, ZoneId? Zone, Instant Until);

/// <summary>A queue of the hall.</summary>
public sealed class LineState
{
    internal LineState(LineSettings settings) => Settings = settings;

    public LineSettings Settings { get; internal set; }

    /// <summary>The last number given out today; 0 before the first.</summary>
    public int LastNumber { get; internal set; }

    /// <summary>Tickets that wait, reserved ones included.</summary>
    public int Waiting { get; internal set; }

    /// <summary>Open, not paused windows with the line in their profile.</summary>
    public int OpenWindows { get; internal set; }

    public Suspension? Suspension { get; internal set; }

    /// <summary>Windows of the hall, open or not, with the line in their profile.</summary>
    internal int Windows { get; set; }

    /// <summary>What low windows that can call offer of the line.</summary>
    internal List<OfferLine> Low { get; } = [];

    /// <summary>Whether a low window that can call does a service of the line.</summary>
    internal bool IsLowFor(ServiceId service)
    {
        foreach (var offer in Low)
            if (offer.Has(service)) return true;
        return false;
    }

    /// <summary>Mean over the line's services that say how long they take; null where none does.</summary>
    public double? MeanExpectedMinutes { get; internal set; }

    internal WaitingGroups Groups { get; } = new();

    /// <summary>When the day's numbers were issued, those that became void left out, oldest first. Kept only where the line has quotas.</summary>
    internal List<long> Issues { get; } = [];

    /// <summary>Legs reserved at some window, counted down by the line's calls.</summary>
    internal List<Leg> Reserved { get; } = [];

    /// <summary>Legs that wait by score on an appointment kept in time, earliest slot first, ties as everywhere.</summary>
    internal List<(Instant Slot, Leg Leg)> Appointed { get; } = [];

    internal void AddAppointed(Instant slot, Leg leg)
    {
        var at = Appointed.Count;
        while (at > 0 && (slot < Appointed[at - 1].Slot || (slot == Appointed[at - 1].Slot && OrderKey.Of(leg).CompareTo(OrderKey.Of(Appointed[at - 1].Leg)) < 0))) at--;
        Appointed.Insert(at, (slot, leg));
    }

    // A method of its own: what captures the leg is made for those lines only that have any.
    internal void RemoveAppointed(Leg leg) => Appointed.RemoveAll(a => a.Leg == leg);

    /// <summary>The same line of another picture, which has its tickets already.</summary>
    internal LineState CopyFor(HallState state)
    {
        var copy = new LineState(Settings)
        {
            LastNumber = LastNumber,
            Waiting = Waiting,
            OpenWindows = OpenWindows,
            Suspension = Suspension,
            Windows = Windows,
            MeanExpectedMinutes = MeanExpectedMinutes,
        };
        foreach (var group in Groups)
        {
            var own = copy.Groups.For(copy, group.Service, group.Class, group.Place, group.Window);
            foreach (var leg in group.InOrder())
            {
                var same = state.Of(leg);
                // Exact only from here on: so it is taken over while the group is passed.
                same.Overtaken = leg.Overtaken;
                own.Add(same);
            }
        }
        copy.Issues.AddRange(Issues);
        foreach (var leg in Reserved) copy.Reserved.Add(state.Of(leg));
        foreach (var (slot, leg) in Appointed) copy.Appointed.Add((slot, state.Of(leg)));
        return copy;
    }
}

/// <summary>What a window offers of one line.</summary>
/// <param name="Services">Null: every service of the line.</param>
internal sealed record OfferLine(LineState Line, long AfterMilliseconds, long GateMilliseconds, HashSet<ServiceId>? Services)
{
    public bool Has(ServiceId service) => Services is null || Services.Contains(service);

    /// <summary>Waiting counts from then or before for whom the gate lets through. Without a gate that is everybody, one whose waiting begins with an appointment's slot too.</summary>
    public long GateAt(Instant now) => GateMilliseconds == 0 ? long.MaxValue : now.Milliseconds - GateMilliseconds;
}

/// <summary>A window: who is there, what it offers, whom it has.</summary>
public sealed class WindowState
{
    internal WindowState(WindowSettings settings) => (Settings, Profile) = (settings, settings.Profile);

    public WindowSettings Settings { get; internal set; }

    /// <summary>The document's, until a manager changes it; the document's again when it is imported anew.</summary>
    public IReadOnlyList<ProfileLine> Profile { get; internal set; }

    /// <summary>Null: closed.</summary>
    public Occupant? Occupant { get; internal set; }

    /// <summary>Null: not paused.</summary>
    public PauseReason? Pause { get; internal set; }

    public Instant? PausedUntil { get; internal set; }

    /// <summary>Called or served there now.</summary>
    public Ticket? Present { get; internal set; }

    /// <summary>Overtaking calls in a row.</summary>
    public int PriorityRun { get; internal set; }

    /// <summary>The leg its pad may rate: the last one finished, until the next start.</summary>
    public Leg? Rateable { get; internal set; }

    internal OfferLine[] Offer { get; set; } = [];

    /// <summary>What the schedule expects of it now; null where it may not be open, and where there is no schedule.</summary>
    public ScheduledWindow? Scheduled { get; internal set; }

    /// <summary>Since when it is expected to be served, without a break; null where it is not.</summary>
    public Instant? ExpectedSince { get; internal set; }

    /// <summary>The window at which its B takes its services along, since nobody signed in here in time.</summary>
    public WindowId? StandInAt { get; internal set; }

    /// <summary>Paused by the schedule although its session runs on: nobody was left for it.</summary>
    public bool IsReleased { get; internal set; }

    /// <summary>Who was there when the schedule paused it: with whom it resumes by itself.</summary>
    internal Occupant? PausedWith { get; set; }

    /// <summary>The same window of another picture, which has its tickets and lines already.</summary>
    internal WindowState CopyFor(HallState state)
    {
        var copy = (WindowState)MemberwiseClone();
        if (Present is not null) copy.Present = state.Of(Present);
        if (Rateable is not null) copy.Rateable = state.Of(Rateable);
        copy.Offer = Array.ConvertAll(Offer, offer => offer with { Line = state.Lines[offer.Line.Settings.Line] });
        return copy;
    }

    /// <summary>What it offers of a line; null where nothing.</summary>
    internal OfferLine? OfferOf(LineId line)
    {
        foreach (var offer in Offer)
            if (offer.Line.Settings.Line == line) return offer;
        return null;
    }

    public bool CanCall => Occupant is not null && Pause is null;

    public WindowStatus Status =>
        Occupant is null ? WindowStatus.Closed
        : Pause is not null ? WindowStatus.Paused
        : Present is null ? WindowStatus.Idle
        : Present.State == TicketState.Called ? WindowStatus.Calling
        : WindowStatus.Serving;
}

/// <summary>A visitor sent away by a window.</summary>
/// <param name="Window">Where it is first when back; null once that window paused, closed or no longer offers the service.</param>
internal readonly record struct HeldTicket(Ticket Ticket, WindowId? Window, Instant Since);

/// <summary>A visitor who stepped away.</summary>
/// <param name="First">Was to be called before any score.</param>
internal readonly record struct AwayTicket(Ticket Ticket, Instant Until, bool First);

/// <summary>Where a visit goes on once what it was passed on for is done.</summary>
internal readonly record struct ReturnStop(Ticket Ticket, WindowId Window, ServiceId Service, LineId Line);

/// <summary>Somebody was sent home for what is missing and may come back until then.</summary>
/// <param name="Ticket">The ordinal of the ticket it was then: its key is the slip's.</param>
/// <param name="Times">How often for this matter.</param>
/// <param name="ShownBy">The ordinal of the last ticket that was issued for it; null before the first.</param>
public sealed record Slip(long Ticket, ServiceId Service, PersonId? Person, int Times, Instant Until, TextHash? Missing, long? ShownBy);

/// <summary>A call as boards keep it.</summary>
internal readonly record struct RecentCall(Ticket Ticket, WindowId Window, long Sequence);

/// <summary>
/// A hall in memory: a fold of its events. Changed only by <see cref="Hall.Evolve"/>. Lists keep the document's order. One owner at a time; not thread-safe.
/// </summary>
public sealed class HallState
{
    /// <summary>Calls that boards keep.</summary>
    internal const int KeptCalls = 16;

    public uint Number { get; internal set; }

    /// <summary>The hall's document; null before its first event.</summary>
    public PackedDocument Document { get; internal set; } = null!;

    public HallSettings Settings { get; internal set; } = null!;

    /// <summary>Of the last event; 0 before the first.</summary>
    public long Sequence { get; internal set; }

    /// <summary>When the last event happened. No event is earlier than one before it.</summary>
    public Instant At { get; internal set; }

    /// <summary>The service day that runs.</summary>
    public DateOnly Day { get; internal set; }

    public Instant DayEndsAt { get; internal set; }

    /// <summary>What the calendar makes of this moment; null for a hall that is always open, and before its calendar was first looked at: nothing is closed then.</summary>
    public HallSchedule? Schedule { get; internal set; }

    /// <summary>As announced to this hall.</summary>
    public HolidayTable Holidays { get; internal set; } = HolidayTable.None;

    /// <summary>Occupied windows that the schedule has no more, those there not paused: each pauses once it has nobody.</summary>
    internal List<WindowState> Leaving { get; } = [];

    /// <summary>Paused by a schedule that has them again, with the same person there.</summary>
    internal List<WindowState> Waking { get; } = [];

    /// <summary>Windows whose services begin or cease to be taken along, where and from when.</summary>
    internal List<(WindowState Window, WindowId? To, Instant At)> StandIns { get; } = [];

    /// <summary>The ordinal of the last ticket.</summary>
    public long LastOrdinal { get; internal set; }

    public Suspension? Suspension { get; internal set; }

    /// <summary>Those posted and not over, oldest first.</summary>
    internal List<PostedNotice> Notices { get; } = [];

    public bool Exists => Sequence > 0;

    /// <summary>Tickets issued or waiting, printed or not.</summary>
    public int Waiting { get; internal set; }

    internal TicketBook Tickets { get; } = new();

    /// <summary>Numbers of the running day, ended visits included.</summary>
    internal NumberBook ByNumber { get; } = new();

    /// <summary>Live visits of persons.</summary>
    internal Dictionary<(PersonId, ServiceId), Ticket> ByPerson { get; } = [];

    internal Dictionary<LineId, LineState> Lines { get; } = [];
    internal Dictionary<WindowId, WindowState> Windows { get; } = [];
    internal Dictionary<ServiceId, Suspension> SuspendedServices { get; } = [];

    /// <summary>Slips of those who were sent home and may come back, in the order they were given.</summary>
    internal List<Slip> Slips { get; } = [];

    /// <summary>Those of slots from today on.</summary>
    internal AppointmentBook Appointments { get; } = new();

    /// <summary>In order of issue; those printed since are passed over when they come up.</summary>
    internal Queue<Ticket> Unprinted { get; } = new();

    /// <summary>Called and not started: at most one a window. Kept, so that what is due is found without looking at every window.</summary>
    internal List<Ticket> Summoned { get; } = [];

    /// <summary>Ended days and when their visits leave the state, in order.</summary>
    internal Queue<(DateOnly Day, Instant At)> ToForget { get; } = new();

    /// <summary>Those not back yet, of the running day, oldest miss first.</summary>
    internal List<Ticket> Missed { get; } = [];

    /// <summary>Sent away by a window, oldest first.</summary>
    internal List<HeldTicket> Held { get; } = [];

    /// <summary>Stepped away while waiting, in the order of that.</summary>
    internal List<AwayTicket> Away { get; } = [];

    /// <summary>Where visits have to come back to; of one visit the last comes first.</summary>
    internal List<ReturnStop> Returns { get; } = [];

    /// <summary>The day's last calls by score, oldest first: whoever they passed over may ask why.</summary>
    internal List<Overtaking> Overtakings { get; } = [];

    /// <summary>Oldest first.</summary>
    internal List<RecentCall> RecentCalls { get; } = [];

    internal bool IsSuspended(LineState line, ServiceId service) =>
        Suspension is not null || line.Suspension is not null || (SuspendedServices.Count > 0 && SuspendedServices.ContainsKey(service));

    /// <summary>A second picture of the same moment, to try something on: shares nothing with this one that changes but visits that ended, so it is let go before this one goes on.</summary>
    internal HallState Copy()
    {
        var copy = new HallState
        {
            Number = Number,
            Document = Document,
            Settings = Settings,
            Sequence = Sequence,
            At = At,
            Day = Day,
            DayEndsAt = DayEndsAt,
            Schedule = Schedule,
            Holidays = Holidays,
            LastOrdinal = LastOrdinal,
            Suspension = Suspension,
            Waiting = Waiting,
        };
        foreach (var (service, suspension) in SuspendedServices) copy.SuspendedServices.Add(service, suspension);
        copy.Slips.AddRange(Slips);
        copy.Appointments.CopyFrom(Appointments);
        copy.Notices.AddRange(Notices);
        foreach (var ended in ToForget) copy.ToForget.Enqueue(ended);
        copy.Tickets.EnsureCapacity(Tickets.Count);
        foreach (var ticket in Tickets) copy.Tickets.Add(ticket.Ended ? ticket : ticket.Copy());
        copy.ByNumber.CopyFrom(ByNumber);
        foreach (var (who, ticket) in ByPerson) copy.ByPerson.Add(who, copy.Of(ticket));
        foreach (var (id, line) in Lines) copy.Lines.Add(id, line.CopyFor(copy));
        foreach (var (id, window) in Windows) copy.Windows.Add(id, window.CopyFor(copy));
        Hall.ListLow(copy);
        Hall.ListMoves(copy);
        // Those printed since are nothing to it, and may be forgotten by now.
        foreach (var ticket in Unprinted)
            if (ticket.State == TicketState.Issued) copy.Unprinted.Enqueue(copy.Of(ticket));
        foreach (var ticket in Summoned) copy.Summoned.Add(copy.Of(ticket));
        foreach (var ticket in Missed) copy.Missed.Add(copy.Of(ticket));
        copy.Overtakings.AddRange(Overtakings);
        foreach (var held in Held) copy.Held.Add(held with { Ticket = copy.Of(held.Ticket) });
        foreach (var away in Away) copy.Away.Add(away with { Ticket = copy.Of(away.Ticket) });
        foreach (var stop in Returns) copy.Returns.Add(stop with { Ticket = copy.Of(stop.Ticket) });
        foreach (var call in RecentCalls) copy.RecentCalls.Add(call with { Ticket = copy.Of(call.Ticket) });
        return copy;
    }

    /// <summary>Where in the list a slip is; below 0 where it is not.</summary>
    internal int SlipOf(long ticket, ServiceId service) => Slips.FindIndex(slip => slip.Ticket == ticket && slip.Service == service);

    /// <summary>This picture's own of another picture's ticket.</summary>
    internal Ticket Of(Ticket ticket) => Tickets[ticket.Id.Ordinal];

    internal Leg Of(Leg leg) => Of(leg.Ticket).LegOf(leg.Number)!;

    public Ticket? Find(TicketId id) => id.Hall == Number && Tickets.TryGetValue(id.Ordinal, out var ticket) ? ticket : null;

    public Ticket? FindNumber(string number) => ByNumber.Find(number) is { } ordinal && Tickets[ordinal] is var ticket && ticket.Number == number ? ticket : null;

    public WindowState? Find(WindowId window) => Windows.GetValueOrDefault(window);

    public LineState? Find(LineId line) => Lines.GetValueOrDefault(line);

    /// <summary>The class's own number of calls before a no-show, or the hall's.</summary>
    internal int MinCalls(ClassId @class) => Settings.ClassById.GetValueOrDefault(@class)?.MinCalls ?? Settings.Calling.MinCalls;

    internal TimeSpan MinGap(ClassId @class) => TimeSpan.FromSeconds(Settings.ClassById.GetValueOrDefault(@class)?.MinGapSeconds ?? Settings.Calling.MinGapSeconds);

    /// <summary>
    /// <c>ahead</c>: waiting tickets of the line before a place in score order now, ties as everywhere; bounds and reservations left out.
    /// </summary>
    /// <param name="sequence">Of the leg's first event; <see cref="long.MaxValue"/> for one who would join now.</param>
    internal static int Ahead(LineState line, ClassSettings @class, Instant since, long sequence, Instant now)
    {
        var score = (long)@class.WeightHundredths * line.Settings.WeightHundredths * (now.Milliseconds - since.Milliseconds) + @class.CreditMinutes * 60_000L * 10_000L;
        var ahead = 0;
        foreach (ref readonly var head in line.Groups.Heads)
        {
            // group's score above ours ⟺ it waited longer than `excess / weight`; equal scores go by since, then sequence.
            var excess = score - head.Credit;
            var weight = head.Weight;
            var waited = Math.DivRem(excess, weight, out var rest);
            if (rest < 0) waited--;
            var at = now.Milliseconds - waited;
            var place = rest != 0 ? OrderKey.At(at)
                : at < since.Milliseconds ? OrderKey.After(at)
                : at > since.Milliseconds ? OrderKey.At(at)
                : new OrderKey(at, sequence);
            if (head.First.CompareTo(place) < 0) ahead += head.Group.CountBefore(place);
        }
        return ahead;
    }

    internal int Ahead(Leg leg, Instant now) => Ahead(Lines[leg.Line], Settings.ClassById[leg.Class], leg.Since, leg.FirstSequence, now);
}
