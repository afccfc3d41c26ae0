using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>What a snapshot holds: the confirmed picture at a sequence, the answers under keys up to it, and the chain it continues from.</summary>
public sealed record HallSnapshot(HallState State, UInt128 Chain, Answers Remembered);

/// <summary>
/// A hall's state in bytes. The same state gives the same bytes, whatever way it came about: so the hash of a snapshot is how a replay is compared with life (I9).
/// Layout: version, body, CRC-32C of both. A version not known is refused: a newer program ran the hall.
/// </summary>
public static class SnapshotCodec
{
    // 1 had no notices, 2 no ended legs of visits that go on, 3 nobody held or away, no owners and no stages, 4 no appointments, 5 no joint visits and no slips, 6 no calendar.
    private const byte Version = 7;

    // Bytes of a remembered answer: key, hash, sequence, day, kind.
    private const int LeastAnswer = 35;

    public static byte[] Write(HallState state, UInt128 chain, Answers remembered)
    {
        var to = new ByteWriter(16 * 1024);
        to.Byte(Version);
        to.Var(state.Number);
        to.Var((ulong)state.Sequence);
        to.Int(state.At.Milliseconds);
        to.U128(chain);
        to.Var((ulong)state.Document.Length);
        to.Blob(state.Document.Packed);
        to.Int(state.Day.DayNumber);
        to.Int(state.DayEndsAt.Milliseconds);
        to.Var((ulong)state.LastOrdinal);
        to.Bool(state.Schedule is not null);
        if (state.Schedule is { } schedule) ScheduleBytes.Write(to, schedule);
        ScheduleBytes.Write(to, state.Holidays);
        Write(to, state.Suspension);
        to.List([.. state.SuspendedServices.OrderBy(s => s.Key.Value, StringComparer.Ordinal)], static (w, s) =>
        {
            w.String(s.Key.Value);
            Write(w, s.Value);
        });
        to.List([.. state.ToForget], static (w, f) =>
        {
            w.Int(f.Day.DayNumber);
            w.Int(f.At.Milliseconds);
        });
        to.List(state.Notices, static (w, n) =>
        {
            w.Var((ulong)n.Id);
            w.U128(n.Text.Value);
            w.Optional(n.Zone?.Value);
            w.Int(n.Until.Milliseconds);
        });
        to.List(state.Appointments.All, static (w, a) =>
        {
            w.String(a.Code);
            w.String(a.Service.Value);
            w.Int(a.Slot.Milliseconds);
            w.Int(a.Ends.Milliseconds);
            w.Int(a.From.Milliseconds);
            w.Int(a.Until.Milliseconds);
            w.Optional(a.Person?.Value);
            w.Var((ulong)a.Sequence);
            w.Byte((byte)a.State);
            w.Optional(a.Ticket);
        });
        to.List(state.Slips, static (w, s) =>
        {
            w.Var((ulong)s.Ticket);
            w.String(s.Service.Value);
            w.Optional(s.Person?.Value);
            w.Var((ulong)s.Times);
            w.Int(s.Until.Milliseconds);
            w.Optional(s.Missing?.Value);
            w.Optional(s.ShownBy);
        });
        foreach (var line in state.Settings.Lines)
        {
            var known = state.Lines[line.Line];
            to.Var((ulong)known.LastNumber);
            Write(to, known.Suspension);
            // Passing a group writes the overtakings its blocks keep down into its legs.
            foreach (var group in known.Groups)
                foreach (var _ in group.InOrder()) { }
        }
        foreach (var window in state.Settings.Windows) Write(to, state.Windows[window.Window]);
        to.List(state.Tickets, Write);
        to.List(state.RecentCalls, static (w, c) =>
        {
            w.Var((ulong)c.Ticket.Id.Ordinal);
            w.String(c.Window.Value);
            w.Var((ulong)c.Sequence);
        });
        foreach (var window in state.Settings.Windows)
        {
            to.Optional(state.Windows[window.Window].Present?.Id.Ordinal);
            var rateable = state.Windows[window.Window].Rateable;
            to.Optional(rateable?.Ticket.Id.Ordinal);
            if (rateable is not null) to.Var((ulong)rateable.Number);
        }
        to.List(state.Held, static (w, h) =>
        {
            w.Var((ulong)h.Ticket.Id.Ordinal);
            w.Optional(h.Window?.Value);
            w.Int(h.Since.Milliseconds);
        });
        to.List(state.Away, static (w, a) =>
        {
            w.Var((ulong)a.Ticket.Id.Ordinal);
            w.Int(a.Until.Milliseconds);
            w.Bool(a.First);
        });
        to.List(state.Returns, static (w, r) =>
        {
            w.Var((ulong)r.Ticket.Id.Ordinal);
            w.String(r.Window.Value);
            w.String(r.Service.Value);
            w.String(r.Line.Value);
        });
        to.List(state.Overtakings, static (w, o) =>
        {
            w.Var((ulong)o.Sequence);
            w.String(o.Class.Value);
            w.Int(o.At.Milliseconds);
            w.List(o.Before, static (w, line) =>
            {
                w.String(line.Line.Value);
                w.Int(line.Place.Since);
                w.Int(line.Place.Sequence);
                w.Bool(line.Services is not null);
                if (line.Services is { } services) Services(w, services);
                w.Bool(line.Low is not null);
                if (line.Low is not { } low) return;
                w.Int(low.Since);
                Services(w, low.Services);
            });
        });
        remembered.Write(to, state.Sequence);
        to.U32(Crc32C.Of(to.Written));
        return to.ToArray();
    }

