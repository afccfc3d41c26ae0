using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>
/// Events as payloads of journal records (docs/journal-format.md). Type numbers are never reused; a payload whose layout changes gets a new version, and every version ever written is read.
/// </summary>
public static class EventCodec
{
    /// <summary>The type that ends a hall's day: what may be archived is told by it.</summary>
    internal const int DayEndedType = 22;

    /// <summary>The layout all types are written in now.</summary>
    public const int Version = 1;

    /// <summary>Writes the payload and returns the type number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An event without a number.</exception>
    public static int Write(ByteWriter to, HallEvent @event)
    {
        switch (@event)
        {
            case HallConfigured e:
                to.Var(e.Number);
                to.Var((ulong)e.Document.Length);
                to.Blob(e.Document.Packed);
                to.Int(e.Day.DayNumber);
                to.Int(e.DayEndsAt.Milliseconds);
                return 1;
            case TicketIssued e:
                to.Var((ulong)e.Ticket);
                to.String(e.Number);
                to.String(e.Service.Value);
                to.String(e.Line.Value);
                to.String(e.Class.Value);
                to.Byte((byte)e.Granted);
                to.Optional(e.Person?.Value);
                to.Byte((byte)e.Source);
                to.Bool(e.Printed);
                to.Var((ulong)e.Ahead);
                to.Bool(e.Estimate is not null);
                if (e.Estimate is { } estimate)
                {
                    to.Var((ulong)estimate.LowSeconds);
                    to.Var((ulong)estimate.MedianSeconds);
                    to.Var((ulong)estimate.HighSeconds);
                }
                to.Optional(e.Override?.Value);
                return 2;
            case TicketPrinted e: to.Var((ulong)e.Ticket); return 3;
            case TicketVoided e: to.Var((ulong)e.Ticket); return 4;
            case TicketCalled e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Optional(e.Staff?.Value);
                to.Byte((byte)e.Reason);
                to.Var((ulong)e.Overtook);
                to.Optional(e.FirstOvertaken);
                to.Optional(e.Why?.Value);
                return 5;
            case TicketRecalled e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Bool(e.Counted);
                return 6;
            case ServiceStarted e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Byte((byte)e.How);
                to.Int(e.StartedAt.Milliseconds);
                return 7;
            case ServiceFinished e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Optional(e.Staff?.Value);
                to.Byte((byte)e.Outcome);
                to.Optional(e.Missing?.Value);
                to.Var((ulong)e.Items);
                return 8;
            case TicketMissed e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Var((ulong)e.Misses);
                return 9;
            case TicketReturned e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Leg);
                to.Int(e.Since.Milliseconds);
                to.Optional(e.ReservedFor?.Value);
                to.Bool(e.First);
                return 10;
            case TicketCancelled e: to.Var((ulong)e.Ticket); return 11;
            case TicketExpired e: to.Var((ulong)e.Ticket); return 12;
            case ServiceRated e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Byte((byte)e.Grade);
                to.List(e.Tags, static (w, tag) => w.String(tag));
                to.Optional(e.Comment?.Value);
                to.Bool(e.OnPad);
                return 13;
            case WindowOpened e: Seat(to, e.Window, e.Occupant); return 14;
            case WindowClosed e: to.String(e.Window.Value); return 15;
            case WindowPaused e:
                to.String(e.Window.Value);
                to.Byte((byte)e.Reason);
                to.Optional(e.Until?.Milliseconds);
                return 16;
            case WindowResumed e: to.String(e.Window.Value); return 17;
            case WindowTakenOver e: Seat(to, e.Window, e.Occupant); return 18;
            case WindowProfileChanged e:
                to.String(e.Window.Value);
                to.List(e.Profile, Profile);
                return 19;
            case Suspended e:
                to.List(e.Lines, static (w, line) => w.String(line.Value));
                to.List(e.Services, static (w, service) => w.String(service.Value));
                to.U128(e.Reason.Value);
                to.Optional(e.Until?.Milliseconds);
                return 20;
            case Resumed e:
                to.List(e.Lines, static (w, line) => w.String(line.Value));
                to.List(e.Services, static (w, service) => w.String(service.Value));
                return 21;
            case DayEnded e:
                to.Int(e.Day.DayNumber);
                to.Int(e.NextDay.DayNumber);
                to.Int(e.NextDayEndsAt.Milliseconds);
                return DayEndedType;
            case DayForgotten e: to.Int(e.Day.DayNumber); return 23;
            case NoticePosted e:
                to.U128(e.Text.Value);
                to.Optional(e.Zone?.Value);
                to.Int(e.Until.Milliseconds);
                return 24;
            case NoticeEnded e: to.Var((ulong)e.Notice); return 25;
            case TicketChanged e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Leg);
                to.String(e.Service.Value);
                to.String(e.Line.Value);
                to.Int(e.Since.Milliseconds);
                return 26;
            case TicketHeld e: Leg(to, e.Ticket, e.Leg, e.Window); return 27;
            case TicketAway e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Leg);
                to.Int(e.Until.Milliseconds);
                return 28;
            case TicketBack e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Leg);
                to.Optional(e.ReservedFor?.Value);
                to.Bool(e.First);
                return 29;
            case TicketTransferred e:
                Leg(to, e.Ticket, e.Leg, e.From);
                to.String(e.Service.Value);
                to.String(e.Line.Value);
                to.Int(e.Since.Milliseconds);
                to.Optional(e.ReservedFor?.Value);
                to.Bool(e.ReturnHere);
                return 30;
            case StageMarked e:
                Leg(to, e.Ticket, e.Leg, e.Window);
                to.Byte((byte)e.Stage);
                return 31;
            case ClassChanged e:
                to.Var((ulong)e.Ticket);
                to.String(e.Class.Value);
                to.Byte((byte)e.Granted);
                return 32;
            case CasesDeclared e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Cases);
                return 34;
            case OwnerChanged e:
                to.Var((ulong)e.Ticket);
                to.String(e.Owner.Value);
                return 33;
            case JointBegun e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Item);
                to.String(e.Service.Value);
                to.String(e.Line.Value);
                to.List(e.Items, Item);
                return 35;
            case LegBegun e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Leg);
                to.Var((ulong)e.Item);
                to.String(e.Service.Value);
                to.String(e.Line.Value);
                to.Int(e.Since.Milliseconds);
                return 36;
            case SlipGiven e:
                to.Var((ulong)e.Ticket);
                to.String(e.Service.Value);
                to.Var((ulong)e.Times);
                to.Int(e.Until.Milliseconds);
                to.Optional(e.Missing?.Value);
                return 37;
            case SlipShown e:
                to.Var((ulong)e.Ticket);
                to.Var((ulong)e.Slip);
                to.Var((ulong)e.Times);
                return 38;
            case HolidaysAnnounced e:
                ScheduleBytes.Write(to, e.Holidays);
                to.Int(e.DayEndsAt.Milliseconds);
                return 39;
            case ScheduleReached e: ScheduleBytes.Write(to, e.Schedule); return 45;
            case StandInChanged e:
                to.String(e.Window.Value);
                to.Optional(e.At?.Value);
                return 46;
            case AppointmentBooked e:
                to.String(e.Code);
                to.String(e.Service.Value);
                Times(to, e.Slot, e.Ends, e.From, e.Until);
                to.Optional(e.Person?.Value);
                return 40;
            case AppointmentMoved e:
                to.String(e.Code);
                Times(to, e.Slot, e.Ends, e.From, e.Until);
                return 41;
            case AppointmentCancelled e:
                to.String(e.Code);
                to.String(e.Service.Value);
                to.Int(e.Slot.Milliseconds);
                return 42;
            case AppointmentReleased e: to.String(e.Code); return 43;
            case AppointmentCheckedIn e:
                to.String(e.Code);
                to.Var((ulong)e.Ticket);
                to.Int(e.Since.Milliseconds);
                to.Bool(e.Late);
                return 44;
            default: throw new ArgumentOutOfRangeException(nameof(@event), @event.GetType().Name, "An event without a type number.");
        }
    }

    /// <exception cref="FormatException">A type or version this program does not know, or bytes that do not fit it.</exception>
    public static HallEvent Read(int type, int version, ReadOnlySpan<byte> payload)
    {
        if (version != Version) throw new FormatException($"Event type {type} has version {version}; this program reads {Version}: use a newer one.");
        var from = new ByteReader(payload);
        var @event = Read(type, ref from);
        if (from.Left != 0) throw new FormatException($"Event type {type} has {from.Left} bytes too many.");
        return @event;
    }

    private static HallEvent Read(int type, ref ByteReader from)
    {
        switch (type)
        {
            case 1:
                var number = checked((uint)from.Var());
                var length = checked((int)from.Var());
                return new HallConfigured(number, PackedDocument.FromPacked(from.Blob(), length), from.Day(), from.Instant());
            case 2:
                return new TicketIssued(from.Long(), from.Id(), new(from.Id()), new(from.Id()), new(from.Id()), (Grants)from.Byte(),
                    from.OptionalU128() is { } person ? new PersonId(person) : null, from.Enum<TicketSource>(), from.Bool(), from.Small(),
                    from.Bool() ? new Estimate(from.Small(), from.Small(), from.Small()) : null, from.Hash());
            case 3: return new TicketPrinted(from.Long());
            case 4: return new TicketVoided(from.Long());
            case 5:
                return new TicketCalled(from.Long(), from.Small(), new(from.Id()), from.Staff(), from.Enum<CallReason>(), from.Small(), from.OptionalLong(), from.Hash());
            case 6: return new TicketRecalled(from.Long(), from.Small(), new(from.Id()), from.Bool());
            case 7: return new ServiceStarted(from.Long(), from.Small(), new(from.Id()), from.Enum<StartKind>(), from.Instant());
            case 8: return new ServiceFinished(from.Long(), from.Small(), new(from.Id()), from.Staff(), from.Enum<FinishOutcome>(), from.Hash(), from.Small());
            case 9: return new TicketMissed(from.Long(), from.Small(), new(from.Id()), from.Small());
            case 10: return new TicketReturned(from.Long(), from.Small(), from.Instant(), from.Window(), from.Bool());
            case 11: return new TicketCancelled(from.Long());
            case 12: return new TicketExpired(from.Long());
            case 13: return new ServiceRated(from.Long(), from.Small(), new(from.Id()), from.Enum<Grade>(), from.Strings(), from.Hash(), from.Bool());
            case 14: return new WindowOpened(new(from.Id()), from.Occupant());
            case 15: return new WindowClosed(new(from.Id()));
            case 16: return new WindowPaused(new(from.Id()), from.Enum<PauseReason>(), from.OptionalInstant());
            case 17: return new WindowResumed(new(from.Id()));
            case 18: return new WindowTakenOver(new(from.Id()), from.Occupant());
            case 19: return new WindowProfileChanged(new(from.Id()), from.Profile());
            case 20: return new Suspended(from.Lines(), from.Services(), new TextHash(from.U128()), from.OptionalInstant());
            case 21: return new Resumed(from.Lines(), from.Services());
            case DayEndedType: return new DayEnded(from.Day(), from.Day(), from.Instant());
            case 23: return new DayForgotten(from.Day());
            case 24: return new NoticePosted(new TextHash(from.U128()), from.Bool() ? new ZoneId(from.Id()) : null, from.Instant());
            case 25: return new NoticeEnded(from.Long());
            case 26: return new TicketChanged(from.Long(), from.Small(), new(from.Id()), new(from.Id()), from.Instant());
            case 27: return new TicketHeld(from.Long(), from.Small(), new(from.Id()));
            case 28: return new TicketAway(from.Long(), from.Small(), from.Instant());
            case 29: return new TicketBack(from.Long(), from.Small(), from.Window(), from.Bool());
            case 30: return new TicketTransferred(from.Long(), from.Small(), new(from.Id()), new(from.Id()), new(from.Id()), from.Instant(), from.Window(), from.Bool());
            case 31: return new StageMarked(from.Long(), from.Small(), new(from.Id()), from.Enum<Stage>());
            case 32: return new ClassChanged(from.Long(), new(from.Id()), (Grants)from.Byte());
            case 33: return new OwnerChanged(from.Long(), new(from.Id()));
            case 34: return new CasesDeclared(from.Long(), from.Small());
            case 35: return new JointBegun(from.Long(), from.Small(), new(from.Id()), new(from.Id()), from.Items());
            case 36: return new LegBegun(from.Long(), from.Small(), from.Small(), new(from.Id()), new(from.Id()), from.Instant());
            case 37: return new SlipGiven(from.Long(), new(from.Id()), from.Small(), from.Instant(), from.Hash());
            case 38: return new SlipShown(from.Long(), from.Long(), from.Small());
            case 39: return new HolidaysAnnounced(from.Holidays(), from.Instant());
            case 40:
                return new AppointmentBooked(from.Id(), new(from.Id()), from.Instant(), from.Instant(), from.Instant(), from.Instant(), from.OptionalU128() is { } who ? new PersonId(who) : null);
            case 41: return new AppointmentMoved(from.Id(), from.Instant(), from.Instant(), from.Instant(), from.Instant());
            case 42: return new AppointmentCancelled(from.Id(), new(from.Id()), from.Instant());
            case 43: return new AppointmentReleased(from.Id());
            case 44: return new AppointmentCheckedIn(from.Id(), from.Long(), from.Instant(), from.Bool());
            case 45: return new ScheduleReached(from.Schedule());
            case 46: return new StandInChanged(new(from.Id()), from.Window());
            default: throw new FormatException($"Event type {type} is not known: use a newer program.");
        }
    }

    private static void Times(ByteWriter to, Instant slot, Instant ends, Instant from, Instant until)
    {
        to.Int(slot.Milliseconds);
        to.Int(ends.Milliseconds);
        to.Int(from.Milliseconds);
        to.Int(until.Milliseconds);
    }

    private static void Leg(ByteWriter to, long ticket, int leg, WindowId window)
    {
        to.Var((ulong)ticket);
        to.Var((ulong)leg);
        to.String(window.Value);
    }

    private static void Seat(ByteWriter to, WindowId window, Occupant occupant)
    {
        to.String(window.Value);
        to.String(occupant.Account);
        to.Optional(occupant.Staff?.Value);
    }

    internal static void Item(ByteWriter to, JointLegSettings item)
    {
        to.String(item.Service.Value);
        to.List(item.After, static (w, service) => w.String(service.Value));
    }

    internal static void Profile(ByteWriter to, ProfileLine line)
    {
        to.String(line.Line.Value);
        to.Var((ulong)line.AfterMinutes);
        to.Var((ulong)line.OnlyAfterWaitMinutes);
    }
}

