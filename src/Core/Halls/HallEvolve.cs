using HallOps.Core.Foresight;

namespace HallOps.Core.Halls;

public static partial class Hall
{
    /// <summary>Folds an event into the state. Never refuses.</summary>
    /// <param name="at">When it happened.</param>
    /// <param name="sequence">Its sequence in the hall's history: one above the last.</param>
    /// <exception cref="InvalidOperationException">The sequence does not follow, or the event does not fit the state: a broken invariant.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An event this hall does not know.</exception>
    public static void Evolve(HallState state, HallEvent @event, Instant at, long sequence)
    {
        if (sequence != state.Sequence + 1) throw new InvalidOperationException($"Hall {state.Number}: event {sequence} does not follow {state.Sequence}.");
        state.Sequence = sequence;
        state.At = at;
        switch (@event)
        {
            case TicketIssued e: Issue(state, e, at, sequence); break;
            case CasesDeclared e: TicketOf(state, e.Ticket).Cases = e.Cases; break;
            case JointBegun e: BeginJoint(state, e); break;
            case LegBegun e: BeginLeg(state, e, sequence); break;
            case SlipGiven e: state.Slips.Add(new Slip(e.Ticket, e.Service, TicketOf(state, e.Ticket).Person, e.Times, e.Until, e.Missing, null)); break;
            case SlipShown e: ShowSlip(state, e); break;
            case TicketPrinted e: Print(state, TicketOf(state, e.Ticket)); break;
            case TicketVoided e: End(state, TicketOf(state, e.Ticket), TicketState.Void); TrimUnprinted(state); UndoCheckIn(state, e.Ticket); break;
            case TicketCalled e: Call(state, e, at, sequence); break;
            case TicketRecalled e: Recall(state, e, at, sequence); break;
            case ServiceStarted e: Start(state, e); break;
            case ServiceFinished e: Finish(state, e, at, sequence); break;
            case TicketMissed e: Miss(state, e, at); break;
            case TicketReturned e: Return(state, e); break;
            case TicketChanged e: Change(state, e, sequence); break;
            case TicketHeld e: Hold(state, e, at); break;
            case TicketAway e: StepAway(state, e); break;
            case TicketBack e: Back(state, e); break;
            case TicketTransferred e: Transfer(state, e, sequence); break;
            case StageMarked e: TicketOf(state, e.Ticket).Stages |= (byte)(1 << (int)e.Stage); break;
            case ClassChanged e: Reclass(state, e); break;
            case OwnerChanged e: TicketOf(state, e.Ticket).Owner = e.Owner; break;
            case TicketCancelled e: End(state, TicketOf(state, e.Ticket), TicketState.Cancelled); TrimUnprinted(state); break;
            case TicketExpired e: End(state, TicketOf(state, e.Ticket), TicketState.Expired); break;
            case ServiceRated e: Rate(state, e); break;
            case WindowOpened e: Seat(state, WindowOf(state, e.Window), e.Occupant); break;
            case WindowTakenOver e: Seat(state, WindowOf(state, e.Window), e.Occupant); break;
            case WindowClosed e: Close(state, WindowOf(state, e.Window)); break;
            case WindowPaused e: Pause(state, e); break;
            case WindowResumed e: Unpause(state, WindowOf(state, e.Window)); break;
            case WindowProfileChanged e: Reprofile(state, WindowOf(state, e.Window), e.Profile); break;
            case Suspended e: Suspend(state, e); break;
            case Resumed e: Resume(state, e); break;
            case NoticePosted e: state.Notices.Add(new PostedNotice(sequence, e.Text, e.Zone, e.Until)); break;
            case NoticeEnded e: EndNotice(state, e); break;
            case AppointmentBooked e: state.Appointments.Put(new Appointment(e.Code, e.Service, e.Slot, e.Ends, e.From, e.Until, e.Person, sequence)); break;
            case AppointmentMoved e: Move(state, e); break;
            case AppointmentCancelled e: state.Appointments.Remove(e.Code); break;
            case AppointmentReleased e: state.Appointments.Put(AppointmentOf(state, e.Code) with { State = AppointmentState.Released }); break;
            case AppointmentCheckedIn e: CheckIn(state, e); break;
            case DayEnded e: EndDay(state, e, at); break;
            case DayForgotten e: Forget(state, e.Day); break;
            case HolidaysAnnounced e: Announce(state, e, at); break;
            case ScheduleReached e: Reach(state, e.Schedule, at); break;
            case StandInChanged e: StandIn(state, e); break;
            case HallConfigured e: Configure(state, e); break;
            default: throw new ArgumentOutOfRangeException(nameof(@event), @event.GetType().Name, "No hall knows this event.");
        }
    }