    /// <exception cref="FormatException">The bytes are damaged or of a version this program does not know.</exception>
    public static HallSnapshot Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 5 || Crc32C.Of(bytes[..^4]) != System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..])) throw new FormatException("A snapshot's checksum does not fit.");
        var from = new ByteReader(bytes[..^4]);
        if (from.Byte() is var version && version is < 1 or > Version) throw new FormatException($"A snapshot has version {version}; this program reads 1 to {Version}: use a newer one.");
        var state = new HallState();
        var number = checked((uint)from.Var());
        var sequence = from.Long();
        var at = from.Instant();
        var chain = from.U128();
        var length = from.Small();
        var document = PackedDocument.FromPacked(from.Blob(), length);
        Hall.Configure(state, new HallConfigured(number, document, from.Day(), from.Instant()));
        state.Sequence = sequence;
        state.At = at;
        state.LastOrdinal = from.Long();
        if (version >= 7)
        {
            if (from.Bool()) state.Schedule = from.Schedule();
            state.Holidays = from.Holidays();
        }
        state.Suspension = ReadSuspension(ref from);
        for (var n = from.Count(); n > 0; n--) state.SuspendedServices.Add(new(from.Id()), ReadSuspension(ref from)!);
        for (var n = from.Count(); n > 0; n--) state.ToForget.Enqueue((from.Day(), from.Instant()));
        if (version >= 2)
            for (var n = from.Count(); n > 0; n--) state.Notices.Add(new PostedNotice(from.Long(), new TextHash(from.U128()), from.Bool() ? new ZoneId(from.Id()) : null, from.Instant()));
        // Before the tickets: one that waits on an appointment joins its line as such.
        if (version >= 5)
            for (var n = from.Count(); n > 0; n--)
                state.Appointments.Put(new Appointment(from.Id(), new(from.Id()), from.Instant(), from.Instant(), from.Instant(), from.Instant(),
                    from.OptionalU128() is { } who ? new PersonId(who) : null, from.Long(), from.Enum<AppointmentState>(), from.OptionalLong()));
        if (version >= 6)
            for (var n = from.Count(); n > 0; n--)
                state.Slips.Add(new Slip(from.Long(), new(from.Id()), from.OptionalU128() is { } whose ? new PersonId(whose) : null, from.Small(), from.Instant(), from.Hash(), from.OptionalLong()));
        foreach (var line in state.Settings.Lines)
        {
            state.Lines[line.Line].LastNumber = from.Small();
            state.Lines[line.Line].Suspension = ReadSuspension(ref from);
        }
        foreach (var window in state.Settings.Windows) Read(ref from, state.Windows[window.Window], version);
        Hall.SetSchedule(state);
        Hall.ReofferAll(state);
        var tickets = from.Count();
        state.Tickets.EnsureCapacity(tickets);
        for (; tickets > 0; tickets--) ReadTicket(ref from, state, version);
        state.Missed.Sort((a, b) => a.MissedAt != b.MissedAt ? a.MissedAt!.Value.CompareTo(b.MissedAt!.Value) : a.Id.Ordinal.CompareTo(b.Id.Ordinal));
        for (var n = from.Count(); n > 0; n--) state.RecentCalls.Add(new RecentCall(state.Tickets[from.Long()], new(from.Id()), from.Long()));
        foreach (var window in state.Settings.Windows)
        {
            if (from.OptionalLong() is { } present) state.Windows[window.Window].Present = state.Tickets[present];
            if (from.OptionalLong() is { } rateable) state.Windows[window.Window].Rateable = version >= 4 ? state.Tickets[rateable].LegOf(from.Small()) : state.Tickets[rateable].Leg;
        }
        if (version >= 4)
        {
            for (var n = from.Count(); n > 0; n--) state.Held.Add(new HeldTicket(state.Tickets[from.Long()], from.Window(), from.Instant()));
            for (var n = from.Count(); n > 0; n--) state.Away.Add(new AwayTicket(state.Tickets[from.Long()], from.Instant(), from.Bool()));
            for (var n = from.Count(); n > 0; n--) state.Returns.Add(new ReturnStop(state.Tickets[from.Long()], new(from.Id()), new(from.Id()), new(from.Id())));
            foreach (var stop in state.Returns)
                if (stop.Ticket is { Joint: null, Person: { } person }) state.ByPerson[(person, stop.Service)] = stop.Ticket;
            for (var n = from.Count(); n > 0; n--) state.Overtakings.Add(ReadOvertaking(ref from, version));
        }
        var answers = from.Count();
        // A copy, so that the tickets' bytes are not kept as long as the answers' are.
        var stored = from.Raw(from.Left).ToArray();
        if (answers > stored.Length / LeastAnswer || (answers == 0 && stored.Length > 0)) throw new FormatException($"A snapshot's {answers} answers do not fit {stored.Length} bytes.");
        return new HallSnapshot(state, chain, new Answers(answers, stored));
    }

    private static void Services(ByteWriter to, IEnumerable<ServiceId> services) => to.List([.. services.OrderBy(s => s.Value, StringComparer.Ordinal)], static (w, service) => w.String(service.Value));

    private static void Write(ByteWriter to, Suspension? suspension)
    {
        to.Optional(suspension?.Reason.Value);
        if (suspension is not null) to.Optional(suspension.Until?.Milliseconds);
    }

    private static Suspension? ReadSuspension(ref ByteReader from) => from.OptionalU128() is { } reason ? new Suspension(new TextHash(reason), from.OptionalInstant()) : null;

    private static void Write(ByteWriter to, WindowState window)
    {
        to.List(window.Profile, EventCodec.Profile);
        to.Optional(window.Occupant?.Account);
        if (window.Occupant is { } there) to.Optional(there.Staff?.Value);
        to.Byte(window.Pause is { } pause ? (byte)(pause + 1) : (byte)0);
        to.Optional(window.PausedUntil?.Milliseconds);
        to.Var((ulong)window.PriorityRun);
        to.Optional(window.ExpectedSince?.Milliseconds);
        to.Optional(window.StandInAt?.Value);
        to.Bool(window.IsReleased);
        to.Bool(window.PausedWith is not null);
        if (window.PausedWith is not { } with) return;
        to.String(with.Account);
        to.Optional(with.Staff?.Value);
    }

    private static void Read(ref ByteReader from, WindowState window, byte version)
    {
        window.Profile = from.Profile();
        if (from.Bool()) window.Occupant = from.Occupant();
        window.Pause = from.Byte() is var pause and > 0 ? (PauseReason)(pause - 1) : null;
        window.PausedUntil = from.OptionalInstant();
        window.PriorityRun = from.Small();
        if (version < 7) return;
        window.ExpectedSince = from.OptionalInstant();
        window.StandInAt = from.Window();
        window.IsReleased = from.Bool();
        if (from.Bool()) window.PausedWith = from.Occupant();
    }

    private static void Write(ByteWriter to, Ticket ticket)
    {
        var leg = ticket.Leg;
        to.Var((ulong)ticket.Id.Ordinal);
        to.String(ticket.Number);
        to.Int(ticket.Day.DayNumber);
        to.Optional(ticket.Person?.Value);
        to.String(ticket.Class.Value);
        to.Byte((byte)ticket.Granted);
        to.Byte((byte)ticket.Source);
        to.Int(ticket.IssuedAt.Milliseconds);
        to.Byte((byte)ticket.State);
        to.Var((ulong)ticket.Misses);
        to.Optional(ticket.MissedAt?.Milliseconds);
        to.Optional(ticket.Owner?.Value);
        to.Byte(ticket.Stages);
        to.Var((ulong)ticket.Cases);
        to.Var((ulong)(ticket.Slip ?? 0));
        if (ticket.Slip is not null) to.Var((ulong)ticket.Told);
        to.Bool(ticket.Joint is not null);

        Write(to, leg);
        to.List(ticket.Earlier, Write);
        if (ticket.Joint is { } joint)
        {
            to.String(joint.Service.Value);
            to.String(joint.Line.Value);
            to.List(joint.Items, EventCodec.Item);
            to.List(ticket.Beside, Write);
        }
        if (ticket.State != TicketState.Waiting) return;
        Place(to, leg);
        if (ticket.Joint is null) return;
        foreach (var other in ticket.Beside) Place(to, other);
    }

    private static void Place(ByteWriter to, Leg leg)
    {
        to.Var((ulong)leg.WaitsFrom);
        to.Byte((byte)leg.Group!.Place);
        if (!leg.Group.Place.IsReserved) return;
        to.String(leg.Group.Window.Value);
        if (leg.Group.Place == WaitingPlace.Returning) to.Var((ulong)leg.CallsUntilFirst!.Value);
    }

    private static void Write(ByteWriter to, Leg leg)
    {
        to.Var((ulong)leg.Number);
        if (leg.Ticket.Joint is not null)
        {
            to.Var((ulong)leg.Item!.Value);
            to.Bool(leg.WasFirst);
        }
        to.String(leg.Service.Value);
        to.String(leg.Line.Value);
        to.Int(leg.Since.Milliseconds);
        to.Var((ulong)leg.FirstSequence);
        to.Byte((byte)leg.Outcome);
        to.Optional(leg.Window?.Value);
        to.Optional(leg.Staff?.Value);
        to.Optional(leg.FirstCalledAt?.Milliseconds);
        to.Optional(leg.CalledAt?.Milliseconds);
        to.Optional(leg.LastCallAt?.Milliseconds);
        to.Optional(leg.LastCountedCallAt?.Milliseconds);
        to.Var((ulong)leg.CallSequence);
        to.Var((ulong)leg.Times);
        to.Var((ulong)leg.CountedCalls);
        to.Byte(leg.Reason is { } reason ? (byte)(reason + 1) : (byte)0);
        to.Var((ulong)leg.Overtook);
        to.Optional(leg.FirstOvertaken);
        to.Optional(leg.StartedAt?.Milliseconds);
        to.Byte(leg.StartKind is { } kind ? (byte)(kind + 1) : (byte)0);
        to.Optional(leg.FinishedAt?.Milliseconds);
        to.Byte(leg.FinishOutcome is { } outcome ? (byte)(outcome + 1) : (byte)0);
        to.Byte(leg.Grade is { } grade ? (byte)(grade + 1) : (byte)0);
        to.Var((ulong)leg.Overtaken);
    }

    private static void ReadTicket(ref ByteReader from, HallState state, byte version)
    {
        var ticket = new Ticket(new TicketId(state.Number, from.Long()), from.Id(), from.Day(), from.OptionalU128() is { } person ? new PersonId(person) : null,
            new(from.Id()), (Grants)from.Byte(), from.Enum<TicketSource>(), from.Instant())
        {
            State = from.Enum<TicketState>(),
            Misses = from.Small(),
            MissedAt = from.OptionalInstant(),
        };
        if (version >= 4)
        {
            ticket.Owner = from.Staff();
            ticket.Stages = from.Byte();
            ticket.Cases = from.Small();
        }
        if (version >= 6 && from.Long() is var slip and > 0) (ticket.Slip, ticket.Told) = (slip, from.Small());
        var joint = version >= 6 && from.Bool();
        var leg = ticket.Leg = ReadLeg(ref from, ticket, joint);
        if (version >= 3) ticket.Earlier = ReadLegs(ref from, ticket, joint);
        if (joint)
        {
            ticket.Joint = new JointVisit(new(from.Id()), new(from.Id()), from.Items());
            ticket.Beside = ReadLegs(ref from, ticket, joint);
        }
        if (version < 4) ticket.Owner = ticket.Earlier.Append(leg).FirstOrDefault(l => l.StartedAt is not null)?.Staff;
        state.Tickets.Add(ticket);
        Hall.CountIssue(state, ticket);
        if (ticket.Day == state.Day) state.ByNumber.Add(ticket.Number, ticket.Id.Ordinal);
        if (!ticket.Ended && ticket.Person is { } known) state.ByPerson[(known, ticket.Matter)] = ticket;
        switch (ticket.State)
        {
            case TicketState.Issued:
                state.Waiting++;
                state.Unprinted.Enqueue(ticket);
                break;
            case TicketState.Called:
                state.Summoned.Add(ticket);
                break;
            case TicketState.Missed:
                state.Missed.Add(ticket);
                break;
            case TicketState.Waiting:
                state.Waiting++;
                ReadPlace(ref from, state, leg, version);
                foreach (var other in ticket.Beside) ReadPlace(ref from, state, other, version);
                break;
        }
    }

    private static void ReadPlace(ref ByteReader from, HallState state, Leg leg, byte version)
    {
        var line = state.Lines[leg.Line];
        line.Waiting++;
        leg.WaitsFrom = version >= 4 ? from.Long() : leg.FirstSequence;
        var place = from.Enum<WaitingPlace>();
        var window = place.IsReserved ? new WindowId(from.Id()) : default;
        if (place == WaitingPlace.Returning) leg.CallsUntilFirst = from.Small();
        Hall.Join(state, line, leg, place, window);
    }

    private static Leg[] ReadLegs(ref ByteReader from, Ticket ticket, bool joint)
    {
        if (from.Count() is not (var count and > 0)) return [];
        var legs = new Leg[count];
        for (var i = 0; i < legs.Length; i++) legs[i] = ReadLeg(ref from, ticket, joint);
        return legs;
    }

    private static Overtaking ReadOvertaking(ref ByteReader from, byte version)
    {
        var (sequence, @class, at) = (from.Long(), new ClassId(from.Id()), from.Instant());
        var before = new OvertakenLine[from.Count()];
        for (var i = 0; i < before.Length; i++) before[i] = new OvertakenLine(new(from.Id()), new OrderKey(from.Int(), from.Int()), from.Bool() ? from.Services().ToHashSet() : null,
            version >= 6 && from.Bool() ? new LeftToLow(from.Int(), from.Services().ToHashSet()) : null);
        return new Overtaking(sequence, @class, at, before);
    }

    private static Leg ReadLeg(ref ByteReader from, Ticket ticket, bool joint)
    {
        var number = from.Small();
        var item = joint ? from.Small() : (int?)null;
        var wasFirst = joint && from.Bool();
        return new Leg(ticket, number, new(from.Id()), new(from.Id()), from.Instant(), from.Long())
        {
            Item = item,
            WasFirst = wasFirst,
            Outcome = from.Enum<LegOutcome>(),
            Window = from.Window(),
            Staff = from.Staff(),
            FirstCalledAt = from.OptionalInstant(),
            CalledAt = from.OptionalInstant(),
            LastCallAt = from.OptionalInstant(),
            LastCountedCallAt = from.OptionalInstant(),
            CallSequence = from.Long(),
            Times = from.Small(),
            CountedCalls = from.Small(),
            Reason = from.Byte() is var reason and > 0 ? (CallReason)(reason - 1) : null,
            Overtook = from.Small(),
            FirstOvertaken = from.OptionalLong(),
            StartedAt = from.OptionalInstant(),
            StartKind = from.Byte() is var kind and > 0 ? (StartKind)(kind - 1) : null,
            FinishedAt = from.OptionalInstant(),
            FinishOutcome = from.Byte() is var outcome and > 0 ? (FinishOutcome)(outcome - 1) : null,
            Grade = from.Byte() is var grade and > 0 ? (Grade)(grade - 1) : null,
            Overtaken = from.Small(),
        };
    }
}