/// <summary>The hall's own kinds of values in bytes.</summary>
internal static class HallBytes
{
    public static void Optional(this ByteWriter to, string? value)
    {
        to.Bool(value is not null);
        if (value is not null) to.String(value);
    }

    public static void Optional(this ByteWriter to, long? value)
    {
        to.Bool(value is not null);
        if (value is { } v) to.Int(v);
    }

    public static void Optional(this ByteWriter to, UInt128? value)
    {
        to.Bool(value is not null);
        if (value is { } v) to.U128(v);
    }

    public static void List<T>(this ByteWriter to, IReadOnlyCollection<T> items, Action<ByteWriter, T> write)
    {
        to.Var((ulong)items.Count);
        foreach (var item in items) write(to, item);
    }

    public static string Id(this ref ByteReader from) => SharedIds.Read(from.Raw(from.Count()));
    public static long Long(this ref ByteReader from) => checked((long)from.Var());
    public static int Small(this ref ByteReader from) => checked((int)from.Var());
    public static Instant Instant(this ref ByteReader from) => new(from.Int());
    public static DateOnly Day(this ref ByteReader from) => DateOnly.FromDayNumber(checked((int)from.Int()));
    public static Instant? OptionalInstant(this ref ByteReader from) => from.Bool() ? new Instant(from.Int()) : null;
    public static long? OptionalLong(this ref ByteReader from) => from.Bool() ? from.Int() : null;
    public static UInt128? OptionalU128(this ref ByteReader from) => from.Bool() ? from.U128() : null;
    public static TextHash? Hash(this ref ByteReader from) => from.Bool() ? new TextHash(from.U128()) : null;
    public static WindowId? Window(this ref ByteReader from) => from.Bool() ? new WindowId(from.Id()) : null;
    public static StaffId? Staff(this ref ByteReader from) => from.Bool() ? new StaffId(from.Id()) : null;
    public static Occupant Occupant(this ref ByteReader from) => new(from.Id(), from.Staff());