    // A method of its own: in the switch, what captures the event would be made for every event there is.
    private static void EndNotice(HallState state, NoticeEnded e) => state.Notices.RemoveAll(n => n.Id == e.Notice);

    // ---- tickets

    private static void Issue(HallState state, TicketIssued e, Instant at, long sequence)
    {
        if (e.Ticket != state.LastOrdinal + 1) throw new InvalidOperationException($"Hall {state.Number}: ticket {e.Ticket} does not follow {state.LastOrdinal}.");
        state.LastOrdinal = e.Ticket;
        var ticket = new Ticket(new TicketId(state.Number, e.Ticket), e.Number, state.Day, e.Person, e.Class, e.Granted, e.Source, at);
        var leg = ticket.Leg = new Leg(ticket, 1, e.Service, e.Line, at, sequence);
        var line = state.Lines[e.Line];
        if (line.Settings.Quotas.Count > 0) line.Issues.Add(at.Milliseconds);
        state.Tickets.Add(ticket);
        line.LastNumber = state.ByNumber.Add(e.Number, e.Ticket);
        if (e.Person is { } person) state.ByPerson[(person, e.Service)] = ticket;
        state.Waiting++;
        if (e.Printed)
        {
            ticket.State = TicketState.Waiting;
            Queue(state, line, leg, WaitingPlace.Open, default);
        }
        else
        {
            ticket.State = TicketState.Issued;
            state.Unprinted.Enqueue(ticket);
        }
    }

    private static void BeginJoint(HallState state, JointBegun e)
    {
        var ticket = TicketOf(state, e.Ticket);
        var joint = ticket.Leg;
        if (ticket.State == TicketState.Waiting) StopWaiting(state, ticket);
        ticket.Joint = new JointVisit(joint.Service, joint.Line, e.Items);
        ticket.Leg = new Leg(ticket, joint.Number, e.Service, e.Line, joint.Since, joint.FirstSequence) { Item = e.Item };
        if (ticket.State == TicketState.Waiting) Wait(state, ticket.Leg, WaitingPlace.Open, default);
    }

    private static void BeginLeg(HallState state, LegBegun e, long sequence)
    {
        var ticket = TicketOf(state, e.Ticket);
        // How often it was passed over is the visitor's: one that follows another begins with what that one had.
        var leg = new Leg(ticket, e.Leg, e.Service, e.Line, e.Since, sequence) { Item = e.Item, Overtaken = ticket.State == TicketState.Serving ? ticket.Leg.Overtaken : 0 };
        ticket.Beside = [.. ticket.Beside, leg];
        if (ticket.State == TicketState.Waiting) Queue(state, leg, WaitingPlace.Open, default);
    }

    private static void ShowSlip(HallState state, SlipShown e)
    {
        var ticket = TicketOf(state, e.Ticket);
        (ticket.Slip, ticket.Told) = (e.Slip, e.Times);
        // A service that became a joint one meanwhile is the visit's matter, and no leg's.
        var slip = state.SlipOf(e.Slip, ticket.Matter);
        state.Slips[slip] = state.Slips[slip] with { ShownBy = e.Ticket };
    }

    private static void Print(HallState state, Ticket ticket)
    {
        Wait(state, ticket.Leg, WaitingPlace.Open, default);
        TrimUnprinted(state);
    }

    private static void Call(HallState state, TicketCalled e, Instant at, long sequence)
    {
        var ticket = TicketOf(state, e.Ticket);
        var leg = ticket.Joint is null ? ticket.Leg : ticket.LegOf(e.Leg)!;
        var window = WindowOf(state, e.Window);
        if (window.Present is { } other) throw new InvalidOperationException($"Hall {state.Number}: {ticket.Number} called to window {e.Window}, which has {other.Number}.");
        if (e.Reason == CallReason.Class)
        {
            Calling.CountOvertaking(state, window, leg, at);
            window.PriorityRun++;
        }
        else if (e.Reason is CallReason.Protected or CallReason.Help or CallReason.FirstCome) window.PriorityRun = 0;
        var line = leg.Group!.Line;
        StopWaiting(state, ticket);
        ticket.TurnTo(leg);
        state.Waiting--;
        CountLineCall(state, line);

        ticket.State = TicketState.Called;
        state.Summoned.Add(ticket);
        window.Present = ticket;
        leg.Window = e.Window;
        leg.Staff = e.Staff;
        var wasCalled = leg.FirstCalledAt is not null || ticket.Joint is not null;
        leg.FirstCalledAt ??= at;
        leg.CalledAt = leg.LastCallAt = leg.LastCountedCallAt = at;
        leg.CallSequence = sequence;
        leg.Times = leg.CountedCalls = 1;
        leg.Reason = e.Reason;
        leg.Overtook = e.Overtook;
        leg.FirstOvertaken = e.FirstOvertaken;
        leg.StartedAt = null;
        leg.StartKind = null;

        var calls = state.RecentCalls;
        // Nearly all are called for the first time: none of the last calls can be theirs.
        if (wasCalled)
            for (var i = calls.Count - 1; i >= 0; i--)
                if (ReferenceEquals(calls[i].Ticket, ticket)) calls.RemoveAt(i);
        if (calls.Count == HallState.KeptCalls) calls.RemoveAt(0);
        calls.Add(new RecentCall(ticket, e.Window, sequence));
    }