/// <summary>Replies in bytes, as snapshots keep them under their keys.</summary>
internal static class ReplyCodec
{
    public static void Write(ByteWriter to, HallReply? reply)
    {
        switch (reply)
        {
            case null: to.Byte(0); break;
            case IssuedReply r:
                to.Byte(r.MayNotBeServed ? (byte)12 : (byte)1);
                Issued(to, r);
                break;
            case TicketReply r:
                to.Byte(2);
                Ticket(to, r);
                break;
            case NextReply r:
                to.Byte(3);
                to.Bool(r.Finished is not null);
                if (r.Finished is not null) Ticket(to, r.Finished);
                to.Bool(r.Called is not null);
                if (r.Called is not null) Ticket(to, r.Called);
                break;
            case WindowReply r:
                to.Byte(4);
                to.String(r.Window.Value);
                to.Byte((byte)r.State);
                to.Optional(r.Account);
                to.Optional(r.Staff?.Value);
                to.Byte(r.Reason is { } reason ? (byte)(reason + 1) : (byte)0);
                to.Optional(r.Until?.Milliseconds);
                to.Optional(r.Ticket);
                break;
            case HolderReply r:
                to.Byte(5);
                Id(to, r.Id);
                to.String(r.Number);
                to.Byte((byte)r.State);
                break;
            case RatingReply r:
                to.Byte(6);
                Id(to, r.Id);
                to.String(r.Number);
                to.Var((ulong)r.Leg);
                to.Byte((byte)r.Grade);
                break;
            case ConfiguredReply r:
                to.Byte(7);
                to.String(r.Hall.Value);
                to.Var(r.Number);
                to.U128(r.Version.Value);
                to.Bool(r.Created);
                break;
            case SuspensionReply r:
                to.Byte(8);
                to.Bool(r.Hall);
                to.List(r.Lines, static (w, l) => w.String(l.Value));
                to.List(r.Services, static (w, s) => w.String(s.Value));
                break;
            case NoticeReply r:
                to.Byte(9);
                to.Var((ulong)r.Notice);
                to.Int(r.Until.Milliseconds);
                break;
            case AppointmentReply r:
                to.Byte(10);
                to.String(r.Code);
                to.String(r.Service.Value);
                to.Int(r.Slot.Milliseconds);
                to.Optional(r.From?.Milliseconds);
                to.Optional(r.Until?.Milliseconds);
                to.Byte((byte)r.State);
                break;
            case CheckedInReply r:
                to.Byte(11);
                Issued(to, r.Issued);
                to.String(r.Code);
                to.Int(r.Slot.Milliseconds);
                to.Bool(r.Late);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(reply), reply.GetType().Name, "A reply without a number.");
        }
    }

    public static HallReply? Read(ref ByteReader from)
    {
        switch (from.Byte())
        {
            case 0: return null;
            case 1: return Issued(ref from);
            case 12: return Issued(ref from) with { MayNotBeServed = true };
            case 2: return Ticket(ref from);
            case 3:
                var finished = from.Bool() ? Ticket(ref from) : null;
                return new NextReply(finished, from.Bool() ? Ticket(ref from) : null);
            case 4:
                return new WindowReply(new(from.Id()), from.Enum<WindowStatus>(), from.Bool() ? from.Id() : null, from.Staff(),
                    from.Byte() is var reason and > 0 ? (PauseReason)(reason - 1) : null, from.OptionalInstant(), from.Bool() ? from.Id() : null);
            case 5: return new HolderReply(Id(ref from), from.Id(), from.Enum<TicketState>());
            case 6: return new RatingReply(Id(ref from), from.Id(), from.Small(), from.Enum<Grade>());
            case 7: return new ConfiguredReply(new(from.Id()), checked((uint)from.Var()), new TextHash(from.U128()), from.Bool());
            case 8: return new SuspensionReply(from.Bool(), from.Lines(), from.Services());
            case 9: return new NoticeReply(from.Long(), from.Instant());
            case 10: return new AppointmentReply(from.Id(), new(from.Id()), from.Instant(), from.OptionalInstant(), from.OptionalInstant(), from.Enum<AppointmentState>());
            case 11: return new CheckedInReply(Issued(ref from), from.Id(), from.Instant(), from.Bool());
            case var kind: throw Unknown(kind);
        }
    }

    /// <summary>Passes over a reply, checking all that <see cref="Read"/> checks but its texts.</summary>
    /// <exception cref="FormatException">Not a reply, or one of a newer program.</exception>
    public static void Skip(ref ByteReader from)
    {
        switch (from.Byte())
        {
            case 0: break;
            case 1 or 12: SkipIssued(ref from); break;
            case 2: SkipTicket(ref from); break;
            case 3:
                if (from.Bool()) SkipTicket(ref from);
                if (from.Bool()) SkipTicket(ref from);
                break;
            case 4:
                SkipTexts(ref from, 1);
                from.Enum<WindowStatus>();
                if (from.Bool()) SkipTexts(ref from, 1);
                if (from.Bool()) SkipTexts(ref from, 1);
                from.Byte();
                from.OptionalInstant();
                if (from.Bool()) SkipTexts(ref from, 1);
                break;
            case 5:
                SkipId(ref from);
                SkipTexts(ref from, 1);
                from.Enum<TicketState>();
                break;
            case 6:
                SkipId(ref from);
                SkipTexts(ref from, 1);
                from.Small();
                from.Enum<Grade>();
                break;
            case 7:
                SkipTexts(ref from, 1);
                from.Var();
                from.U128();
                from.Bool();
                break;
            case 8:
                from.Bool();
                SkipTexts(ref from, from.Count());
                SkipTexts(ref from, from.Count());
                break;
            case 9:
                from.Var();
                from.Int();
                break;
            case 10:
                SkipTexts(ref from, 2);
                from.Int();
                from.OptionalInstant();
                from.OptionalInstant();
                from.Enum<AppointmentState>();
                break;
            case 11:
                SkipIssued(ref from);
                SkipTexts(ref from, 1);
                from.Int();
                from.Bool();
                break;
            case var kind: throw Unknown(kind);
        }
    }

    private static FormatException Unknown(byte kind) => new($"A reply of kind {kind} is not known: use a newer program.");

    private static void SkipId(ref ByteReader from)
    {
        from.Var();
        from.Var();
    }

    private static void SkipTexts(ref ByteReader from, int count)
    {
        for (; count > 0; count--) from.Raw(from.Count());
    }

    private static void SkipIssued(ref ByteReader from)
    {
        SkipId(ref from);
        SkipTexts(ref from, 3);
        from.Enum<TicketState>();
        from.Small();
        if (from.Bool())
        {
            from.Small();
            from.Small();
            from.Small();
        }
        from.Int();
    }

    private static void SkipTicket(ref ByteReader from)
    {
        SkipId(ref from);
        SkipTexts(ref from, 4);
        from.Enum<TicketState>();
        from.Int();
        from.OptionalInstant();
        from.Small();
        from.Byte();
        from.Small();
        if (from.Bool()) SkipTexts(ref from, 1);
        from.Byte();
    }

    private static void Id(ByteWriter to, TicketId id)
    {
        to.Var(id.Hall);
        to.Var((ulong)id.Ordinal);
    }

    private static TicketId Id(ref ByteReader from) => new(checked((uint)from.Var()), from.Long());

    private static void Issued(ByteWriter to, IssuedReply r)
    {
        Id(to, r.Id);
        to.String(r.Number);
        to.String(r.Line.Value);
        to.String(r.Service.Value);
        to.Byte((byte)r.State);
        to.Var((ulong)r.Ahead);
        to.Bool(r.Estimate is not null);
        if (r.Estimate is { } e)
        {
            to.Var((ulong)e.LowSeconds);
            to.Var((ulong)e.MedianSeconds);
            to.Var((ulong)e.HighSeconds);
        }
        to.Int(r.IssuedAt.Milliseconds);
    }

    private static IssuedReply Issued(ref ByteReader from) => new(Id(ref from), from.Id(), new(from.Id()), new(from.Id()), from.Enum<TicketState>(), from.Small(),
        from.Bool() ? new Estimate(from.Small(), from.Small(), from.Small()) : null, from.Instant());

    private static void Ticket(ByteWriter to, TicketReply r)
    {
        Id(to, r.Id);
        to.String(r.Number);
        to.String(r.Line.Value);
        to.String(r.Service.Value);
        to.String(r.Class.Value);
        to.Byte((byte)r.State);
        to.Int(r.Since.Milliseconds);
        to.Optional(r.CalledAt?.Milliseconds);
        to.Var((ulong)r.Times);
        to.Byte(r.Reason is { } reason ? (byte)(reason + 1) : (byte)0);
        to.Var((ulong)r.Overtook);
        to.Optional(r.FirstOvertaken);
        to.Byte(r.Outcome is { } outcome ? (byte)(outcome + 1) : (byte)0);
    }

    private static TicketReply Ticket(ref ByteReader from) => new(Id(ref from), from.Id(), new(from.Id()), new(from.Id()), new(from.Id()), from.Enum<TicketState>(), from.Instant(),
        from.OptionalInstant(), from.Small(), from.Byte() is var reason and > 0 ? (CallReason)(reason - 1) : null, from.Small(), from.Bool() ? from.Id() : null,
        from.Byte() is var outcome and > 0 ? (FinishOutcome)(outcome - 1) : null);
}