    /// <summary>A word of a closed list; a number outside it is a newer program's.</summary>
    public static T Enum<T>(this ref ByteReader from) where T : struct, Enum
    {
        var value = from.Byte();
        return value < Words<T>.Count ? System.Runtime.CompilerServices.Unsafe.BitCast<byte, T>(value) : throw new FormatException($"{typeof(T).Name} has no member {value}: use a newer program.");
    }

    public static string[] Strings(this ref ByteReader from)
    {
        var items = new string[from.Count()];
        for (var i = 0; i < items.Length; i++) items[i] = from.Id();
        return items;
    }

    public static LineId[] Lines(this ref ByteReader from) => Array.ConvertAll(from.Strings(), static s => new LineId(s));
    public static ServiceId[] Services(this ref ByteReader from) => Array.ConvertAll(from.Strings(), static s => new ServiceId(s));

    public static ProfileLine[] Profile(this ref ByteReader from)
    {
        var items = new ProfileLine[from.Count()];
        for (var i = 0; i < items.Length; i++) items[i] = new ProfileLine(new(from.Id()), from.Small(), from.Small());
        return items;
    }

    public static JointLegSettings[] Items(this ref ByteReader from)
    {
        var items = new JointLegSettings[from.Count()];
        for (var i = 0; i < items.Length; i++) items[i] = new JointLegSettings(new(from.Id()), from.Services());
        return items;
    }

    private static class Words<T> where T : struct, Enum
    {
        public static readonly int Count = System.Enum.GetValues<T>().Length;
    }

    /// <summary>
    /// Ids and numbers come again and again: a small direct-mapped table a thread gives the string back without making a new one. A miss makes a string and takes the slot.
    /// </summary>
    private static class SharedIds
    {
        private const int Slots = 8192;
        private const int LongestShared = 32;

        [ThreadStatic]
        private static string?[]? _slots;

        public static string Read(ReadOnlySpan<byte> utf8)
        {
            if (utf8.Length > LongestShared) return Encoding.UTF8.GetString(utf8);
            var slots = _slots ??= new string?[Slots];
            ref var slot = ref slots[Crc32C.Of(utf8) % Slots];
            if (slot is { } known && Ascii.Equals(utf8, known)) return known;
            return slot = Encoding.UTF8.GetString(utf8);
        }
    }
}