    private static void Recall(HallState state, TicketRecalled e, Instant at, long sequence)
    {
        var ticket = TicketOf(state, e.Ticket);
        var leg = ticket.Leg;
        if (ticket.State != TicketState.Called) state.Summoned.Add(ticket);
        ticket.State = TicketState.Called;
        leg.StartedAt = null;
        leg.StartKind = null;
        leg.LastCallAt = at;
        leg.CallSequence = sequence;
        leg.Times++;
        if (!e.Counted) return;
        leg.CountedCalls++;
        leg.LastCountedCallAt = at;
    }

    private static void Start(HallState state, ServiceStarted e)
    {
        var ticket = TicketOf(state, e.Ticket);
        state.Summoned.Remove(ticket);
        ticket.State = TicketState.Serving;
        ticket.Leg.StartedAt = e.StartedAt;
        ticket.Leg.StartKind = e.How;
        ticket.Owner ??= ticket.Leg.Staff;
        WindowOf(state, e.Window).Rateable = null;
    }

    private static void Finish(HallState state, ServiceFinished e, Instant at, long sequence)
    {
        var ticket = TicketOf(state, e.Ticket);
        var leg = ticket.Leg;
        leg.FinishedAt = at;
        leg.FinishOutcome = e.Outcome;
        leg.Staff = e.Staff;
        var window = WindowOf(state, e.Window);
        window.Rateable = leg;
        // What the visitor came back for was dealt with, whatever came of it.
        if (ticket.Slip is { } told && e.Outcome != FinishOutcome.Left && state.SlipOf(told, leg.Service) is var slip and >= 0) state.Slips.RemoveAt(slip);
        // A visit of a day that is over, or of one who went away, goes on nowhere.
        var goesOn = ticket.Day == state.Day && e.Outcome != FinishOutcome.Left;
        ReturnStop stop = default;
        if (!goesOn || (!(state.Returns.Count > 0 && TakeReturn(state, ticket, out stop)) && ticket.Beside.Count == 0))
        {
            End(state, ticket, TicketState.Finished);
            return;
        }
        leg.Outcome = LegOutcome.Served;
        window.Present = null;
        if (stop.Ticket is null)
        {
            GoOnBeside(state, ticket);
            return;
        }
        Follow(state, ticket, stop.Service, stop.Line, at, sequence);
        var reserved = state.Find(stop.Window) is { } there && Serves(there, ticket.Leg);
        Wait(state, ticket.Leg, reserved ? WaitingPlace.Resuming : WaitingPlace.First, reserved ? stop.Window : default);
    }

    /// <summary>The leg that ran is over, and the others of the joint visit wait again.</summary>
    private static void GoOnBeside(HallState state, Ticket ticket)
    {
        state.RecentCalls.RemoveAll(c => ReferenceEquals(c.Ticket, ticket));
        ticket.Earlier = [.. ticket.Earlier, ticket.Leg];
        ticket.Leg = ticket.Beside[0];
        ticket.Beside = [.. ticket.Beside.Skip(1)];
        state.Waiting++;
        Wait(state, ticket.Leg, ticket.Leg.WasFirst ? WaitingPlace.First : WaitingPlace.Open, default);
    }

    private static bool TakeReturn(HallState state, Ticket ticket, out ReturnStop stop)
    {
        var at = state.Returns.FindLastIndex(s => s.Ticket == ticket);
        stop = at < 0 ? default : state.Returns[at];
        if (at >= 0) state.Returns.RemoveAt(at);
        return at >= 0;
    }

