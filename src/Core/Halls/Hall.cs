using System.Globalization;
using HallOps.Core.Calendars;
using HallOps.Core.Foresight;

namespace HallOps.Core.Halls;

/// <summary>
/// The rules of a hall: <see cref="Decide"/> turns a command into events or a refusal, <see cref="Evolve"/> folds an event into the state, <see cref="NextDue"/> names what time alone
/// brings about. All pure: the same state and command at the same instant decide the same.
/// </summary>
public static partial class Hall
{
    /// <summary>A ticket that is not printed by then is void.</summary>
    public static readonly TimeSpan PrintWithin = TimeSpan.FromSeconds(60);

    /// <summary>Ended visits stay in the state so long after their service day.</summary>
    public static readonly TimeSpan KeepAfterDay = TimeSpan.FromHours(24);

    /// <summary>The miss that closes a ticket.</summary>
    public const int LastMiss = 3;

    /// <summary>Posted at one time: more than a board can tell while anybody stands before it.</summary>
    public const int MaxNotices = 20;

    /// <summary>Decides a command.</summary>
    /// <param name="at">Now, not before <see cref="HallState.At"/>; everything due by then is in the state already.</param>
    /// <exception cref="ArgumentOutOfRangeException">A command this hall does not know.</exception>
    public static Decision Decide(HallState state, HallCommand command, Instant at) => command switch
    {
        WindowCommand c => Decide(state, c, at),
        IssueTicket c => Decide(state, c, at),
        BookAppointment c => Decide(state, c, at),
        MoveAppointment c => Decide(state, c, at),
        CancelAppointment c => Decide(state, c),
        CheckIn c => Decide(state, c, at),
        MarkPrinted c => Decide(state, c),
        CancelTicket c => Decide(state, c),
        ChangeTicket c => Decide(state, c, at),
        ReturnTicket c => state.Find(c.Ticket) is { } ticket ? ComeBack(state, ticket, at) : Unknown(state, c.Ticket),
        StepAway c => state.Find(c.Ticket) is not { } ticket ? Unknown(state, c.Ticket)
            : ticket.State == TicketState.Waiting ? new TicketAway(ticket.Id.Ordinal, ticket.Leg.Number, at + c.For) : WrongState(ticket),
        ChangeClass c => Decide(state, c),
        RateTicket c => Decide(state, c),
        RateAtWindow c => Decide(state, c),
        ChangeProfile c => Decide(state, c),
        Suspend c => Decide(state, c),
        Resume c => Decide(state, c),
        PostNotice c => Decide(state, c, at),
        WithdrawNotice c => Decide(state, c),
        ConfigureHall c => Decide(state, c, at),
        Poke => Decision.Nothing,
        _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No hall knows this command."),
    };

    // ---- numbers

    /// <param name="promised">The appointment it is issued for, kept in time.</param>
    private static Decision Decide(HallState state, IssueTicket command, Instant at, Appointment? promised = null)
    {
        var settings = state.Settings;
        if (!settings.ServiceById.TryGetValue(command.Service, out var service)) return Decision.Refuse(RefusalCode.UnknownService, ("service", command.Service.Value));
        Slip? slip = null;
        if (command.Slip is { } shown && Shown(state, shown, command.Service, at, out slip) is { } notValid) return notValid;
        var classId = command.Class ?? (slip is not null && settings.ClassById.TryGetValue(ClassId.Returning, out var back) && back.GrantedBy.HasFlag(Grants.Slip) ? ClassId.Returning : ClassId.Normal);
        if (!settings.ClassById.TryGetValue(classId, out var @class)) return Decision.Refuse(RefusalCode.UnknownClass, ("class", classId.Value));
        if (command.Remote && !settings.RemoteIssue) return Decision.Refuse(RefusalCode.RemoteIssueOff);

        var granted = Granted(@class, slip is null ? command.Grants : command.Grants | Grants.Slip, command.Age);
        if (granted == Grants.None) return Decision.Refuse(RefusalCode.ClassNotGranted, ("class", classId.Value));
        var person = command.Person ?? slip?.Person;
        if (person is null && NeedsIdentity(settings, service) is { } needs) return Decision.Refuse(RefusalCode.IdentityRequired, ("service", needs.Value));

        var line = state.Lines[service.Line];
        // A place taken before, with an appointment, is not bound to the hours of issuing, nor is one that a guide answers for; but whom nobody can serve today nobody can let in.
        if (Unavailable(state, service, person, at, promised: promised is not null, inHours: promised is null && command.Override is null) is { } no) return no;
        if (promised is null && command.Override is null && Exhausted(state, line, at) is { } full) return full;
        if (promised is null && command.Override is null && state.Waiting >= settings.MaxWaiting) return Decision.Refuse(RefusalCode.HallFull, ("waiting", state.Waiting), ("maxWaiting", settings.MaxWaiting));

        var begins = JointVisits.Begins(service);
        var (ahead, estimate) = Told(state, begins.Count == 0 ? new ReadOnlySpan<ServiceSettings>(in service) : ItemsOf(settings, service, begins), @class, SinceOf(promised, at), at);
        if (state.Settings.Admission == Admission.Strict && state.Schedule is not null && promised is null && command.Override is null && classId == ClassId.Normal && begins.Count == 0 && !Staffing.Fits(state, service, ahead, LowShare, at))
            return CannotBeServed(state, service, at, "work");
        var issued = new TicketIssued(state.LastOrdinal + 1, NextNumber(state, line), service.Service, line.Settings.Line, classId, Strongest(granted), person, command.Source,
            command.Printed ?? true, ahead, estimate, command.Override);
        if (command.Cases == 1 && begins.Count == 0 && slip is null) return issued;
        var events = new List<HallEvent>(4) { issued };
        for (var i = 0; i < begins.Count; i++)
        {
            var item = settings.ServiceById[service.Legs[begins[i]].Service];
            events.Add(i == 0 ? new JointBegun(issued.Ticket, begins[i], item.Service, item.Line, service.Legs) : new LegBegun(issued.Ticket, i + 1, begins[i], item.Service, item.Line, at));
        }
        if (command.Cases > 1) events.Add(new CasesDeclared(issued.Ticket, command.Cases));
        if (slip is not null) events.Add(new SlipShown(issued.Ticket, command.Slip!.Value.Ordinal, slip.Times));
        return Decision.Of([.. events]);
    }