    /// <summary>The visit goes on with another leg, which is not in a line yet.</summary>
    private static void Follow(HallState state, Ticket ticket, ServiceId service, LineId line, Instant since, long sequence)
    {
        var before = ticket.Leg;
        // The calls before are the ended leg's; no board keeps them.
        state.RecentCalls.RemoveAll(c => ReferenceEquals(c.Ticket, ticket));
        if (ticket.Person is { } person && ticket.Joint is null)
        {
            // Whoever comes back for it waits for it all the while.
            if (!ComesBackFor(state, ticket, before.Service)) state.ByPerson.Remove((person, before.Service));
            state.ByPerson[(person, service)] = ticket;
        }
        var number = ticket.LastLeg + 1;
        ticket.Earlier = [.. ticket.Earlier, before];
        // How often it was passed over stays: the bound is the visitor's.
        ticket.Leg = new Leg(ticket, number, service, line, since, sequence) { Item = before.Item, Overtaken = before.Overtaken };
        if (ticket.State is not (TicketState.Waiting or TicketState.Issued)) state.Waiting++;
    }

    private static bool ComesBackFor(HallState state, Ticket ticket, ServiceId service)
    {
        foreach (var stop in state.Returns)
            if (ReferenceEquals(stop.Ticket, ticket) && stop.Service == service) return true;
        return false;
    }

    private static void Miss(HallState state, TicketMissed e, Instant at)
    {
        var ticket = TicketOf(state, e.Ticket);
        state.Summoned.Remove(ticket);
        ticket.State = TicketState.Missed;
        ticket.Misses = e.Misses;
        ticket.MissedAt = at;
        ticket.Leg.StartedAt = null;
        ticket.Leg.StartKind = null;
        WindowOf(state, e.Window).Present = null;
        state.Missed.Add(ticket);
    }

    private static void Return(HallState state, TicketReturned e)
    {
        var leg = TicketOf(state, e.Ticket).Leg;
        leg.Since = e.Since;
        state.Missed.Remove(leg.Ticket);
        state.Waiting++;
        if (e.ReservedFor is { } window)
        {
            leg.CallsUntilFirst = state.Settings.Calling.RejoinAfterCalls;
            Wait(state, leg, WaitingPlace.Returning, window);
        }
        else Wait(state, leg, e.First ? WaitingPlace.First : WaitingPlace.Open, default);
    }

    private static void Change(HallState state, TicketChanged e, long sequence)
    {
        var ticket = TicketOf(state, e.Ticket);
        var before = ticket.Leg;
        var unprinted = ticket.State == TicketState.Issued;
        if (ticket.State == TicketState.Waiting) StopWaiting(state, ticket);
        if (ticket.State == TicketState.Missed) state.Missed.Remove(ticket);
        before.Outcome = LegOutcome.Transferred;
        Follow(state, ticket, e.Service, e.Line, e.Since, sequence);
        if (!unprinted) Wait(state, ticket.Leg, WaitingPlace.Open, default);
    }

    private static void Transfer(HallState state, TicketTransferred e, long sequence)
    {
        var ticket = TicketOf(state, e.Ticket);
        var before = ticket.Leg;
        state.Summoned.Remove(ticket);
        WindowOf(state, e.From).Present = null;
        before.Outcome = LegOutcome.Transferred;
        if (e.ReturnHere) state.Returns.Add(new ReturnStop(ticket, e.From, before.Service, before.Line));
        Follow(state, ticket, e.Service, e.Line, e.Since, sequence);
        Wait(state, ticket.Leg, e.ReservedFor is null ? WaitingPlace.Open : WaitingPlace.Sent, e.ReservedFor ?? default);
    }

    private static void Hold(HallState state, TicketHeld e, Instant at)
    {
        var ticket = TicketOf(state, e.Ticket);
        ticket.State = TicketState.Held;
        var window = WindowOf(state, e.Window);
        window.Present = null;
        // A manager's call may have brought it where its service is not on offer.
        state.Held.Add(new HeldTicket(ticket, Serves(window, ticket.Leg) ? e.Window : null, at));
    }

    private static void StepAway(HallState state, TicketAway e)
    {
        var ticket = TicketOf(state, e.Ticket);
        var place = ticket.Leg.Group!.Place;
        StopWaiting(state, ticket);
        state.Waiting--;
        ticket.State = TicketState.Away;
        state.Away.Add(new AwayTicket(ticket, e.Until, First: place is not (WaitingPlace.Open or WaitingPlace.Sent)));
    }

    private static void Back(HallState state, TicketBack e)
    {
        var ticket = TicketOf(state, e.Ticket);
        state.Held.RemoveAll(h => h.Ticket == ticket);
        state.Away.RemoveAll(a => a.Ticket == ticket);
        state.Waiting++;
        Wait(state, ticket.Leg, e.ReservedFor is not null ? WaitingPlace.Resuming : e.First ? WaitingPlace.First : WaitingPlace.Open, e.ReservedFor ?? default);
    }

    private static void Reclass(HallState state, ClassChanged e)
    {
        var ticket = TicketOf(state, e.Ticket);
        var waiting = ticket.State != TicketState.Waiting ? [] : ticket.Beside.Append(ticket.Leg).Select(leg => (Leg: leg, leg.Group!.Place, leg.Group.Window)).ToList();
        foreach (var (leg, _, _) in waiting) Leave(leg);
        (ticket.Class, ticket.Granted) = (e.Class, e.Granted);
        foreach (var (leg, place, window) in waiting)
        {
            // Who was called first before is explained by another class's place.
            leg.WaitsFrom = state.Sequence;
            Join(state, state.Lines[leg.Line], leg, place, window);
        }
    }

    private static void Rate(HallState state, ServiceRated e)
    {
        TicketOf(state, e.Ticket).LegOf(e.Leg)!.Grade = e.Grade;
    }

    /// <summary>Ends a visit from whatever it was doing. Its leg gets the first outcome that fits.</summary>
    private static void End(HallState state, Ticket ticket, TicketState end)
    {
        var leg = ticket.Leg;
        if (ticket.State == TicketState.Waiting) StopWaiting(state, ticket);
        if (ticket.State is TicketState.Waiting or TicketState.Issued) state.Waiting--;
        if (ticket.State == TicketState.Missed) state.Missed.Remove(ticket);
        if (end == TicketState.Void && state.Lines.TryGetValue(FirstLine(ticket), out var issued)) issued.Issues.Remove(ticket.IssuedAt.Milliseconds);
        if (ticket.State == TicketState.Called) state.Summoned.Remove(ticket);
        if (ticket.State is TicketState.Called or TicketState.Serving) WindowOf(state, leg.Window!.Value).Present = null;
        if (ticket.Person is { } person) FreePerson(state, ticket, person);
        var held = ticket.State == TicketState.Held;
        // In a method of its own: what captures the ticket is made for those few only.
        if (held || ticket.State == TicketState.Away || state.Returns.Count > 0) ForgetErrand(state, ticket);
        ticket.State = end;
        leg.Outcome = OutcomeOf(leg, end, held);
        // Those of a joint visit that went away after one service never had the others.
        if (ticket.Joint is not null)
            foreach (var other in ticket.Beside) other.Outcome = OutcomeOf(other, end == TicketState.Finished ? TicketState.Expired : end, held: false);
    }

    /// <summary>The first that fits.</summary>
    private static LegOutcome OutcomeOf(Leg leg, TicketState end, bool held) => end switch
    {
        TicketState.Void => LegOutcome.Void,
        TicketState.Finished => LegOutcome.Served,
        TicketState.Cancelled when leg.CalledAt is not null => LegOutcome.Withdrawn,
        TicketState.Expired when held => LegOutcome.Withdrawn,
        _ when leg.CalledAt is not null => LegOutcome.NoShow,
        _ => LegOutcome.Abandoned,
    };

    /// <summary>The person may have another number for what this visit was for, or would have come back for.</summary>
    private static void FreePerson(HallState state, Ticket ticket, PersonId person)
    {
        state.ByPerson.Remove((person, ticket.Matter));
        if (ticket.Joint is not null) return;
        foreach (var stop in state.Returns)
            if (ReferenceEquals(stop.Ticket, ticket)) state.ByPerson.Remove((person, stop.Service));
    }

    private static void ForgetErrand(HallState state, Ticket ticket)
    {
        state.Held.RemoveAll(h => h.Ticket == ticket);
        state.Away.RemoveAll(a => a.Ticket == ticket);
        state.Returns.RemoveAll(stop => stop.Ticket == ticket);
    }

    /// <summary>The line whose number a ticket has.</summary>
    internal static LineId FirstLine(Ticket ticket) => ticket.Joint is { } joint ? joint.Line : ticket.Earlier is [var first, ..] ? first.Line : ticket.Leg.Line;

    private static void TrimUnprinted(HallState state)
    {
        while (state.Unprinted.TryPeek(out var first) && first.State != TicketState.Issued) state.Unprinted.Dequeue();
    }

    // ---- waiting

    private static void Wait(HallState state, Leg leg, WaitingPlace place, WindowId window)
    {
        leg.Ticket.State = TicketState.Waiting;
        Queue(state, leg, place, window);
        if (leg.Ticket.Joint is null) return;
        foreach (var other in leg.Ticket.Beside) Queue(state, other, other.WasFirst ? WaitingPlace.First : WaitingPlace.Open, default);
    }

    /// <summary>A leg of a ticket that waits begins to wait in its line.</summary>
    private static void Queue(HallState state, Leg leg, WaitingPlace place, WindowId window) => Queue(state, state.Lines[leg.Line], leg, place, window);

    private static void Queue(HallState state, LineState line, Leg leg, WaitingPlace place, WindowId window)
    {
        line.Waiting++;
        leg.WaitsFrom = state.Sequence;
        Join(state, line, leg, place, window);
    }