    /// <summary>The low estimate's part of the plain one.</summary>
    private const double LowShare = 0.5;

    /// <param name="lacking">What is not there for the rest of the day: a staffed <c>window</c>, or time for the <c>work</c> already waiting.</param>
    private static Refusal CannotBeServed(HallState state, ServiceSettings service, Instant at, string lacking) =>
        new(RefusalCode.CannotBeServedToday, ("service", service.Service.Value), ("lacking", lacking), ("alternatives", Staffing.Alternatives(state, service, at)));

    /// <summary>Why a slip does not count for a service; null when it does.</summary>
    private static Refusal? Shown(HallState state, TicketId shown, ServiceId service, Instant at, out Slip? slip)
    {
        slip = null;
        var slips = shown.Hall == state.Number ? state.Slips.FindAll(s => s.Ticket == shown.Ordinal && s.Until > at) : [];
        if (slips.Count == 0) return new Refusal(RefusalCode.UnknownSlip);
        if (slips.Find(s => s.Service == service) is not { } known) return new Refusal(RefusalCode.OtherService, ("service", slips[0].Service.Value));
        if (known.ShownBy is { } ordinal && state.Tickets.TryGetValue(ordinal, out var live) && !live.Ended)
            return new Refusal(RefusalCode.AlreadyWaiting, ("number", live.Number), ("id", live.Id.ToString()), ("state", live.State));
        slip = known;
        return null;
    }

    /// <summary>What a visitor is told who would wait for any of these from now on: of the one where fewest are ahead.</summary>
    private static (int Ahead, Estimate? Estimate) Told(HallState state, ReadOnlySpan<ServiceSettings> services, ClassSettings @class, Instant since, Instant at)
    {
        (int Ahead, Estimate? Estimate) best = (int.MaxValue, null);
        foreach (var service in services)
        {
            var line = state.Lines[service.Line];
            var ahead = HallState.Ahead(line, @class, since, long.MaxValue, at);
            if (ahead < best.Ahead) best = (ahead, PlainEstimate.For(ahead, service.ExpectedMinutes, line.OpenWindows));
        }
        return best;
    }

    private static ServiceSettings[] ItemsOf(HallSettings settings, ServiceSettings joint, IReadOnlyList<int> items) => [.. items.Select(i => settings.ServiceById[joint.Legs[i].Service])];

    /// <summary>The service, or the first of a joint one's, for which a visitor has to say who they are; null where none is.</summary>
    private static ServiceId? NeedsIdentity(HallSettings settings, ServiceSettings service)
    {
        if (service.Identity == Identity.Required) return service.Service;
        foreach (var item in service.Legs)
            if (settings.ServiceById[item.Service].Identity == Identity.Required) return item.Service;
        return null;
    }

    /// <summary>Why a line's quotas allow no number now, with when they do again today; null when they do.</summary>
    private static Refusal? Exhausted(HallState state, LineState line, Instant at)
    {
        foreach (var quota in line.Settings.Quotas)
        {
            var (from, to) = SlotOf(state, quota);
            if (at < from || at >= to || Issued(line, from, to) < quota.Max) continue;
            Instant? next = null;
            foreach (var other in line.Settings.Quotas)
                if (SlotOf(state, other) is var (begins, ends) && begins >= to && Issued(line, begins, ends) < other.Max && !(begins >= next)) next = begins;
            return new Refusal(RefusalCode.QuotaReached, ("line", line.Settings.Line.Value), ("max", quota.Max), ("until", to), ("next", next));
        }
        return null;
    }

    /// <summary>A quota's slot of the running day; one that ends at midnight or before it begins ends with the day.</summary>
    private static (Instant From, Instant To) SlotOf(HallState state, QuotaSettings quota)
    {
        var zone = state.Settings.Calendar.Zone;
        return (ServiceDay.InstantOf(state.Day.ToDateTime(quota.From), zone), quota.To > quota.From ? ServiceDay.InstantOf(state.Day.ToDateTime(quota.To), zone) : state.DayEndsAt);
    }