    internal static void Join(HallState state, LineState line, Leg leg, WaitingPlace place, WindowId window)
    {
        line.Groups.For(line, leg.Service, state.Settings.ClassById[leg.Class], place, window).Add(leg);
        if (place.IsReserved) line.Reserved.Add(leg);
        if (place == WaitingPlace.Open && SlotOf(state, leg) is { } slot) line.AddAppointed(slot, leg);
    }

    private static void Leave(Leg leg)
    {
        var group = leg.Group!;
        var line = group.Line;
        if (group.Place.IsReserved) line.Reserved.Remove(leg);
        if (group.Place == WaitingPlace.Open && line.Appointed.Count > 0) line.RemoveAppointed(leg);
        group.Remove(leg);
        if (group.Count == 0) line.Groups.Remove(group);
    }

    /// <summary>Takes a ticket that waits out of its line; of a joint visit out of every line it waits in.</summary>
    private static void StopWaiting(HallState state, Ticket ticket)
    {
        StopWaiting(state, ticket.Leg);
        if (ticket.Joint is null) return;
        foreach (var other in ticket.Beside) StopWaiting(state, other);
    }

    private static void StopWaiting(HallState state, Leg leg)
    {
        leg.Group!.Line.Waiting--;
        leg.CallsUntilFirst = null;
        leg.WasFirst = leg.Group.Place is not (WaitingPlace.Open or WaitingPlace.Sent);
        Leave(leg);
    }

    private static void CountLineCall(HallState state, LineState line)
    {
        for (var i = line.Reserved.Count - 1; i >= 0; i--)
            if (line.Reserved[i].CallsUntilFirst is { } calls && (line.Reserved[i].CallsUntilFirst = calls - 1) <= 0) Unreserve(state, line, line.Reserved[i]);
    }

    /// <summary>A leg reserved for a window that goes on without it. One who was passed on to it takes the place it has; one who was missed or served there is called first by any window of its line.</summary>
    private static void Unreserve(HallState state, LineState line, Leg leg)
    {
        var place = leg.Group!.Place == WaitingPlace.Sent ? WaitingPlace.Open : WaitingPlace.First;
        leg.CallsUntilFirst = null;
        Leave(leg);
        leg.WaitsFrom = state.Sequence;
        Join(state, line, leg, place, default);
    }

    /// <summary>Releases what is reserved for windows that cannot call it any more: paused, closed, or without its service on offer.</summary>
    private static void UnreserveUnserved(HallState state)
    {
        foreach (var line in state.Lines.Values)
            for (var i = line.Reserved.Count - 1; i >= 0; i--)
                if (!(state.Find(line.Reserved[i].Group!.Window) is { } window && Serves(window, line.Reserved[i]))) Unreserve(state, line, line.Reserved[i]);
        for (var i = 0; i < state.Held.Count; i++)
            if (state.Held[i].Window is { } at && !(state.Find(at) is { } window && Serves(window, state.Held[i].Ticket.Leg))) state.Held[i] = state.Held[i] with { Window = null };
    }

    // ---- windows

    private static void Seat(HallState state, WindowState window, Occupant occupant)
    {
        window.Occupant = occupant;
        Reoffer(state, window);
    }

    private static void Close(HallState state, WindowState window)
    {
        window.Occupant = null;
        EndPause(window);
        Reoffer(state, window);
    }

    private static void Pause(HallState state, WindowPaused e)
    {
        var window = WindowOf(state, e.Window);
        window.Pause = e.Reason;
        window.PausedUntil = e.Until;
        window.PausedWith = e.Reason == PauseReason.Schedule ? window.Occupant : null;
        window.IsReleased = e.Reason == PauseReason.Schedule && window.Scheduled is not null;
        Reoffer(state, window);
    }

    private static void Unpause(HallState state, WindowState window)
    {
        EndPause(window);
        Reoffer(state, window);
    }

    private static void EndPause(WindowState window)
    {
        window.Pause = null;
        window.PausedUntil = null;
        window.PausedWith = null;
        window.IsReleased = false;
    }

    private static void Reprofile(HallState state, WindowState window, IReadOnlyList<ProfileLine> profile)
    {
        window.Profile = profile;
        Reoffer(state, window);
    }

    /// <summary>Works out a window's offer anew: its profile cut to what the person there can do. What follows from it follows with it.</summary>
    private static void Reoffer(HallState state, WindowState window)
    {
        Offer(state, window);
        // What it takes along, or is taken along from it, is another window's offer.
        if (state.Schedule is not null)
            foreach (var other in state.Windows.Values)
                if (other.Scheduled is { AlsoFor.Count: > 0 } || window.StandInAt == other.Settings.Window) Offer(state, other);
        UnreserveUnserved(state);
        CountWindows(state);
    }

    internal static void ReofferAll(HallState state)
    {
        foreach (var window in state.Windows.Values) Offer(state, window);
        // Once all are as they will be: what is reserved for one is not released for what it offered before.
        UnreserveUnserved(state);
        CountWindows(state);
    }

    private static void Offer(HallState state, WindowState window) => window.Offer = window.Occupant is null ? [] : OfferOf(state, window);

    private static void CountWindows(HallState state)
    {
        foreach (var line in state.Lines.Values) (line.Windows, line.OpenWindows) = (0, 0);
        foreach (var window in state.Windows.Values)
        {
            var open = window.CanCall && IsScheduled(state, window) ? 1 : 0;
            foreach (var profile in window.Profile)
            {
                if (!state.Lines.TryGetValue(profile.Line, out var line)) continue;
                line.Windows++;
                line.OpenWindows += open;
            }
            if (open == 0 || state.Schedule is null) continue;
            foreach (var offer in window.Offer)
                if (!window.Profile.Any(p => p.Line == offer.Line.Settings.Line)) offer.Line.OpenWindows++;
        }
        ListLow(state);
        ListMoves(state);
    }

    internal static void ListLow(HallState state)
    {
        foreach (var line in state.Lines.Values) line.Low.Clear();
        foreach (var window in state.Windows.Values)
            if (window.Settings.Low && window.CanCall)
                foreach (var offer in window.Offer) offer.Line.Low.Add(offer);
    }

    private static OfferLine[] OfferOf(HallState state, WindowState window)
    {
        var person = window.Occupant?.Staff is { } staff ? state.Settings.StaffById.GetValueOrDefault(staff) : null;
        if (!IsScheduled(state, window)) return [];
        var profiles = state.Schedule is null ? window.Profile : WithTakenAlong(state, window);
        var cut = state.Schedule?.Services is { } named ? new HashSet<ServiceId>(named) : null;
        var offer = new List<OfferLine>(profiles.Count);
        foreach (var profile in profiles)
        {
            HashSet<ServiceId>? services = null;
            var isLimited = person is not null && !(person.Lines is null && person.Services is null) && !(person.Lines?.Contains(profile.Line) ?? false);
            if (isLimited || cut is not null)
            {
                services = [.. state.Settings.Services.Where(s => s.Line == profile.Line && (!isLimited || person!.CanDo(s.Line, s.Service)) && (cut is null || cut.Contains(s.Service))).Select(s => s.Service)];
                if (services.Count == 0) continue;
                if (!isLimited && state.Settings.Services.All(s => s.Line != profile.Line || services.Contains(s.Service))) services = null;
            }
            offer.Add(new OfferLine(state.Lines[profile.Line], profile.AfterMinutes * 60_000L, profile.OnlyAfterWaitMinutes * 60_000L, services));
        }
        return [.. offer];
    }

    // ---- the hall

    private static void Suspend(HallState state, Suspended e)
    {
        var suspension = new Suspension(e.Reason, e.Until);
        if (e.Lines.Count == 0 && e.Services.Count == 0) state.Suspension = suspension;
        foreach (var line in e.Lines) state.Lines[line].Suspension = suspension;
        foreach (var service in e.Services) state.SuspendedServices[service] = suspension;
    }

    private static void Resume(HallState state, Resumed e)
    {
        var all = e.Lines.Count == 0 && e.Services.Count == 0;
        if (all) state.Suspension = null;
        foreach (var line in all ? [.. state.Lines.Keys] : e.Lines) state.Lines[line].Suspension = null;
        foreach (var service in all ? [.. state.SuspendedServices.Keys] : e.Services) state.SuspendedServices.Remove(service);
    }

    private static void EndDay(HallState state, DayEnded e, Instant at)
    {
        foreach (var ticket in state.Tickets)
        {
            if (ticket.Ended || ticket.State == TicketState.Serving) continue;
            End(state, ticket, ticket.State == TicketState.Issued ? TicketState.Void : TicketState.Expired);
        }
        TrimUnprinted(state);
        state.ByNumber.Clear();
        state.RecentCalls.Clear();
        state.Overtakings.Clear();
        state.Appointments.RemoveBefore(state.DayEndsAt);
        state.Slips.RemoveAll(slip => slip.Until <= at);
        foreach (var line in state.Lines.Values)
        {
            line.LastNumber = 0;
            line.Issues.Clear();
        }
        state.ToForget.Enqueue((e.Day, at + KeepAfterDay));
        state.Day = e.NextDay;
        state.DayEndsAt = e.NextDayEndsAt;
        ReadAnew(state, at);
    }