    private static int Issued(LineState line, Instant from, Instant to)
    {
        return Before(to.Milliseconds) - Before(from.Milliseconds);

        int Before(long at)
        {
            var (low, high) = (0, line.Issues.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (line.Issues[middle] < at) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }

    /// <summary>The ways among a caller's that grant a class.</summary>
    private static Grants Granted(ClassSettings @class, Grants grants, int? age) =>
        // An ID number proves an age, so it grants only where the class names one and it fits.
        @class.GrantedBy & (age >= @class.AgeFrom ? grants : grants & ~Grants.IdCard);

    /// <summary>Why nobody, or not this person, may wait for a service from now on; null when they may. Numbers, changes and transfers ask the same.</summary>
    /// <param name="but">A visit of the person that may be for that service already.</param>
    /// <param name="promised">The place was taken before, with an appointment.</param>
    /// <param name="inHours">Only while numbers may be taken.</param>
    /// <param name="to">An open window that does it takes the visitor: what the calendar expects of the others does not matter.</param>
    private static Refusal? Unavailable(HallState state, ServiceSettings service, PersonId? who, Instant now, Ticket? but = null, bool promised = false, bool inHours = false, WindowId? to = null)
    {
        var line = state.Lines[service.Line];
        if (!promised && SuspensionOf(state, line, service) is { } suspension) return new Refusal(RefusalCode.Suspended, ("reason", suspension.Reason), ("until", suspension.Until));
        if (!IsOffered(state, line, service)) return new Refusal(RefusalCode.ServiceNotOffered, ("service", service.Service.Value));
        if (who is { } person && state.ByPerson.TryGetValue((person, service.Service), out var live) && live != but)
            return new Refusal(RefusalCode.AlreadyWaiting, ("number", live.Number), ("id", live.Id.ToString()), ("state", live.State));
        if (state.Schedule is not { } schedule || to is not null) return null;
        if (inHours && !schedule.Issuing)
            return new Refusal(RefusalCode.HallClosed, ("opensAt", schedule.IssuesAt), ("appointmentOnly", schedule.AppointmentOnly), ("alternatives", Staffing.Alternatives(state, service, now)));
        return Staffing.IsLeft(state, service, now) ? null : CannotBeServed(state, service, now, "window");
    }

    /// <summary>What suspends a service now, or one of a joint service's; null where nothing does.</summary>
    internal static Suspension? SuspensionOf(HallState state, LineState line, ServiceSettings service)
    {
        if (state.IsSuspended(line, service.Service)) return state.Suspension ?? line.Suspension ?? state.SuspendedServices[service.Service];
        foreach (var item in service.Legs)
            if (state.Settings.ServiceById[item.Service] is var its && SuspensionOf(state, state.Lines[its.Line], its) is { } suspension) return suspension;
        return null;
    }

    private static Decision Decide(HallState state, ChangeTicket command, Instant at)
    {
        if (state.Find(command.Ticket) is not { } ticket) return Unknown(state, command.Ticket);
        if (!state.Settings.ServiceById.TryGetValue(command.Service, out var service)) return Decision.Refuse(RefusalCode.UnknownService, ("service", command.Service.Value));
        if (ticket.State is not (TicketState.Issued or TicketState.Waiting or TicketState.Missed)) return WrongState(ticket);
        if (ticket.Joint is not null || service.Kind == ServiceKind.Joint) return Decision.Refuse(RefusalCode.JointVisit, ("number", ticket.Number));
        var leg = ticket.Leg;
        if (leg.Service == service.Service) return Decision.Nothing;
        if (service.Identity == Identity.Required && ticket.Person is null) return Decision.Refuse(RefusalCode.IdentityRequired, ("service", service.Service.Value));
        if (Unavailable(state, service, ticket.Person, at, ticket) is { } no) return no;
        // A missed visitor is back with it, so what holds for a return holds here: too late is the end of the line.
        var since = ticket.State == TicketState.Missed && !IsInTime(state, ticket, at) ? at : leg.Since;
        return new TicketChanged(ticket.Id.Ordinal, leg.Number + 1, service.Service, service.Line, since);
    }

    private static Decision Decide(HallState state, ChangeClass command)
    {
        if (state.Find(command.Ticket) is not { } ticket) return Unknown(state, command.Ticket);
        if (!state.Settings.ClassById.TryGetValue(command.Class, out var @class)) return Decision.Refuse(RefusalCode.UnknownClass, ("class", command.Class.Value));
        if (ticket.State is not (TicketState.Issued or TicketState.Waiting or TicketState.Away or TicketState.Missed or TicketState.Held)) return WrongState(ticket);
        if (ticket.Class == command.Class) return Decision.Nothing;
        var granted = Granted(@class, command.Grants, command.Age);
        return granted == Grants.None ? Decision.Refuse(RefusalCode.ClassNotGranted, ("class", command.Class.Value)) : new ClassChanged(ticket.Id.Ordinal, command.Class, Strongest(granted));
    }

    /// <summary>Whether some window of the hall has the service's line in its profile; of a joint service, the line of each of its services.</summary>
    /// <param name="line">The service's own.</param>
    internal static bool IsOffered(HallState state, LineState line, ServiceSettings service)
    {
        if (service.Legs.Count == 0) return line.Windows > 0;
        foreach (var item in service.Legs)
            if (state.Lines[state.Settings.ServiceById[item.Service].Line].Windows == 0) return false;
        return true;
    }

    private static string NextNumber(HallState state, LineState line)
    {
        var number = line.LastNumber;
        // A prefix that moved from one line to another during the day would come by numbers already out.
        do number++;
        while (state.ByNumber.Contains(line.Settings.Prefix, number));
        return NumberBook.Write(line.Settings.Prefix, number);
    }

    private static Grants Strongest(Grants granted)
    {
        var bit = 1;
        while (((int)granted & bit) == 0) bit <<= 1;
        return (Grants)bit;
    }

    private static Decision Decide(HallState state, MarkPrinted command)
    {
        if (state.Find(command.Ticket) is not { } ticket) return Unknown(state, command.Ticket);
        return ticket.State == TicketState.Issued ? new TicketPrinted(ticket.Id.Ordinal) : WrongState(ticket);
    }

    private static Decision Decide(HallState state, CancelTicket command)
    {
        if (state.Find(command.Ticket) is not { } ticket) return Unknown(state, command.Ticket);
        return ticket.State is TicketState.Issued or TicketState.Waiting or TicketState.Away or TicketState.Missed or TicketState.Held or TicketState.Called
            ? new TicketCancelled(ticket.Id.Ordinal)
            : WrongState(ticket);
    }

    private static Decision ComeBack(HallState state, Ticket ticket, Instant at) => ticket.State switch
    {
        TicketState.Missed => Return(state, ticket, at),
        TicketState.Held or TicketState.Away => Back(state, ticket),
        _ => WrongState(ticket),
    };

    /// <summary>One who was held is first at the window that held, or where that let go, at any of its line; one who was away is where it was.</summary>
    private static TicketBack Back(HallState state, Ticket ticket)
    {
        if (ticket.State == TicketState.Away) return new TicketBack(ticket.Id.Ordinal, ticket.Leg.Number, null, state.Away.Find(a => a.Ticket == ticket).First);
        var window = state.Held.Find(h => h.Ticket == ticket).Window;
        return new TicketBack(ticket.Id.Ordinal, ticket.Leg.Number, window, First: window is null);
    }

    private static TicketReturned Return(HallState state, Ticket ticket, Instant at)
    {
        var leg = ticket.Leg;
        if (!IsInTime(state, ticket, at)) return new TicketReturned(ticket.Id.Ordinal, leg.Number, at, null, false);
        var caller = state.Find(leg.Window!.Value);
        var next = caller is not null && Serves(caller, leg) && state.Settings.Calling.RejoinAfterCalls > 0 ? caller.Settings.Window : (WindowId?)null;
        return new TicketReturned(ticket.Id.Ordinal, leg.Number, leg.Since, next, First: next is null);
    }

    /// <summary>Whether a missed visitor who is back now keeps the place.</summary>
    internal static bool IsInTime(HallState state, Ticket ticket, Instant at) =>
        ticket.Misses < 2 && at - ticket.MissedAt!.Value <= TimeSpan.FromMinutes(state.Settings.Calling.ReturnMinutes);

    /// <summary>Whether a window is open and has the leg's service on offer, whatever is suspended at the moment.</summary>
    private static bool Serves(WindowState window, Leg leg) => window.CanCall && window.OfferOf(leg.Line) is { } offer && offer.Has(leg.Service);

    /// <summary>Whether any window is open that does a service now, whatever is suspended at the moment: its line may be open for others only.</summary>
    internal static bool IsServed(HallState state, LineId line, ServiceId service)
    {
        foreach (var window in state.Windows.Values)
            if (window.CanCall && window.OfferOf(line)?.Has(service) == true) return true;
        return false;
    }

    private static Decision Decide(HallState state, RateTicket command)
    {
        if (state.Find(command.Ticket) is not { } ticket) return Unknown(state, command.Ticket);
        var leg = ticket.Leg;
        if (leg.Outcome != LegOutcome.Served) return Decision.Refuse(RefusalCode.NotFinished, ("state", ticket.State));
        if (leg.Grade is not null) return Decision.Refuse(RefusalCode.AlreadyRated);
        return new ServiceRated(ticket.Id.Ordinal, leg.Number, leg.Window!.Value, command.Grade, command.Tags, command.Comment, OnPad: false);
    }

    private static Decision Decide(HallState state, RateAtWindow command)
    {
        if (state.Find(command.Window) is not { } window) return Decision.Refuse(RefusalCode.UnknownWindow, ("window", command.Window.Value));
        if (state.Find(command.Ticket)?.LegOf(command.Leg)?.Grade is not null) return Decision.Refuse(RefusalCode.AlreadyRated);
        if (window.Rateable is not { } leg || leg.Ticket.Id != command.Ticket || leg.Number != command.Leg) return Decision.Refuse(RefusalCode.RatingClosed);
        return new ServiceRated(command.Ticket.Ordinal, leg.Number, command.Window, command.Grade, command.Tags, null, OnPad: true);
    }

    // ---- windows

    private static Decision Decide(HallState state, WindowCommand command, Instant at)
    {
        if (state.Find(command.Window) is not { } window) return Decision.Refuse(RefusalCode.UnknownWindow, ("window", command.Window.Value));
        if (command is OpenWindow open) return Open(state, window, open);
        if (window.Occupant is not { } occupant) return Decision.Refuse(RefusalCode.WindowNotOpen);
        if (command is TakeOverWindow takeOver) return TakeOver(state, window, takeOver);
        if (!command.By.Manages && !occupant.Is(command.By)) return Decision.Refuse(RefusalCode.WindowInUse, ("window", command.Window.Value));
        return command switch
        {
            CloseWindow => window.Present is { } p ? Busy(p) : new WindowClosed(command.Window),
            PauseWindow c => window.Present is { } p ? Busy(p) : new WindowPaused(command.Window, c.Reason, c.Until),
            ResumeWindow => window.Pause is null ? Decision.Refuse(RefusalCode.WrongState, ("state", window.Status)) : !IsScheduled(state, window) || window.IsReleased ? NotScheduled(state, window) : new WindowResumed(command.Window),
            _ when !window.CanCall => Decision.Refuse(RefusalCode.WindowNotOpen, ("state", window.Status)),
            CallNext => window.Present is { } p ? Busy(p) : Call(state, window, at) is { } called ? called : Decision.Nothing,
            CallTicket c => window.Present is { } p ? Busy(p) : Call(state, window, c),
            ReturnAtWindow c => state.FindNumber(c.Number) is { } ticket ? ComeBack(state, ticket, at) : Decision.Refuse(RefusalCode.UnknownTicket, ("number", c.Number)),
            Next c => Decide(state, window, c, at),
            _ when window.Present is null => Decision.Refuse(RefusalCode.NothingCalled),
            Halls.Recall => Recall(state, window, window.Present, at),
            StartService => window.Present.State == TicketState.Called
                ? new ServiceStarted(window.Present.Id.Ordinal, window.Present.Leg.Number, command.Window, StartKind.Pressed, at)
                : Decision.Refuse(RefusalCode.AlreadyStarted),
            FinishService c => window.Present.State == TicketState.Called
                ? Decision.Refuse(RefusalCode.NotStarted)
                : Finish(state, window, window.Present, c.Outcome, c.Missing, c.Items, out var refusal) is not { } finished ? refusal!
                : Finished(state, window.Present, finished, at),
            MarkNoShow => NoShow(state, window.Present, at),
            MarkStage c => Decide(window, window.Present, c, at),
            AcceptMatter => occupant.Staff is not { } staff ? Decision.Refuse(RefusalCode.NobodyNamed)
                : window.Present.Owner == staff ? Decision.Nothing : new OwnerChanged(window.Present.Id.Ordinal, staff),
            HoldTicket => Hold(state, window, window.Present),
            Transfer c => Decide(state, window, window.Present, c, at),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "No window knows this command."),
        };
    }

    private static Decision Open(HallState state, WindowState window, OpenWindow command)
    {
        if (Sitting(state, command.By, command.As, out var refusal) is not { } occupant) return refusal!;
        if (window.Occupant is { } there)
            return there == occupant || (there.Staff is not null && there.Staff == occupant.Staff) ? Decision.Nothing : Decision.Refuse(RefusalCode.WindowInUse, ("window", window.Settings.Window.Value), ("account", there.Account), ("staff", there.Staff?.Value));
        if (AtOther(state, window, occupant) is { } elsewhere) return elsewhere;
        var opened = new WindowOpened(window.Settings.Window, occupant);
        // Before its hours, or for a person who is early: the window opens by itself when it is time.
        return IsScheduled(state, window) ? opened : Decision.Of(opened, new WindowPaused(window.Settings.Window, PauseReason.Schedule, ReopensAt(state, window)));
    }

    private static Decision NotScheduled(HallState state, WindowState window) =>
        Decision.Refuse(RefusalCode.NotScheduled, ("window", window.Settings.Window.Value), ("opensAt", ReopensAt(state, window)));

    private static Decision TakeOver(HallState state, WindowState window, TakeOverWindow command)
    {
        if (Sitting(state, command.By, command.As, out var refusal) is not { } occupant) return refusal!;
        if (window.Occupant == occupant) return Decision.Nothing;
        if (!command.By.Manages && !(occupant.Staff is { } staff && state.Settings.Calendar.Roster.Any(r => r.Window == window.Settings.Window && r.B == staff)))
            return Decision.Refuse(RefusalCode.NotStandIn, ("window", window.Settings.Window.Value));
        return AtOther(state, window, occupant) ?? new WindowTakenOver(window.Settings.Window, occupant);
    }

    /// <summary>Who would sit: the member of staff asked for, the clerk's own, or the account itself. Another than one's own only from a manager.</summary>
    private static Occupant? Sitting(HallState state, Clerk by, StaffId? @as, out Refusal? refusal)
    {
        refusal = null;
        var staff = @as ?? by.Staff;
        if (staff is { } id && !state.Settings.StaffById.ContainsKey(id)) refusal = new Refusal(RefusalCode.UnknownStaff, ("staff", id.Value));
        else if (@as is { } other && other != by.Staff && !by.Manages) refusal = new Refusal(RefusalCode.WindowInUse, ("staff", other.Value));
        return refusal is null ? new Occupant(by.Account, staff) : null;
    }

    /// <summary>A person is at one window. A manager who opens a window for a member of staff is not that person.</summary>
    private static Decision? AtOther(HallState state, WindowState window, Occupant occupant)
    {
        foreach (var other in state.Windows.Values)
        {
            if (ReferenceEquals(other, window) || other.Occupant is not { } there) continue;
            var same = occupant.Staff is { } staff ? there.Staff == staff : there.Staff is null && there.Account == occupant.Account;
            if (same) return Decision.Refuse(RefusalCode.AlreadyAtWindow, ("window", other.Settings.Window.Value));
        }
        return null;
    }

    private static TicketCalled? Call(HallState state, WindowState window, Instant at) =>
        Calling.Next(state, window, at) is { } pick
            ? new TicketCalled(pick.Leg.Ticket.Id.Ordinal, pick.Leg.Number, window.Settings.Window, window.Occupant!.Staff, pick.Reason, pick.Overtook, pick.FirstOvertaken, null)
            : null;

    private static Decision Call(HallState state, WindowState window, CallTicket command)
    {
        if (state.FindNumber(command.Number) is not { } ticket) return Decision.Refuse(RefusalCode.UnknownTicket, ("number", command.Number));
        if (ticket.State != TicketState.Waiting) return WrongState(ticket);
        // Of a joint visit for what this window does, where it does any of it.
        var leg = ticket.Beside.Prepend(ticket.Leg).FirstOrDefault(leg => Serves(window, leg)) ?? ticket.Leg;
        if (state.IsSuspended(state.Lines[leg.Line], leg.Service)) return Decision.Refuse(RefusalCode.Suspended);
        return new TicketCalled(ticket.Id.Ordinal, leg.Number, window.Settings.Window, window.Occupant!.Staff, CallReason.Manager, 0, null, command.Reason);
    }

    private static Decision Decide(HallState state, WindowState window, Next command, Instant at)
    {
        if (window.Present is not { } present) return Call(state, window, at) is { } only ? only : Decision.Nothing;
        var events = new List<HallEvent>(3);
        if (present.State == TicketState.Called)
        {
            if (command.Outcome is null) return Decision.Refuse(RefusalCode.NotStarted);
            events.Add(new ServiceStarted(present.Id.Ordinal, present.Leg.Number, command.Window, StartKind.Next, present.Leg.LastCallAt!.Value));
        }
        if (Finish(state, window, present, command.Outcome, command.Missing, null, out var refusal) is not { } finished) return refusal!;
        foreach (var e in Finished(state, present, finished, at)) events.Add(e);
        // The pick does not depend on the visit that is being finished, unless this window can call it again.
        if ((GoesOnHere(state, window, present, events) ? CallAfter(state, events, window, at) : Call(state, window, at)) is { } called) events.Add(called);
        return Decision.Of([.. events]);
    }

    /// <summary>Whether a visit waits again, once it is finished here, for a service of this window: another of a joint one's, or what it has to come back to.</summary>
    private static bool GoesOnHere(HallState state, WindowState window, Ticket present, List<HallEvent> events)
    {
        foreach (var other in present.Beside)
            if (Serves(window, other)) return true;
        foreach (var stop in state.Returns)
            if (stop.Ticket == present && window.OfferOf(stop.Line)?.Has(stop.Service) == true) return true;
        foreach (var e in events)
            if (e is LegBegun begun && window.OfferOf(begun.Line)?.Has(begun.Service) == true) return true;
        return false;
    }

    /// <summary>The pick from the hall as it is after the finish.</summary>
    private static TicketCalled? CallAfter(HallState state, List<HallEvent> events, WindowState window, Instant at)
    {
        var after = state.Copy();
        foreach (var e in events) Evolve(after, e, at, after.Sequence + 1);
        return Call(after, after.Find(window.Settings.Window)!, at);
    }

    private static ServiceFinished? Finish(HallState state, WindowState window, Ticket ticket, FinishOutcome? outcome, TextHash? missing, int? items, out Refusal? refusal)
    {
        refusal = outcome is null && state.Settings.Calling.RequireOutcome ? new Refusal(RefusalCode.OutcomeRequired) : null;
        if (refusal is not null) return null;
        var byDefault = state.Settings.ServiceById[ticket.Leg.Service].Kind == ServiceKind.Immediate ? FinishOutcome.Done : FinishOutcome.Accepted;
        return new ServiceFinished(ticket.Id.Ordinal, ticket.Leg.Number, window.Settings.Window, window.Occupant!.Staff, outcome ?? byDefault, missing, items ?? ticket.Cases);
    }

    /// <summary>A finish with what it brings about: legs of a joint visit that may begin by it, and the slip of one who is sent home for what is missing.</summary>
    private static EventList Finished(HallState state, Ticket ticket, ServiceFinished finished, Instant at)
    {
        if (ticket.Joint is null && finished.Outcome != FinishOutcome.ToldOnce) return new(finished);
        var events = new List<HallEvent>(2);
        if (ticket.Joint is not null) events.AddRange(JointVisits.After(state, ticket, finished, at));
        events.Add(finished);
        if (finished.Outcome == FinishOutcome.ToldOnce && state.SlipOf(ticket.Id.Ordinal, ticket.Leg.Service) < 0)
            events.Add(new SlipGiven(ticket.Id.Ordinal, ticket.Leg.Service, TimesTold(state, ticket) + 1, at + TimeSpan.FromDays(state.Settings.Calling.SlipDays), finished.Missing));
        return new([.. events]);
    }

    /// <summary>How often the visitor was told before what is missing for the service that runs: of what the slip shown is for, whichever leg it is by now.</summary>
    private static int TimesTold(HallState state, Ticket ticket) =>
        ticket.Slip is { } shown && state.SlipOf(shown, ticket.Leg.Service) is var slip and >= 0 ? state.Slips[slip].Times : 0;

    private static Decision Recall(HallState state, WindowState window, Ticket ticket, Instant at)
    {
        if (!IsSummoned(ticket)) return Decision.Refuse(RefusalCode.AlreadyStarted);
        var counted = at - ticket.Leg.LastCountedCallAt!.Value >= state.MinGap(ticket.Class);
        return new TicketRecalled(ticket.Id.Ordinal, ticket.Leg.Number, window.Settings.Window, counted);
    }

    private static Decision NoShow(HallState state, Ticket ticket, Instant at)
    {
        if (NoShowAllowed(state, ticket) is not { } allowed) return Decision.Refuse(RefusalCode.AlreadyStarted);
        var leg = ticket.Leg;
        if (allowed.CallsLacking > 0) return Decision.Refuse(RefusalCode.TooEarly, ("allowedAt", Instant.Max(allowed.At, at)), ("callsLacking", allowed.CallsLacking));
        var missed = new TicketMissed(ticket.Id.Ordinal, leg.Number, leg.Window!.Value, ticket.Misses + 1);
        // Of a day that is over (its start by time came before midnight): its number may be another's by now, so it does not come back.
        return missed.Misses < LastMiss && ticket.Day == state.Day ? missed : Decision.Of(missed, new TicketExpired(ticket.Id.Ordinal));
    }

    private static Decision Hold(HallState state, WindowState window, Ticket ticket)
    {
        if (ticket.State == TicketState.Called) return Decision.Refuse(RefusalCode.NotStarted);
        if (ticket.Day != state.Day) return Decision.Refuse(RefusalCode.DayOver);
        var held = state.Held.Count(h => h.Window == window.Settings.Window);
        return held >= state.Settings.Calling.MaxHeld
            ? Decision.Refuse(RefusalCode.TooManyHeld, ("held", held), ("maxHeld", state.Settings.Calling.MaxHeld))
            : new TicketHeld(ticket.Id.Ordinal, ticket.Leg.Number, window.Settings.Window);
    }

    private static Decision Decide(HallState state, WindowState window, Ticket ticket, Transfer command, Instant at)
    {
        // A visit of a day that is over ends with what is being done.
        if (ticket.Day != state.Day) return Decision.Refuse(RefusalCode.DayOver);
        if (Target(state, ticket.Leg, command, out var refusal) is not { } service) return refusal!;
        if (service.Identity == Identity.Required && ticket.Person is null) return Decision.Refuse(RefusalCode.IdentityRequired, ("service", service.Service.Value));
        if (service.Kind == ServiceKind.Joint || JointVisits.IsToCome(ticket, service.Service)) return Decision.Refuse(RefusalCode.JointVisit, ("service", service.Service.Value));
        if (Unavailable(state, service, ticket.Person, at, ticket, to: command.To) is { } no) return no;
        return new TicketTransferred(ticket.Id.Ordinal, ticket.LastLeg + 1, window.Settings.Window, service.Service, service.Line, command.KeepPlace ? ticket.IssuedAt : at, command.To, command.ReturnHere);
    }

    /// <summary>The service that a visitor is passed on for.</summary>
    private static ServiceSettings? Target(HallState state, Leg leg, Transfer command, out Refusal? refusal)
    {
        refusal = null;
        var settings = state.Settings;
        if (command.Service is { } named)
        {
            if (settings.ServiceById.TryGetValue(named, out var service)) return service;
            refusal = new Refusal(RefusalCode.UnknownService, ("service", named.Value));
            return null;
        }
        if (command.Line is { } line)
        {
            if (!settings.LineById.ContainsKey(line)) refusal = new Refusal(RefusalCode.UnknownLine, ("line", line.Value));
            else if (leg.Line == line) return settings.ServiceById[leg.Service];
            else if (settings.Services.FirstOrDefault(s => s.Line == line && s.Kind != ServiceKind.Joint) is { } first) return first;
            else refusal = new Refusal(RefusalCode.ServiceNotOffered, ("line", line.Value));
            return null;
        }
        var to = command.To!.Value;
        if (state.Find(to) is not { } window) refusal = new Refusal(RefusalCode.UnknownWindow, ("window", to.Value));
        else if (!window.CanCall) refusal = new Refusal(RefusalCode.WindowNotOpen, ("window", to.Value), ("state", window.Status));
        else if (Serves(window, leg)) return settings.ServiceById[leg.Service];
        else if (window.Offer.SelectMany(offer => settings.Services.Where(s => s.Line == offer.Line.Settings.Line && s.Kind != ServiceKind.Joint && offer.Has(s.Service))).FirstOrDefault() is { } first) return first;
        else refusal = new Refusal(RefusalCode.ServiceNotOffered, ("window", to.Value));
        return null;
    }

    private static Decision Decide(WindowState window, Ticket ticket, MarkStage command, Instant at)
    {
        var marked = new StageMarked(ticket.Id.Ordinal, ticket.Leg.Number, window.Settings.Window, command.Stage);
        // Whoever hands in papers is there: a start that time alone inferred is known by now.
        if (IsSummoned(ticket))
            return Decision.Of(new ServiceStarted(ticket.Id.Ordinal, ticket.Leg.Number, window.Settings.Window, StartKind.StageMark, ticket.Leg.StartedAt ?? at), marked);
        return ticket.HasReached(command.Stage) ? Decision.Nothing : marked;
    }

    /// <summary>From when the calls that are still lacking, made as soon as each of them counts, allow a no-show; null for a ticket that is not called.</summary>
    internal static (Instant At, int CallsLacking)? NoShowAllowed(HallState state, Ticket ticket)
    {
        if (ticket.State is not (TicketState.Called or TicketState.Serving) || !IsSummoned(ticket)) return null;
        var lacking = Math.Max(0, state.MinCalls(ticket.Class) - ticket.Leg.CountedCalls);
        return (ticket.Leg.LastCountedCallAt!.Value + lacking * state.MinGap(ticket.Class), lacking);
    }

    /// <summary>Called and not there yet, for all anybody knows: a start inferred by time alone is taken back.</summary>
    private static bool IsSummoned(Ticket ticket) => ticket.State == TicketState.Called || ticket.Leg.StartKind == StartKind.Time;

    private static Decision Decide(HallState state, ChangeProfile command)
    {
        if (state.Find(command.Window) is null) return Decision.Refuse(RefusalCode.UnknownWindow, ("window", command.Window.Value));
        foreach (var line in command.Profile)
            if (!state.Lines.ContainsKey(line.Line)) return Decision.Refuse(RefusalCode.UnknownLine, ("line", line.Line.Value));
        return new WindowProfileChanged(command.Window, command.Profile);
    }

    // ---- the hall

    private static Decision Decide(HallState state, Suspend command)
    {
        foreach (var line in command.Lines)
            if (!state.Lines.ContainsKey(line)) return Decision.Refuse(RefusalCode.UnknownLine, ("line", line.Value));
        foreach (var service in command.Services)
            if (!state.Settings.ServiceById.ContainsKey(service)) return Decision.Refuse(RefusalCode.UnknownService, ("service", service.Value));
        return new Suspended(command.Lines, command.Services, command.Reason, command.Until);
    }

    private static Decision Decide(HallState state, Resume command)
    {
        foreach (var line in command.Lines)
            if (!state.Lines.TryGetValue(line, out var known)) return Decision.Refuse(RefusalCode.UnknownLine, ("line", line.Value));
            else if (known.Suspension is null) return Decision.Refuse(RefusalCode.NotSuspended, ("line", line.Value));
        foreach (var service in command.Services)
            if (!state.Settings.ServiceById.ContainsKey(service)) return Decision.Refuse(RefusalCode.UnknownService, ("service", service.Value));
            else if (!state.SuspendedServices.ContainsKey(service)) return Decision.Refuse(RefusalCode.NotSuspended, ("service", service.Value));
        var any = state.Suspension is not null || state.SuspendedServices.Count > 0 || state.Lines.Values.Any(l => l.Suspension is not null);
        return any ? new Resumed(command.Lines, command.Services) : Decision.Refuse(RefusalCode.NotSuspended);
    }

    private static Decision Decide(HallState state, PostNotice command, Instant at)
    {
        if (command.Zone is { } zone && !state.Settings.Zones.Any(z => z.Zone == zone)) return Decision.Refuse(RefusalCode.UnknownZone, ("zone", zone.Value));
        if (command.Until <= at) return Decision.Refuse(RefusalCode.NoticeOver, ("until", command.Until));
        return state.Notices.Count >= MaxNotices ? Decision.Refuse(RefusalCode.TooManyNotices, ("notices", state.Notices.Count)) : new NoticePosted(command.Text, command.Zone, command.Until);
    }

    private static Decision Decide(HallState state, WithdrawNotice command) =>
        state.Notices.Exists(n => n.Id == command.Notice) ? new NoticeEnded(command.Notice) : Decision.Refuse(RefusalCode.UnknownNotice, ("notice", command.Notice));

    private static Decision Decide(HallState state, ConfigureHall command, Instant at)
    {
        var settings = command.Document.Settings;
        if (!state.Exists)
        {
            if (command.IfVersion is not null) return Decision.Refuse(RefusalCode.VersionChanged);
            var day = settings.Calendar.DayAt(at, state.Holidays);
            return new HallConfigured(command.Number, command.Document, day, settings.Calendar.EndOf(day, state.Holidays));
        }
        if (command.IfVersion is { } version && version != state.Document.Version) return Decision.Refuse(RefusalCode.VersionChanged);
        if (command.Document.Equals(state.Document)) return Decision.Nothing;
        if (HallChange.To(state, settings).InUse is [var used, ..])
            return Decision.Refuse(RefusalCode.InUse, ("path", used.Path), ("by", used.By[0]), ("all", used.By));
        return new HallConfigured(state.Number, command.Document, state.Day, settings.Calendar.EndOf(state.Day, state.Holidays));
    }

    // ---- refusals several decisions share

    private static Decision WrongState(Ticket ticket) => Decision.Refuse(RefusalCode.WrongState, ("state", ticket.State), ("number", ticket.Number));

    private static Decision Busy(Ticket ticket) => Decision.Refuse(RefusalCode.WindowBusy, ("number", ticket.Number), ("state", ticket.State));

    /// <summary>A ticket that is not in the state any more is one of a day that is over; one that was never issued is unknown.</summary>
    private static Decision Unknown(HallState state, TicketId id) =>
        id.Hall == state.Number && id.Ordinal > 0 && id.Ordinal <= state.LastOrdinal ? Decision.Refuse(RefusalCode.DayOver) : Decision.Refuse(RefusalCode.UnknownTicket);
}