    private static void Forget(HallState state, DateOnly day)
    {
        state.ToForget.Dequeue();
        foreach (var ticket in state.Tickets.Where(t => t.Ended && t.Day <= day).ToList()) state.Tickets.Remove(ticket.Id.Ordinal);
        state.RecentCalls.RemoveAll(c => !state.Tickets.Contains(c.Ticket.Id.Ordinal));
        foreach (var window in state.Windows.Values)
            if (window.Rateable is { } leg && !state.Tickets.Contains(leg.Ticket.Id.Ordinal)) window.Rateable = null;
    }

    internal static void Configure(HallState state, HallConfigured e)
    {
        var settings = e.Document.Settings;
        state.Number = e.Number;
        state.Document = e.Document;
        state.Settings = settings;
        state.Day = e.Day;
        state.DayEndsAt = e.DayEndsAt;
        if (settings.Calendar.Always) state.Schedule = null;
        else ReadAnew(state, default);

        foreach (var line in settings.Lines)
            if (state.Lines.TryGetValue(line.Line, out var known)) known.Settings = line;
            else state.Lines.Add(line.Line, new LineState(line));
        foreach (var ticket in state.Tickets)
            if (!ticket.Ended) Reline(state, ticket, settings);
        for (var i = 0; i < state.Returns.Count; i++) state.Returns[i] = state.Returns[i] with { Line = settings.ServiceById[state.Returns[i].Service].Line };
        foreach (var gone in state.Lines.Keys.Where(l => !settings.LineById.ContainsKey(l)).ToList()) state.Lines.Remove(gone);
        foreach (var line in state.Lines.Values)
        {
            foreach (var group in line.Groups)
            {
                group.Class = settings.ClassById[group.Class.Class];
                line.Groups.Reweigh(group);
            }
            line.MeanExpectedMinutes = PlainEstimate.MeanMinutes(settings, line.Settings.Line);
        }

        foreach (var line in state.Lines.Values) line.Issues.Clear();
        foreach (var ticket in state.Tickets) CountIssue(state, ticket);

        foreach (var window in settings.Windows)
            if (state.Windows.TryGetValue(window.Window, out var known)) (known.Settings, known.Profile) = (window, window.Profile);
            else state.Windows.Add(window.Window, new WindowState(window));
        foreach (var gone in state.Windows.Keys.Where(w => !settings.WindowById.ContainsKey(w)).ToList()) state.Windows.Remove(gone);
        foreach (var service in state.SuspendedServices.Keys.Where(s => !settings.ServiceById.ContainsKey(s)).ToList()) state.SuspendedServices.Remove(service);
        state.RecentCalls.RemoveAll(c => !state.Windows.ContainsKey(c.Window));
        SetSchedule(state);
        ReofferAll(state);
    }

    private static void Reline(HallState state, Ticket ticket, HallSettings settings)
    {
        if (settings.ServiceById[ticket.Leg.Service].Line is var line && line != ticket.Leg.Line) Reline(state, ticket.Leg, line);
        if (ticket.Joint is not { } joint) return;
        ticket.Joint = joint with { Line = settings.ServiceById[joint.Service].Line };
        foreach (var other in ticket.Beside)
            if (settings.ServiceById[other.Service].Line is var its && its != other.Line) Reline(state, other, its);
    }

    /// <summary>A leg whose service is of another line from now on; it stands there where its time puts it.</summary>
    private static void Reline(HallState state, Leg leg, LineId to)
    {
        if (leg.Group is not { } group)
        {
            leg.Line = to;
            return;
        }
        var (place, window) = (group.Place, group.Window);
        Leave(leg);
        state.Lines[leg.Line].Waiting--;
        leg.Line = to;
        state.Lines[to].Waiting++;
        leg.WaitsFrom = state.Sequence;
        Join(state, state.Lines[to], leg, place, window);
    }

    /// <summary>Counts a number of the day for its line's quotas.</summary>
    internal static void CountIssue(HallState state, Ticket ticket)
    {
        if (ticket.Day == state.Day && ticket.State != TicketState.Void && state.Lines.TryGetValue(FirstLine(ticket), out var line) && line.Settings.Quotas.Count > 0)
            line.Issues.Add(ticket.IssuedAt.Milliseconds);
    }

    private static Ticket TicketOf(HallState state, long ordinal) =>
        state.Tickets.TryGetValue(ordinal, out var ticket) ? ticket : throw new InvalidOperationException($"Hall {state.Number} at {state.Sequence}: no ticket {ordinal}.");

    private static WindowState WindowOf(HallState state, WindowId window) =>
        state.Find(window) ?? throw new InvalidOperationException($"Hall {state.Number} at {state.Sequence}: no window {window}.");
}
